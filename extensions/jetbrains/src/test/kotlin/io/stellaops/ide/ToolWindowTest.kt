package io.stellaops.ide

import com.intellij.ide.BrowserUtil
import com.intellij.notification.Notification.Notifications
import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.actionSystem.DataKey
import com.intellij.openapi.actionSystem.DataSink
import com.intellij.openapi.actionSystem.DefaultActionGroup
import com.intellij.openapi.ui.DialogWrapper
import com.intellij.openapi.util.Disposer
import com.intellij.openapi.wm.StatusBar
import com.intellij.openapi.wm.StatusBarWidget
import com.intellij.ui.components.ActionLink
import com.intellij.ui.components.JBTextField
import io.stellaops.core.Ground
import io.stellaops.core.SmallServer
import io.stellaops.core.Words
import io.stellaops.core.present.Rows
import io.stellaops.core.present.State
import io.stellaops.core.present.View
import io.stellaops.ide.Ide.Companion.onEventThread
import io.stellaops.ide.Ide.Companion.within
import io.stellaops.ide.actions.CommandAction
import io.stellaops.ide.settings.SettingsState
import io.stellaops.ide.ui.QuestionDialog
import io.stellaops.ide.ui.StatusWidget
import io.stellaops.ide.ui.StatusWidgetFactory
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.condition.EnabledIfSystemProperty
import java.time.Instant
import java.util.concurrent.CopyOnWriteArrayList
import javax.swing.JTable
import javax.swing.JTree

/** The tool window and the status bar's item, with a real Disposer and declared classes of the IDE around them. */
@Timeout(120)
class ToolWindowTest {
    private fun widget(ide: Ide, updated: MutableList<String>): StatusBarWidget.TextPresentation {
        val widget = StatusWidgetFactory().createWidget(ide.project)
        widget.install(standIn<StatusBar> { _, given -> updated.add(given.single() as String).let { null } })
        return widget.getPresentation() as StatusBarWidget.TextPresentation
    }

    private fun states(ide: Ide) = View.entries.map { ide.panel(it).shown?.state }

    private fun links(ide: Ide, view: View) = within<ActionLink>(ide.panel(view)).map { it.text }

    /** Answers the sign-in's dialog, and opens the Authority's page from the notification with the code. */
    private fun signIn(ide: Ide, person: String, begin: () -> Unit) {
        val opened = CopyOnWriteArrayList<String>()
        DialogWrapper.shown = java.util.function.Predicate { dialog ->
            ((dialog as QuestionDialog).preferredFocusedComponent as JBTextField).text = "acme"
            true
        }
        BrowserUtil.opened = java.util.function.Consumer { opened += it }
        begin()
        while (Notifications.shown.none { it.actions.isNotEmpty() }) Thread.sleep(20)
        val open = Notifications.shown.single { it.actions.isNotEmpty() }.actions.single()
        open.actionPerformed(AnActionEvent(ide.project, "", emptyMap()))
        Ground.ask("/browse?person=$person", opened.single())
        ide.join()
    }

    @Test
    @EnabledIfSystemProperty(named = "stella.ground", matches = ".+")
    fun `a click signs in, the tabs fill, an outage shows its age, and it passes`() = Ide(Ground.settings).use { ide ->
        ide.openWindow()
        assertEquals(listOf("Releases", "Environments", "Deployments", "Integrations"), ide.tabs.map { it.first })
        assertEquals(List(4) { State.SIGNED_OUT }, states(ide))
        assertEquals(listOf("Sign in"), links(ide, View.RELEASES))
        val updated = CopyOnWriteArrayList<String>()
        val widget = widget(ide, updated)
        assertEquals("Stella Ops: sign in", widget.getText())

        signIn(ide, "alice") { onEventThread { widget.getClickConsumer()!!.consume(null) } }
        assertEquals(1, ide.activations.get())
        assertEquals(Words.of("signIn.done", "alice", "acme"), Notifications.shown.last().content)
        assertEquals(List(4) { null }, states(ide))
        for (view in View.entries) {
            val wanted = Rows(StellaOps.get().store.snapshot, Instant.now()).of(view)
            assertTrue(wanted.isNotEmpty(), view.id)
            assertEquals(wanted.map { it.id }, ide.panel(view).rows.map { it.id })
        }
        assertTrue(within<JTree>(ide.panel(View.RELEASES)).single().rowCount > 0)
        val table = within<JTable>(ide.panel(View.DEPLOYMENTS)).single()
        assertEquals(ide.panel(View.DEPLOYMENTS).rows.size, table.rowCount)
        assertTrue(
            widget.getText().matches(Regex("Stella Ops: acme · \\d+ waiting · \\d+ unhealthy")),
            widget.getText(),
        )
        assertTrue(updated.isNotEmpty() && updated.all { it == StatusWidget.ID })
        assertOnlySafe(ide)

        val before = ide.panel(View.RELEASES).rows
        Ground.ask("/platform/stop")
        try {
            ide.refresh()
            assertEquals(listOf(State.OFFLINE, State.OFFLINE, State.OFFLINE, null), states(ide))
            assertEquals(Words.of("state.offline", Words.of("age.now")), ide.panel(View.RELEASES).shown!!.text)
            assertEquals(before.map { it.id }, ide.panel(View.RELEASES).rows.map { it.id })
            assertEquals("Stella Ops: acme offline", widget.getText())
            assertEquals(listOf("Refresh", "Show log"), links(ide, View.RELEASES))
        } finally {
            Ground.ask("/platform/start")
        }
        onEventThread { within<ActionLink>(ide.panel(View.RELEASES)).first().doClick() }
        ide.join()
        assertEquals(List(4) { null }, states(ide))

        val activated = ide.activations.get()
        onEventThread { widget.getClickConsumer()!!.consume(null) }
        assertEquals(activated + 1, ide.activations.get())
        assertNull(StellaOps.get().settings.problems().firstOrNull())
    }

