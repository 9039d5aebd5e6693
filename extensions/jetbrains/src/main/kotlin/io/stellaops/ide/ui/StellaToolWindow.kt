package io.stellaops.ide.ui

import com.intellij.openapi.project.DumbAware
import com.intellij.openapi.project.Project
import com.intellij.openapi.wm.ToolWindow
import com.intellij.openapi.wm.ToolWindowFactory
import com.intellij.ui.content.ContentFactory
import io.stellaops.core.present.View

/** The tool window: one tab per view. */
class StellaToolWindow :
    ToolWindowFactory,
    DumbAware {
    override fun createToolWindowContent(project: Project, toolWindow: ToolWindow) {
        for (view in View.entries) {
            val panel = ViewPanel(project, view)
            val content = ContentFactory.getInstance().createContent(panel, view.title, false)
            content.setDisposer(panel)
            toolWindow.contentManager.addContent(content)
        }
    }

    companion object {
        /** The id in plugin.xml. */
        const val ID = "Stella Ops"
    }
}
