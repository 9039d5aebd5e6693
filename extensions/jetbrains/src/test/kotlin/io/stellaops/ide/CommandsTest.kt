package io.stellaops.ide

import com.intellij.notification.Notification.Notifications
import com.intellij.notification.NotificationType
import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.actionSystem.DefaultActionGroup
import com.intellij.openapi.ui.MessageDialogBuilder
import com.intellij.testFramework.LightVirtualFile
import io.stellaops.core.SmallServer
import io.stellaops.core.command.Command
import io.stellaops.core.platform.Integration
import io.stellaops.core.present.Annotation
import io.stellaops.core.present.Group
import io.stellaops.core.yaml.Named
import io.stellaops.core.yaml.Span
import io.stellaops.ide.Ide.Companion.onEventThread
import io.stellaops.ide.editor.GutterAction
import io.stellaops.ide.settings.SettingsPage
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout

/** What the commands do in the IDE: the gutter, editors, pages, notifications. */
@Timeout(60)
class CommandsTest {
    private val server = SmallServer()
    private val ide = Ide(server.settings, server.pocket().secret)

    @AfterEach
    fun close() {
        ide.close()
        server.close()
    }

    private fun run(command: Command) {
        onEventThread { ide.tasks.run(command) }
        ide.join()
    }

    @Test
    fun `the icon beside an integration tells, and a click checks it`() {
        val harbor = Integration("i", "harbor-prod", "harbor", "healthy", null, null, null, false, null)
        val named = Named("integration", "harbor-prod", Span(0, 11))
        val commands = listOf("stellaOps.checkIntegration")
        val gutter =
            GutterAction(Annotation("annotation.integration", named, "harbor · Healthy", Group.DONE, commands, harbor))
        assertEquals("harbor-prod: harbor · Healthy", gutter.tooltipText)
        assertEquals(gutter.tooltipText, gutter.accessibleName)
        val action = (gutter.popupMenuActions as DefaultActionGroup).actions().single()
        assertEquals("Check integration now", action.templatePresentation.text)
        val event = AnActionEvent(ide.project, "", emptyMap())
        assertTrue(event.also(action::update).presentation.isEnabledAndVisible)
        onEventThread { gutter.clickAction!!.actionPerformed(event) }
        ide.join()
        assertTrue("/api/v1/integrations/i/health-check" in server.asked)
        run(Command.SIGN_OUT)
        assertFalse(event.also(action::update).presentation.isEnabledAndVisible)
        assertEquals(emptyMap<String, String>(), ide.safe, "the password safe forgets it, too")
    }

    @Test
    fun `the log, the document and the settings open`() {
        run(Command.REFRESH)
        run(Command.SHOW_LOG)
        run(Command.OPEN_STELLA_YAML)
        assertEquals(listOf("Stella Ops log.txt", "stella.yml"), ide.files.map { it.name })
        val log = (ide.files.first() as LightVirtualFile).content.toString()
        assertTrue(log.contains("0 releases"), log)
        assertFalse(ide.files.first().isWritable)
        run(Command.OPEN_SETTINGS)
        assertEquals(listOf<Class<*>>(SettingsPage::class.java), ide.pages)
    }

    @Test
    fun `what a server says is text, and a confirmation is asked as it is meant`() = runBlocking {
        val person = IdePerson(ide.project)
        person.warn("<b>no</b> & nothing")
        val shown = Notifications.shown.single()
        assertEquals("&lt;b&gt;no&lt;/b&gt; &amp; nothing" to NotificationType.WARNING, shown.content to shown.type)
        assertTrue("<b>no</b> & nothing" in StellaOps.get().journal.text())
        val asked = ArrayList<String>()
        MessageDialogBuilder.answer = { asked.add(it) }
        assertTrue(person.confirm("Promote release…", "To production?", "Promote"))
        assertEquals(listOf("Promote release…: To production?"), asked)
    }
}
