package io.stellaops.ide

import com.intellij.codeInsight.completion.CompletionParameters
import com.intellij.codeInsight.completion.CompletionResultSet
import com.intellij.codeInsight.lookup.LookupElement
import com.intellij.ide.passwordSafe.PasswordSafe
import com.intellij.notification.Notification.Notifications
import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.actionSystem.DataKey
import com.intellij.openapi.options.ConfigurationException
import com.intellij.openapi.project.Project
import com.intellij.platform.backend.documentation.DocumentationResult
import com.intellij.platform.ide.progress.progresses
import com.intellij.psi.PsiFile
import com.intellij.ui.components.JBTextField
import io.stellaops.core.SmallServer
import io.stellaops.core.command.Command
import io.stellaops.core.platform.Integration
import io.stellaops.core.platform.Promotion
import io.stellaops.core.platform.Release
import io.stellaops.core.present.Group
import io.stellaops.core.present.Row
import io.stellaops.core.shared
import io.stellaops.ide.Ide.Companion.onEventThread
import io.stellaops.ide.Ide.Companion.within
import io.stellaops.ide.actions.CommandAction
import io.stellaops.ide.editor.StellaAnnotator
import io.stellaops.ide.editor.StellaCompletion
import io.stellaops.ide.editor.StellaDocumentation
import io.stellaops.ide.settings.SettingsPage
import io.stellaops.ide.settings.SettingsState
import io.stellaops.ide.ui.StatusWidget
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import java.util.concurrent.CountDownLatch

/** Actions, tasks and settings of a project, and what parity.json says of the editor. */
@Timeout(60)
class ProjectTest {
    private val server = SmallServer()
    private val opened = ArrayList<Ide>()

    private fun ide(scopes: String = server.settings.scopes) =
        Ide(server.settings, server.pocket().secret!!.replace(server.settings.scopes, scopes)).also(opened::add)

    @AfterEach
    fun close() {
        opened.asReversed().forEach(Ide::close)
        server.close()
    }

    private fun row(kind: String, target: Any) = Row(kind, "x", Group.OTHER, emptyMap(), emptyMap(), target)

    private val harbor =
        row("integration", Integration("i", "harbor", "harbor", "healthy", null, null, null, false, null, PAGE))

    /** The commands whose actions are enabled. */
    private fun enabled(project: Project?, row: Row? = null, place: String = CommandAction.ITEM_PLACE): Set<Command> {
        val data: Map<DataKey<*>, Any> = row?.let { mapOf<DataKey<*>, Any>(CommandAction.ROW to it) }.orEmpty()
        return PluginXml.actions().map { it.getDeclaredConstructor().newInstance() as CommandAction }.filter { action ->
            AnActionEvent(project, place, data).also(action::update).presentation.isEnabledAndVisible
        }.map { it.command }.toSet()
    }

    @Test
    fun `actions are enabled by sign-in, scopes and selection`() {
        val always = setOf(Command.REFRESH, Command.OPEN_STELLA_YAML, Command.OPEN_SETTINGS, Command.SHOW_LOG)
        val somebody = ide()
        val all = Command.entries.toSet() - Command.SIGN_IN - Command.OPEN_IN_BROWSER
        assertEquals(all, enabled(somebody.project))
        assertEquals(emptySet<Command>(), enabled(null))
        val onHarbor = setOf(Command.CHECK, Command.SHOW_HISTORY, Command.OPEN_IN_BROWSER)
        assertEquals(onHarbor, enabled(somebody.project, harbor))
        assertEquals(all, enabled(somebody.project, harbor, place = "MainMenu"), "the Tools menu asks which one")
        val waiting = promotion("awaiting_approval")
        val onWaiting = setOf(Command.APPROVE, Command.REJECT, Command.OPEN_IN_BROWSER)
        assertEquals(onWaiting, enabled(somebody.project, row("promotion", waiting)))
        assertEquals(
            setOf(Command.OPEN_IN_BROWSER),
            enabled(somebody.project, row("promotion", promotion("deploying"))),
        )
        val draft = Release("r", "checkout", "1", "draft", emptyList(), null, null, PAGE)
        val onDraft = setOf(Command.SHOW_RELEASE, Command.OPEN_IN_BROWSER)
        assertEquals(onDraft, enabled(somebody.project, row("release", draft)))
        assertEquals(
            onDraft + Command.PROMOTE,
            enabled(somebody.project, row("release", draft.copy(status = "finalized"))),
        )
        val withoutPage = row("release", draft.copy(webUrl = null))
        assertEquals(setOf(Command.SHOW_RELEASE), enabled(somebody.project, withoutPage))
        assertEquals(emptySet<Command>(), enabled(somebody.project, row("step", "x")))

        val reader = ide(scopes = "release:read")
        val reading = always + setOf(Command.SIGN_OUT, Command.SELECT_TENANT, Command.SHOW_RELEASE)
        assertEquals(reading, enabled(reader.project))
        assertEquals(setOf(Command.OPEN_IN_BROWSER), enabled(reader.project, harbor))

        val nobody = Ide(server.settings).also(opened::add)
        assertEquals(always + Command.SIGN_IN, enabled(nobody.project))
    }

