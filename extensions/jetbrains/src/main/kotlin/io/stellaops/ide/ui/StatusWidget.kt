package io.stellaops.ide.ui

import com.intellij.openapi.application.ApplicationManager
import com.intellij.openapi.project.Project
import com.intellij.openapi.wm.StatusBar
import com.intellij.openapi.wm.StatusBarWidget
import com.intellij.openapi.wm.StatusBarWidgetFactory
import com.intellij.openapi.wm.ToolWindowManager
import com.intellij.util.Consumer
import io.stellaops.core.Words
import io.stellaops.core.command.Command
import io.stellaops.core.present.Status
import io.stellaops.core.present.statusOf
import io.stellaops.ide.ProjectTasks
import io.stellaops.ide.StellaOps
import java.awt.Component
import java.awt.event.MouseEvent
import java.time.Instant

/** Makes the status bar's item. */
class StatusWidgetFactory : StatusBarWidgetFactory {
    override fun getId(): String = StatusWidget.ID

    override fun getDisplayName(): String = Words.of("bar.name")

    override fun isAvailable(project: Project): Boolean = true

    override fun createWidget(project: Project): StatusBarWidget = StatusWidget(project)

    override fun disposeWidget(widget: StatusBarWidget) = widget.dispose()

    override fun canBeEnabledOn(statusBar: StatusBar): Boolean = true
}

/** The status bar's item: who, where, what waits, what is ill. A click opens the views, and signs in where nobody is. */
class StatusWidget(private val project: Project) :
    StatusBarWidget,
    StatusBarWidget.TextPresentation {
    private var bar: StatusBar? = null
    private val listening = StellaOps.get().store.listen {
        ApplicationManager.getApplication().invokeLater { bar?.updateWidget(ID) }
    }

    override fun ID(): String = ID

    override fun getPresentation(): StatusBarWidget.WidgetPresentation = this

    override fun install(statusBar: StatusBar) {
        bar = statusBar
    }

    override fun dispose() {
        listening.close()
        bar = null
    }

    override fun getText(): String = status().text

    override fun getAlignment(): Float = Component.CENTER_ALIGNMENT

    override fun getTooltipText(): String = status().tooltip

    override fun getClickConsumer(): Consumer<MouseEvent> = Consumer {
        ToolWindowManager.getInstance(project).getToolWindow(StellaToolWindow.ID)?.activate(null)
        if (status().state == "signedOut") ProjectTasks.of(project).run(Command.SIGN_IN)
    }

    private fun status(): Status = statusOf(StellaOps.get().store.snapshot, StellaOps.get().settings, Instant.now())

    companion object {
        /** The id in plugin.xml and in `parity.json`. */
        const val ID = "stellaOps.status"
    }
}
