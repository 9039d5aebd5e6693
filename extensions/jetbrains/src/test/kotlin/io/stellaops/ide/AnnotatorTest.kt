package io.stellaops.ide

import com.intellij.codeInsight.intention.IntentionAction
import com.intellij.lang.annotation.AnnotationBuilder
import com.intellij.lang.annotation.AnnotationHolder
import com.intellij.lang.annotation.HighlightSeverity
import com.intellij.openapi.util.TextRange
import com.intellij.psi.PsiFile
import io.stellaops.core.yaml.Known
import io.stellaops.core.yaml.analyse
import io.stellaops.ide.editor.StellaAnnotator
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test

/** The annotator against the declared interfaces: what it hands to the IDE, and where. */
class AnnotatorTest {
    private val text = "apiVersion: stella-ops/v1\nrelease: checkout\nenvironments: [prd]\n"
    private val shown = ArrayList<List<Any?>>()

    private fun file(name: String, length: Int = text.length): PsiFile = standIn { method, _ ->
        when (method) {
            "getName" -> name
            "getText" -> text
            "getTextLength" -> length
            else -> null
        }
    }

    private val holder: AnnotationHolder = standIn { _, first -> builder(first) }

    private fun builder(sofar: List<Any?>): AnnotationBuilder = standIn { method, arguments ->
        if (method == "create") shown.add(sofar).let { null } else builder(sofar + arguments)
    }

    private fun found() =
        StellaAnnotator.Found(text.length, analyse(text, Known(environments = listOf("prod"))).findings, emptyList())

    @Test
    fun `a finding is underlined where it is, with its quick fixes`() {
        StellaAnnotator().apply(file("stella.yaml"), found(), holder)
        val (severity, message, range) = shown.single()
        assertEquals(HighlightSeverity.ERROR, severity)
        assertEquals("The platform has no environment “prd”.", message)
        assertEquals("prd", (range as TextRange).substring(text))
        assertEquals(
            listOf("Change to “prod”", "Ask the servers for the names again"),
            shown.single().drop(3).map { (it as IntentionAction).text },
        )
    }

    @Test
    fun `a text that went on is left alone, and so is another file`() {
        StellaAnnotator().apply(file("stella.yaml", length = text.length + 1), found(), holder)
        assertEquals(emptyList<List<Any?>>(), shown)
        assertNull(StellaAnnotator().collectInformation(file("other.yaml")))
    }
}
