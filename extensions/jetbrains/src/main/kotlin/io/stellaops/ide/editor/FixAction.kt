package io.stellaops.ide.editor

import com.intellij.codeInsight.intention.IntentionAction
import com.intellij.openapi.editor.Editor
import com.intellij.openapi.project.Project
import com.intellij.psi.PsiFile
import io.stellaops.core.Words
import io.stellaops.core.command.Command
import io.stellaops.core.yaml.Fix
import io.stellaops.ide.ProjectTasks

/** A quick fix: it changes the text, or asks the servers for the names again. */
class FixAction(private val fix: Fix) : IntentionAction {
    override fun getText(): String = fix.title

    override fun getFamilyName(): String = Words.of("container.stellaOps")

    override fun isAvailable(project: Project, editor: Editor?, file: PsiFile?): Boolean = true

    override fun invoke(project: Project, editor: Editor?, file: PsiFile?) {
        val edit = fix.edit
        if (edit == null) {
            ProjectTasks.of(project).run(Command.REFRESH)
        } else {
            editor?.document?.replaceString(edit.span.start, edit.span.end, edit.newText)
        }
    }

    override fun startInWriteAction(): Boolean = fix.edit != null
}
