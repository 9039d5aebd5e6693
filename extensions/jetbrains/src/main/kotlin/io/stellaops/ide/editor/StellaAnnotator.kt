package io.stellaops.ide.editor

import com.intellij.lang.annotation.AnnotationHolder
import com.intellij.lang.annotation.ExternalAnnotator
import com.intellij.lang.annotation.HighlightSeverity
import com.intellij.openapi.editor.Editor
import com.intellij.openapi.util.TextRange
import com.intellij.psi.PsiFile
import io.stellaops.core.present.Annotation
import io.stellaops.core.present.annotationsOf
import io.stellaops.core.yaml.Finding
import io.stellaops.core.yaml.Span
import io.stellaops.core.yaml.analyse
import io.stellaops.ide.StellaOps
import io.stellaops.ide.actions.Dispatch
import java.time.Instant

/** Shows findings with their quick fixes, and beside the line what runs there and how it is. Looks at the text alone. */
class StellaAnnotator : ExternalAnnotator<String, StellaAnnotator.Found>() {
    /** What was found in a text. */
    class Found(val length: Int, val findings: List<Finding>, val annotations: List<Annotation>)

    override fun collectInformation(file: PsiFile): String? = if (file.name in Dispatch.NAMES) file.text else null

    override fun collectInformation(file: PsiFile, editor: Editor, hasErrors: Boolean): String? =
        collectInformation(file)

    override fun doAnnotate(text: String?): Found? {
        if (text == null) return null
        val app = StellaOps.get()
        val seen = app.store.snapshot
        val analysis = analyse(text, seen.known)
        val shown = if (app.settings.annotations) annotationsOf(analysis, seen, Instant.now()) else emptyList()
        return Found(text.length, analysis.findings, shown)
    }

    override fun apply(file: PsiFile, found: Found?, holder: AnnotationHolder) {
        if (found == null || file.textLength != found.length) return // the text went on: it is looked at again
        for (finding in found.findings) {
            val severity = if (finding.severity == "error") HighlightSeverity.ERROR else HighlightSeverity.WARNING
            var builder = holder.newAnnotation(severity, finding.message)
            builder = if (finding.span.isEmpty) builder.fileLevel() else builder.range(range(finding.span))
            for (fix in finding.fixes) builder = builder.withFix(FixAction(fix))
            builder.create()
        }
        for (annotation in found.annotations) {
            holder.newSilentAnnotation(HighlightSeverity.INFORMATION)
                .range(range(annotation.named.span))
                .gutterIconRenderer(GutterAction(annotation))
                .create()
        }
    }

    private fun range(span: Span) = TextRange(span.start, span.end)
}
