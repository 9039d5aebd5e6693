package io.stellaops.ide.actions

import com.intellij.openapi.actionSystem.ActionUpdateThread
import com.intellij.openapi.actionSystem.AnAction
import com.intellij.openapi.actionSystem.AnActionEvent
import com.intellij.openapi.actionSystem.DataKey
import com.intellij.openapi.project.DumbAware
import io.stellaops.core.command.Command
import io.stellaops.core.present.Row
import io.stellaops.ide.ProjectTasks
import io.stellaops.ide.StellaOps

/** A command as an action: in the Tools menu, in a view's toolbar, in the menu of an item. */
abstract class CommandAction(val command: Command) :
    AnAction(),
    DumbAware {
    override fun getActionUpdateThread(): ActionUpdateThread = ActionUpdateThread.BGT

    override fun update(event: AnActionEvent) {
        val seen = StellaOps.get().store.snapshot
        val row = event.getData(ROW)
        val onItem = row != null && event.place == ITEM_PLACE
        val offered = if (onItem) command.offeredOn(row!!, seen) else command.offered(seen) && !command.onlyOnItems
        event.presentation.isEnabledAndVisible = event.project != null && offered
    }

    override fun actionPerformed(event: AnActionEvent) {
        val project = event.project ?: return
        ProjectTasks.of(project).run(command, event.getData(ROW)?.takeIf { it.kind in command.kinds })
    }

    companion object {
        /** The item that is selected in a view. */
        val ROW: DataKey<Row> = DataKey.create("stellaOps.row")

        /** The place of the menu of an item. */
        const val ITEM_PLACE = "StellaOps.Item"

        /** The groups in plugin.xml. */
        const val TOOLBAR_GROUP = "stellaOps.toolbar"
        const val ITEM_GROUP = "stellaOps.item"
    }
}

class SignInAction : CommandAction(Command.SIGN_IN)

class SignOutAction : CommandAction(Command.SIGN_OUT)

class SelectTenantAction : CommandAction(Command.SELECT_TENANT)

class RefreshAction : CommandAction(Command.REFRESH)

class PromoteReleaseAction : CommandAction(Command.PROMOTE)

class ApprovePromotionAction : CommandAction(Command.APPROVE)

class RejectPromotionAction : CommandAction(Command.REJECT)

class OpenInBrowserAction : CommandAction(Command.OPEN_IN_BROWSER)

class ShowReleaseDetailsAction : CommandAction(Command.SHOW_RELEASE)

class CheckIntegrationAction : CommandAction(Command.CHECK)

class ShowHealthHistoryAction : CommandAction(Command.SHOW_HISTORY)

class OpenStellaYamlAction : CommandAction(Command.OPEN_STELLA_YAML)

class OpenSettingsAction : CommandAction(Command.OPEN_SETTINGS)

class ShowLogAction : CommandAction(Command.SHOW_LOG)
