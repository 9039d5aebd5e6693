package io.stellaops.ide

import com.intellij.codeInsight.completion.CompletionContributor
import com.intellij.lang.annotation.ExternalAnnotator
import com.intellij.openapi.actionSystem.ActionUpdateThread
import com.intellij.openapi.options.Configurable
import com.intellij.openapi.startup.ProjectActivity
import com.intellij.openapi.wm.StatusBarWidgetFactory
import com.intellij.openapi.wm.ToolWindowFactory
import com.intellij.platform.backend.documentation.DocumentationTargetProvider
import io.stellaops.core.Words
import io.stellaops.core.command.Command
import io.stellaops.ide.actions.CommandAction
import io.stellaops.ide.ui.StatusWidget
import io.stellaops.ide.ui.StatusWidgetFactory
import io.stellaops.ide.ui.StellaToolWindow
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.w3c.dom.Element
import javax.xml.parsers.DocumentBuilderFactory

/** The plugin's own description. */
object PluginXml {
    private val document = javaClass.getResourceAsStream("/META-INF/plugin.xml")!!.use {
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(it)
    }

    fun all(tag: String): List<Element> =
        document.getElementsByTagName(tag).let { found -> List(found.length) { found.item(it) as Element } }

    /** The classes of the actions. */
    fun actions(): List<Class<*>> = all("action").map { Class.forName(it.getAttribute("class")) }
}

class PluginXmlTest {
    private fun all(tag: String) = PluginXml.all(tag)

    private fun one(tag: String) = all(tag).single()

    @Test
    fun `every extension is of its point's type`() {
        val points = mapOf(
            "postStartupActivity" to ("implementation" to ProjectActivity::class.java),
            "toolWindow" to ("factoryClass" to ToolWindowFactory::class.java),
            "statusBarWidgetFactory" to ("implementation" to StatusBarWidgetFactory::class.java),
            "applicationConfigurable" to ("instance" to Configurable::class.java),
            "externalAnnotator" to ("implementationClass" to ExternalAnnotator::class.java),
            "completion.contributor" to ("implementationClass" to CompletionContributor::class.java),
            "platform.backend.documentation.targetProvider" to
                ("implementation" to DocumentationTargetProvider::class.java),
        )
        for ((tag, wanted) in points) {
            val named = Class.forName(one(tag).getAttribute(wanted.first))
            assertTrue(wanted.second.isAssignableFrom(named), tag)
            assertNotNull(named.getDeclaredConstructor(), tag)
        }
        val listed = one("extensions").childNodes.let { nodes -> List(nodes.length) { nodes.item(it) } }
        assertEquals(points.keys + "notificationGroup", listed.filterIsInstance<Element>().map { it.tagName }.toSet())
    }

    @Test
    fun `there is one action per command, each with its words and off the event thread`() {
        val actions = all("action").associate { it.getAttribute("id") to Class.forName(it.getAttribute("class")) }
        assertEquals(Command.entries.map { it.id }.toSet(), actions.keys)
        for ((id, type) in actions) {
            val action = type.getDeclaredConstructor().newInstance() as CommandAction
            assertEquals(id, action.command.id)
            assertEquals(ActionUpdateThread.BGT, action.actionUpdateThread)
            Words.of("action.$id.text")
        }
        assertEquals(emptySet<String>(), all("reference").map { it.getAttribute("ref") }.toSet() - actions.keys)
        val items = all("group").single {
            it.getAttribute("id") == CommandAction.ITEM_GROUP
        }.getElementsByTagName("reference")
        val onItems = List(items.length) { (items.item(it) as Element).getAttribute("ref") }.toSet()
        assertEquals(Command.entries.filter { it.kinds.isNotEmpty() }.map { it.id }.toSet(), onItems)
    }

    @Test
    fun `ids in the code are those of the file`() {
        assertEquals(StellaToolWindow.ID, one("toolWindow").getAttribute("id"))
        assertEquals(StatusWidget.ID, one("statusBarWidgetFactory").getAttribute("id"))
        assertEquals(StatusWidget.ID, StatusWidgetFactory().id)
        assertEquals(IdePerson.GROUP, one("notificationGroup").getAttribute("id"))
    }

    @Test
    fun `the tool window overrides nothing that is internal to the IDE`() {
        val own = StellaToolWindow::class.java.declaredMethods.filterNot { it.isSynthetic }.map { it.name }.toSet()
        assertEquals(setOf("createToolWindowContent"), own)
    }
}
