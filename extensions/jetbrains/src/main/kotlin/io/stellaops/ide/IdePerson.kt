package io.stellaops.ide

import com.intellij.ide.BrowserUtil
import com.intellij.notification.NotificationAction
import com.intellij.notification.NotificationGroupManager
import com.intellij.notification.NotificationType
import com.intellij.openapi.application.EDT
import com.intellij.openapi.fileEditor.FileEditorManager
import com.intellij.openapi.project.Project
import com.intellij.openapi.ui.MessageDialogBuilder
import com.intellij.testFramework.LightVirtualFile
import io.stellaops.core.Words
import io.stellaops.core.command.Person
import io.stellaops.core.command.Question
import io.stellaops.core.signin.DeviceCode
import io.stellaops.ide.ui.QuestionDialog
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.awt.Desktop
import java.awt.GraphicsEnvironment

/** The person at the IDE: dialogs on the event thread, notifications of one group. */
class IdePerson(private val project: Project) : Person {
    override suspend fun ask(question: Question): Map<String, String>? = withContext(Dispatchers.EDT) {
        val dialog = QuestionDialog(project, question)
        if (dialog.showAndGet()) dialog.answers() else null
    }

    override suspend fun confirm(title: String, text: String, action: String): Boolean = withContext(Dispatchers.EDT) {
        MessageDialogBuilder.yesNo(title, text).yesText(action).noText(Words.of("cancel")).ask(project)
    }

    override suspend fun tell(text: String) = notify(text, NotificationType.INFORMATION)

    override suspend fun warn(text: String) = notify(text, NotificationType.WARNING)

    override suspend fun browse(url: String): Boolean {
        if (GraphicsEnvironment.isHeadless() || !Desktop.isDesktopSupported()) return false
        withContext(Dispatchers.EDT) { BrowserUtil.browse(url) }
        return true
    }

    override suspend fun show(title: String, text: String) = withContext(Dispatchers.EDT) {
        val page = LightVirtualFile("$title.txt", text).apply { isWritable = false }
        FileEditorManager.getInstance(project).openFile(page, true)
        Unit
    }

    override suspend fun showCode(code: DeviceCode) {
        val open = NotificationAction.createSimple(Words.of("signIn.openPage")) {
            BrowserUtil.browse(code.completeUrl ?: code.url)
        }
        val text = Words.of("signIn.enterCode", code.userCode, code.url)
        group().createNotification(escaped(text), NotificationType.INFORMATION).addAction(open).notify(project)
    }

    private fun notify(text: String, type: NotificationType) {
        StellaOps.get().journal.add(text)
        group().createNotification(escaped(text), type).notify(project)
    }

    private fun group() = NotificationGroupManager.getInstance().getNotificationGroup(GROUP)

    /** A notification is HTML, and a server's sentence is text. */
    private fun escaped(text: String) = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    companion object {
        /** The id of the group in plugin.xml. */
        const val GROUP = "Stella Ops"
    }
}
