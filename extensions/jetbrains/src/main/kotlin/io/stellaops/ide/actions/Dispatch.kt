package io.stellaops.ide.actions

import com.intellij.openapi.application.EDT
import com.intellij.openapi.fileEditor.FileEditorManager
import com.intellij.openapi.options.ShowSettingsUtil
import com.intellij.openapi.project.Project
import com.intellij.openapi.vfs.LocalFileSystem
import com.intellij.openapi.vfs.VirtualFile
import io.stellaops.core.Words
import io.stellaops.core.command.Command
import io.stellaops.core.command.Deciding
import io.stellaops.core.command.Looking
import io.stellaops.core.command.SigningIn
import io.stellaops.core.platform.Environment
import io.stellaops.core.platform.Integration
import io.stellaops.core.platform.Promotion
import io.stellaops.core.platform.Release
import io.stellaops.core.present.Row
import io.stellaops.ide.IdePerson
import io.stellaops.ide.ProjectTasks
import io.stellaops.ide.StellaOps
import io.stellaops.ide.settings.SettingsPage
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/** Leads from a command to what does it. */
class Dispatch(private val app: StellaOps, private val project: Project) {
    private val person = IdePerson(project)
    private val deciding = Deciding(app.servers, app.store, person)
    private val looking = Looking(app.servers, app.store, person)
    private val signingIn = SigningIn({ app.settings }, { app.transport }, app.session, app.store, person)

    /** Does it, with the item it was given on. */
    suspend fun perform(command: Command, row: Row?) {
        val target = row?.target
        when (command) {
            Command.SIGN_IN -> signingIn.signIn()

            Command.SIGN_OUT -> signingIn.signOut()

            Command.SELECT_TENANT -> signingIn.selectTenant()

            Command.REFRESH -> ProjectTasks.of(project).refresh()

            Command.PROMOTE -> deciding.promote(target as? Release, target as? Environment)

            Command.APPROVE -> deciding.approve(target as? Promotion)

            Command.REJECT -> deciding.reject(target as? Promotion)

            Command.OPEN_IN_BROWSER -> row?.let { looking.open(it) }

            Command.SHOW_RELEASE -> looking.release(releaseId(row))

            Command.CHECK -> looking.check(target as? Integration)

            Command.SHOW_HISTORY -> looking.history(target as? Integration)

            Command.OPEN_STELLA_YAML -> openDocument()

            Command.OPEN_SETTINGS -> withContext(Dispatchers.EDT) {
                ShowSettingsUtil.getInstance().showSettingsDialog(project, SettingsPage::class.java)
            }

            Command.SHOW_LOG -> person.show(Words.of("log.title"), app.journal.text())
        }
    }

    private fun releaseId(row: Row?): String? =
        row?.let(looking::releaseIdOf) ?: (row?.target as? Environment)?.currentRelease?.id

    private suspend fun openDocument() {
        val file = NAMES.firstNotNullOfOrNull(::found) ?: return person.warn(Words.of("document.none"))
        withContext(Dispatchers.EDT) { FileEditorManager.getInstance(project).openFile(file, true) }
    }

    private fun found(name: String): VirtualFile? =
        project.basePath?.let { LocalFileSystem.getInstance().refreshAndFindFileByPath("$it/$name") }

    companion object {
        /** What the document is called. */
        val NAMES = listOf("stella.yaml", "stella.yml")
    }
}
