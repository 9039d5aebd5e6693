package io.stellaops.ide.editor

import com.intellij.openapi.actionSystem.ActionGroup
import com.intellij.openapi.actionSystem.ActionUpdateThread
import com.intellij.openapi.actionSystem.AnAction
import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.actionSystem.DefaultActionGroup
import com.intellij.openapi.editor.markup.GutterIconRenderer
import com.intellij.openapi.project.DumbAware
import io.stellaops.core.Words
import io.stellaops.core.command.Command
import io.stellaops.core.platform.Environment
import io.stellaops.core.platform.Integration
import io.stellaops.core.present.Annotation
import io.stellaops.core.present.Row
import io.stellaops.ide.ProjectTasks
import io.stellaops.ide.StellaOps
import io.stellaops.ide.ui.Icons
import javax.swing.Icon

/** The icon beside an environment or an integration: its tooltip tells, a click does the first command, its menu has all. */
class GutterAction(private val annotation: Annotation) :
    GutterIconRenderer(),
    DumbAware {
    override fun getIcon(): Icon = Icons.of(annotation.group)

    override fun getTooltipText(): String = "${annotation.named.name}: ${annotation.text}"

    override fun getAccessibleName(): String = tooltipText

    override fun getClickAction(): AnAction? = actions().firstOrNull()

    override fun getPopupMenuActions(): ActionGroup = DefaultActionGroup(actions())

    override fun isNavigateAction(): Boolean = true

    override fun equals(other: Any?): Boolean = other is GutterAction && other.annotation == annotation

    override fun hashCode(): Int = annotation.hashCode()

    private fun actions(): List<AnAction> = annotation.commands.map { OnTarget(Command.of(it), annotation) }

    private class OnTarget(private val command: Command, annotation: Annotation) :
        AnAction(Words.of(command.id)),
        DumbAware {
        private val row = rowOf(annotation)

        override fun getActionUpdateThread(): ActionUpdateThread = ActionUpdateThread.BGT

        override fun update(event: AnActionEvent) {
            event.presentation.isEnabledAndVisible = command.offered(StellaOps.get().store.snapshot)
        }

        override fun actionPerformed(event: AnActionEvent) {
            event.project?.let { ProjectTasks.of(it).run(command, row) }
        }
    }

    private companion object {
        fun rowOf(annotation: Annotation): Row {
            val (kind, id) = when (val target = annotation.target) {
                is Environment -> "environment" to target.id
                else -> "integration" to (target as Integration).id
            }
            return Row(kind, id, annotation.group, emptyMap(), emptyMap(), annotation.target)
        }
    }
}
