package io.stellaops.ide.editor

import com.intellij.model.Pointer
import com.intellij.platform.backend.documentation.DocumentationResult
import com.intellij.platform.backend.documentation.DocumentationTarget
import com.intellij.platform.backend.documentation.DocumentationTargetProvider
import com.intellij.platform.backend.presentation.TargetPresentation
import com.intellij.psi.PsiFile
import io.stellaops.core.present.annotationsOf
import io.stellaops.core.yaml.Analysis
import io.stellaops.core.yaml.Hover
import io.stellaops.core.yaml.hover
import io.stellaops.ide.StellaOps
import io.stellaops.ide.actions.Dispatch
import java.time.Instant

/** Tells what a key or a name of `stella.yaml` is, and how it is there now. */
class StellaDocumentation : DocumentationTargetProvider {
    override fun documentationTargets(file: PsiFile, offset: Int): List<DocumentationTarget> {
        if (file.name !in Dispatch.NAMES) return emptyList()
        return listOfNotNull(hover(file.text, offset)?.let(::Target))
    }

    private class Target(private val hover: Hover) : DocumentationTarget {
        override fun createPointer(): Pointer<out DocumentationTarget> = Pointer.hardPointer(this)

        override fun computePresentation(): TargetPresentation = TargetPresentation.builder(hover.title).presentation()

        override fun computeDocumentation(): DocumentationResult {
            val seen = StellaOps.get().store.snapshot
            val named = Analysis(emptyList(), listOfNotNull(hover.named))
            val state = annotationsOf(named, seen, Instant.now()).map { it.text }
            val lines = listOf("<b>${escaped(hover.title)}</b>", escaped(hover.description)) + state.map(::escaped)
            return DocumentationResult.documentation(lines.joinToString("<br>"))
        }

        private fun escaped(text: String) = text.replace("&", "&amp;").replace("<", "&lt;")
    }
}
