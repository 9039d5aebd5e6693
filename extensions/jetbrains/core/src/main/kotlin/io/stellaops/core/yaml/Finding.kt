package io.stellaops.core.yaml

import io.stellaops.core.Words

/** Replaces a part of the text. */
data class Edit(val span: Span, val newText: String)

/** A quick fix of `findings.json`; without an edit it is the command `stellaOps.refresh`. */
data class Fix(val kind: String, val arguments: List<String>, val edit: Edit?) {
    /** What the quick fix is called. */
    val title: String get() = Words.of("fix." + kind.camel(), *arguments.toTypedArray())
}

/** One diagnostic of `findings.json`. */
data class Finding(val code: String, val arguments: List<String>, val span: Span, val fixes: List<Fix> = emptyList()) {
    /** `error` or `warning`. */
    val severity: String get() = Schema.findings.getValue(code).text("severity")!!

    /** The key of the sentence. */
    val messageKey: String get() = Schema.findings.getValue(code).text("messageKey")!!

    /** The sentence. */
    val message: String get() {
        val shown = if (code == "wrong-type") listOf(arguments[0], Words.of("type.${arguments[1]}")) else arguments
        return Words.of(messageKey, *shown.toTypedArray())
    }
}

/** A release, environment or integration that the document names. */
data class Named(val kind: String, val name: String, val span: Span)

/** The names the servers list; null where they are not known. */
data class Known(
    val releases: List<String>? = null,
    val environments: List<String>? = null,
    val integrations: List<String>? = null,
) {
    /** Those of a kind. */
    fun of(kind: String): List<String>? = when (kind) {
        "release" -> releases
        "environment" -> environments
        else -> integrations
    }
}

/** What is wrong in a document, and what it names, each in the order of the text. */
data class Analysis(val findings: List<Finding>, val names: List<Named>)

private fun String.camel() = split('-').mapIndexed { n, word ->
    if (n ==
        0
    ) {
        word
    } else {
        word.replaceFirstChar(Char::uppercase)
    }
}.joinToString("")
