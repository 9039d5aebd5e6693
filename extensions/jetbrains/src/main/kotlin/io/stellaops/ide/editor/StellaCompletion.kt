package io.stellaops.ide.editor

import com.intellij.codeInsight.completion.CompletionContributor
import com.intellij.codeInsight.completion.CompletionParameters
import com.intellij.codeInsight.completion.CompletionResultSet
import com.intellij.codeInsight.lookup.LookupElementBuilder
import io.stellaops.core.yaml.suggestions
import io.stellaops.ide.StellaOps
import io.stellaops.ide.actions.Dispatch

/** Offers the keys of the schema and the names the servers list. */
class StellaCompletion : CompletionContributor() {
    override fun fillCompletionVariants(parameters: CompletionParameters, result: CompletionResultSet) {
        val file = parameters.originalFile
        if (file.name !in Dispatch.NAMES) return
        val text = file.text
        val offset = parameters.offset.coerceAtMost(text.length)
        for (suggestion in suggestions(text, offset, StellaOps.get().store.snapshot.known)) {
            result.addElement(LookupElementBuilder.create(suggestion.text).withTypeText(suggestion.about))
        }
    }
}