    /** The refresh token is in the password safe, the access token in memory, and neither anywhere else. */
    private fun assertOnlySafe(ide: Ide) {
        val kept = ide.safe.values.single()
        val refresh = kept.substringAfter("\"refreshToken\":\"").substringBefore('"')
        val access = runBlocking { StellaOps.get().session.token() }
        assertTrue(refresh.length > 20 && access.length > 20)
        assertFalse(access in kept)
        val state = SettingsState.get().state
        val settings = state.javaClass.declaredFields.joinToString {
            it.apply { isAccessible = true }.get(state).toString()
        }
        val written = settings + StellaOps.get().journal.text() + Notifications.shown.joinToString { it.content }
        assertTrue("jetbrains-stella-ops" in written && "alice" in written)
        for (token in listOf(refresh, access)) assertFalse(token in written)
    }

    @Test
    fun `nothing there, and nobody there, is said with what to do`() = SmallServer().use { server ->
        val secret = server.pocket().secret
        Ide(server.settings, secret).use { ide ->
            ide.openWindow()
            assertEquals(List(4) { State.LOADING }, states(ide))
            ide.refresh()
            assertEquals(List(4) { State.EMPTY }, states(ide))
            assertEquals(listOf("Refresh"), links(ide, View.INTEGRATIONS))
        }
        server.close()
        Ide(server.settings, secret).use { ide ->
            ide.openWindow()
            ide.refresh()
            assertEquals(List(4) { State.OFFLINE_EMPTY }, states(ide))
            val said = Words.of("state.offlineEmpty", Words.of("offline.refused"))
            assertEquals(said, ide.panel(View.RELEASES).shown!!.text)
            assertEquals("Stella Ops: no answer", widget(ide, ArrayList()).getText())
            assertEquals(1, ide.safe.size, "the sign-in is kept")
        }
    }

    @Test
    fun `a tab that was closed shows nothing more`() = SmallServer().use { server ->
        Ide(server.settings, server.pocket().secret).use { ide ->
            ide.openWindow()
            val (_, panel, disposer) = ide.tabs.first()
            assertSame(panel, disposer)
            Disposer.dispose(disposer)
            ide.refresh()
            assertEquals(State.LOADING, panel.shown?.state)
            assertEquals(State.EMPTY, ide.tabs.last().second.shown?.state)
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "stella.ground", matches = ".+")
    fun `the selected row is what the menu acts on, and it stays selected`() = Ide(Ground.settings).use { ide ->
        ide.openWindow()
        signIn(ide, "alice") { ide.tasks.run(io.stellaops.core.command.Command.SIGN_IN) }
        val panel = ide.panel(View.RELEASES)
        val tree = within<JTree>(panel).single()
        assertTrue(tree.getClientProperty(CommandAction.ITEM_PLACE) is DefaultActionGroup)
        val given = HashMap<String, Any?>()
        val sink = object : DataSink {
            override fun <T : Any> set(key: DataKey<T>, data: T?) {
                given[key.name] = data
            }
        }
        onEventThread { panel.uiDataSnapshot(sink) }
        assertEquals(emptyMap<String, Any?>(), given)
        onEventThread { tree.setSelectionRow(1) }
        onEventThread { panel.uiDataSnapshot(sink) }
        assertEquals(mapOf<String, Any?>(CommandAction.ROW.name to panel.rows[1]), given)
        Ground.ask("/platform/stop")
        Ground.ask("/platform/start")
        ide.refresh()
        onEventThread { panel.uiDataSnapshot(sink) }
        assertEquals(panel.rows[1], given[CommandAction.ROW.name])
    }
}
