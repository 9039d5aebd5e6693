package io.stellaops.ide.ui

import com.intellij.openapi.Disposable
import com.intellij.openapi.actionSystem.ActionGroup
import com.intellij.openapi.actionSystem.ActionManager
import com.intellij.openapi.actionSystem.DataSink
import com.intellij.openapi.application.ApplicationManager
import com.intellij.openapi.project.Project
import com.intellij.openapi.ui.SimpleToolWindowPanel
import com.intellij.ui.PopupHandler
import com.intellij.ui.components.ActionLink
import com.intellij.ui.components.JBLabel
import com.intellij.ui.components.JBScrollPane
import io.stellaops.core.Words
import io.stellaops.core.command.Command
import io.stellaops.core.present.Message
import io.stellaops.core.present.Row
import io.stellaops.core.present.Rows
import io.stellaops.core.present.View
import io.stellaops.core.present.messageOf
import io.stellaops.ide.ProjectTasks
import io.stellaops.ide.StellaOps
import io.stellaops.ide.actions.CommandAction
import java.awt.BorderLayout
import java.awt.FlowLayout
import java.time.Instant
import javax.swing.JComponent
import javax.swing.JPanel
import javax.swing.Timer

/** One view: its toolbar, a line that says why there is nothing or how old it is, and its rows. */
class ViewPanel(private val project: Project, private val view: View) :
    SimpleToolWindowPanel(true, true),
    Disposable {
    private val list: RowList = if (view == View.DEPLOYMENTS) RowTable() else RowTree()
    private val message = JPanel(FlowLayout(FlowLayout.LEADING))
    private val listening = StellaOps.get().store.listen { ApplicationManager.getApplication().invokeLater(::render) }
    private val ages = Timer(MINUTE_MS) { render() }

    @Volatile
    private var disposed = false

    init {
        val actions = ActionManager.getInstance()
        val group = actions.getAction(CommandAction.TOOLBAR_GROUP) as ActionGroup
        val bar = actions.createActionToolbar("StellaOps.Toolbar", group, true)
        bar.setTargetComponent(this)
        toolbar = bar.component
        val items = actions.getAction(CommandAction.ITEM_GROUP) as ActionGroup
        PopupHandler.installPopupMenu(list.component, items, CommandAction.ITEM_PLACE)
        list.component.accessibleContext.accessibleName = view.title
        val content = JPanel(BorderLayout())
        content.add(message, BorderLayout.NORTH)
        content.add(JBScrollPane(list.component), BorderLayout.CENTER)
        setContent(content)
        ages.start()
        render()
    }

    /** What is shown now; for tests. */
    val rows: List<Row> get() = list.rows

    /** The line above the rows; null where there is none. */
    var shown: Message? = null
        private set

    override fun uiDataSnapshot(sink: DataSink) {
        super.uiDataSnapshot(sink)
        list.selected?.let { sink.set(CommandAction.ROW, it) }
    }

    override fun dispose() {
        disposed = true
        ages.stop()
        listening.close()
    }

    private fun render() {
        if (disposed) return
        val seen = StellaOps.get().store.snapshot
        val now = Instant.now()
        list.rows = Rows(seen, now).of(view)
        shown = messageOf(view, seen, now)
        message.removeAll()
        shown?.let { said ->
            message.add(JBLabel(said.text))
            said.state.offers.forEach { message.add(link(Command.of(it))) }
        }
        message.isVisible = shown != null
        message.revalidate()
        message.repaint()
    }

    private fun link(command: Command): JComponent = ActionLink(Words.of(command.id)) {
        ProjectTasks.of(project).run(command)
    }

    private companion object {
        const val MINUTE_MS = 60_000
    }
}