    private fun promotion(status: String) = Promotion(
        "p", status, "r", "checkout", "1", null, "e", "dev", null, "bob", null, 1, emptyList(), emptyList(), null, null,
        PAGE,
    )

    @Test
    fun `an action runs in the background, and can be cancelled there`() {
        val ide = ide()
        val path = "/api/v1/integrations/i/health-check"
        val gate = CountDownLatch(1).also { server.gates[path] = it }
        val job = onEventThread { ide.tasks.run(Command.CHECK, harbor) }
        while (path !in server.asked) server.arrived.acquire()
        assertEquals(listOf("Stella Ops: Check integration now" to true), progresses.toList())
        runBlocking { job.cancelAndJoin() }
        assertTrue(job.isCancelled)
        gate.countDown()
        ide.join()
        assertEquals(emptyList<String>(), Notifications.shown.map { it.content })
    }

    @Test
    fun `what a project begins ends with it`() {
        val ide = ide()
        val seen = CountDownLatch(1)
        StellaOps.get().store.listen { if (it.listings.all { listing -> listing.at != null }) seen.countDown() }
        repeat(2) { runBlocking { StellaOpsPlugin().execute(ide.project) } }
        seen.await()
        ide.closeProject()
        assertTrue(ide.restarts.get() > 0)
        assertEquals(1, server.asked.count { it == "/api/v1/releases" }, "begun twice, it runs once")
        val restarts = ide.restarts.get()
        StellaOps.get().store.forget()
        onEventThread { }
        assertEquals(restarts, ide.restarts.get())
    }

    @Test
    fun `settings are checked before they are kept`() {
        ide()
        val page = SettingsPage()
        val fields = within<JBTextField>(page.createComponent())
        assertEquals(server.settings.platformUrl, fields.first().text)
        assertFalse(page.isModified)
        fields.first().text = "http://platform.example.com"
        assertTrue(page.isModified)
        assertThrows(ConfigurationException::class.java) { page.apply() }
        assertEquals(server.settings, SettingsState.get().settings)
        fields.first().text = "https://platform.example.com"
        page.apply()
        assertEquals("https://platform.example.com", SettingsState.get().settings.platformUrl)
        assertFalse(page.isModified)
        val again = SettingsState().apply { loadState(SettingsState.get().state) }
        assertEquals(SettingsState.get().settings, again.settings)
    }

    @Test
    fun `the editor has what parity says`() {
        val ide = ide()
        ide.refresh()
        val parity = shared("parity.json")
        val text = "apiVersion: stella-ops/v1\nrelease: checkout\n"
        val file = standIn<PsiFile> { method, _ -> if (method == "getName") "stella.yaml" else text }
        val found = StellaAnnotator().run { doAnnotate(collectInformation(file)) }!!.findings
        val offered = ArrayList<String>()
        val result = object : CompletionResultSet() {
            override fun addElement(element: LookupElement) {
                offered += element.lookupString
            }
        }
        StellaCompletion().fillCompletionVariants(CompletionParameters(file, text.length), result)
        val told = StellaDocumentation().documentationTargets(file, text.indexOf("release")).single()
        val html = (told.computeDocumentation() as DocumentationResult.Documentation).html
        assertEquals("Release", told.computePresentation().presentableText)
        val had = mapOf(
            "diagnostics" to found.any { it.code == "unknown-release" },
            "quickFixes" to found.any { it.fixes.isNotEmpty() },
            "completion" to ("environments: " in offered),
            "hover" to html.startsWith("<b>Release</b><br>The name of the release"),
        )
        assertEquals(parity.texts("editor"), had.filterValues { it }.keys.toList())
        assertEquals(parity.child("statusBar")!!.text("id"), StatusWidget.ID)
        assertEquals(parity.child("signIn")!!.child("tokens")!!.text("jetbrains"), PasswordSafe::class.java.simpleName)
    }
}

private const val PAGE = "https://platform.example.com/x"
