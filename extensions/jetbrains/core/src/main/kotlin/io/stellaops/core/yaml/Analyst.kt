package io.stellaops.core.yaml

import java.math.BigDecimal

/** Looks through a `stella.yaml`; `api/vectors/stella-yaml.json` has the cases. */
fun analyse(text: String, known: Known): Analysis = Analyst(text, known).analysis()

private class Analyst(private val text: String, private val known: Known) {
    private val findings = ArrayList<Finding>()
    private val names = ArrayList<Named>()

    fun analysis(): Analysis {
        val root = try {
            Document.read(text)
        } catch (fault: NotYaml) {
            return Analysis(
                listOf(Finding("yaml-syntax", listOf(fault.message.orEmpty()), lineFrom(fault.at))),
                emptyList(),
            )
        }
        if (root ==
            null
        ) {
            missing(Schema.stella, emptySet(), Span(0, 0), Insertion(0, ""))
        } else {
            value(root, Schema.stella, root.span)
        }
        return Analysis(findings.sortedBy { it.span.start }, names.sortedBy { it.span.start })
    }

    private fun lineFrom(at: Int): Span {
        val end = text.indexOf('\n', at).let { if (it < 0) text.length else it }
        return Span(at, end)
    }

    private fun value(part: Part, schema: Schema, key: Span) {
        val span = if (part.span.isEmpty) key else part.span
        if (schema.only != null) return only(part, schema, schema.only, span)
        when (schema.type) {
            "object" -> if (part is Part.Mapping) mapping(part, schema) else wrongType(part, schema, span)
            "array" -> if (part is Part.Items) items(part, schema) else wrongType(part, schema, span)
            "integer" -> integer(part, schema, span)
            else -> string(part, schema, span)
        }
    }

    private fun only(part: Part, schema: Schema, only: String, span: Span) {
        if (part is Part.Scalar && part.kind == ScalarKind.STRING && part.text == only) return
        val fixes = if (part.span.isEmpty) emptyList() else listOf(replace(only, part.span))
        findings += Finding("not-allowed", listOf(schema.title, only), span, fixes)
    }

    private fun mapping(part: Part.Mapping, schema: Schema) {
        val seen = LinkedHashSet<String>()
        val present = part.entries.mapTo(HashSet()) { it.key }
        for (entry in part.entries) {
            val inner = schema.properties[entry.key]
            when {
                !seen.add(entry.key) -> findings += Finding("duplicate-key", listOf(entry.key), entry.keySpan)
                inner == null -> unknownKey(entry, schema, present)
                else -> value(entry.value, inner, entry.keySpan)
            }
        }
        val first = part.entries.firstOrNull()?.takeUnless { part.flow }?.keySpan
        val insertion = first?.let { Insertion(it.start, "\n" + " ".repeat(it.start - lineStart(it.start))) }
        missing(
            schema,
            present,
            first ?: part.span,
            insertion?.let {
                if (it.after ==
                    "\n"
                ) {
                    it.copy(after = "")
                } else {
                    it
                }
            },
        )
    }

    private fun unknownKey(entry: Part.Entry, schema: Schema, present: Set<String>) {
        val close = closest(entry.key, schema.properties.keys.filter { it !in present }).take(1)
        val fixes = close.map { Fix("rename-key", listOf(it), Edit(entry.keySpan, it)) }
        findings += Finding("unknown-key", listOf(entry.key), entry.keySpan, fixes)
    }

    /** Where a missing key is written, and what follows it; an empty `after` is the end of the line. */
    private data class Insertion(val at: Int, val after: String)

    private fun missing(schema: Schema, present: Set<String>, span: Span, insertion: Insertion?) {
        for (key in schema.required.filter { it !in present }) {
            val usual = schema.properties[key]?.usual?.let { " " + Document.written(it) }.orEmpty()
            val fixes = insertion?.let {
                val line = "$key:$usual" + it.after.ifEmpty { "\n" }
                listOf(Fix("insert-key", listOf(key), Edit(Span(it.at, it.at), line)))
            }
            findings += Finding("missing-key", listOf(key), span, fixes.orEmpty())
        }
    }

    private fun items(part: Part.Items, schema: Schema) {
        val seen = HashSet<String>()
        for (item in part.items) {
            schema.items?.let { value(item, it, item.span) }
            if (schema.unique && item is Part.Scalar && item.kind == ScalarKind.STRING && !seen.add(item.text)) {
                findings += Finding("duplicate-item", listOf(item.text), item.span)
            }
        }
    }

    private fun integer(part: Part, schema: Schema, span: Span) {
        val number = (part as? Part.Scalar)?.let(::wholeNumber) ?: return wrongType(part, schema, span)
        val least = schema.minimum ?: Int.MIN_VALUE
        val most = schema.maximum ?: Int.MAX_VALUE
        if (number < least.toBigDecimal() || number > most.toBigDecimal()) {
            findings += Finding("out-of-range", listOf(schema.title, "$least", "$most"), span)
        }
    }

    private fun wholeNumber(scalar: Part.Scalar): BigDecimal? = when (scalar.kind) {
        ScalarKind.INTEGER -> when {
            scalar.text.startsWith("0x") -> scalar.text.drop(2).toBigInteger(16).toBigDecimal()
            scalar.text.startsWith("0o") -> scalar.text.drop(2).toBigInteger(8).toBigDecimal()
            else -> scalar.text.toBigDecimal()
        }

        ScalarKind.FLOAT -> scalar.text.toDoubleOrNull()?.takeIf { it % 1 == 0.0 }?.toBigDecimal()

        else -> null
    }

    private fun string(part: Part, schema: Schema, span: Span) {
        if (part !is Part.Scalar || part.kind != ScalarKind.STRING) return wrongType(part, schema, span)
        if (!schema.fits(part.text)) {
            findings += Finding("malformed", listOf(schema.title, schema.description), span)
            return
        }
        val kind = schema.names ?: return
        names += Named(kind, part.text, span)
        val listed = known.of(kind) ?: return
        if (part.text in listed) return
        val fixes = closest(part.text, listed).map { replace(it, part.span) } + Fix("refresh", emptyList(), null)
        findings += Finding("unknown-$kind", listOf(part.text), span, fixes)
    }

    private fun wrongType(part: Part, schema: Schema, span: Span) {
        val raw = part.span.of(text)
        val quotable =
            schema.type == "string" && part is Part.Scalar && part.kind != ScalarKind.NULL && schema.fits(raw)
        val fixes = if (quotable) {
            listOf(
                Fix("quote", emptyList(), Edit(part.span, Document.quoted(raw))),
            )
        } else {
            emptyList()
        }
        findings += Finding("wrong-type", listOf(schema.title, schema.type.orEmpty()), span, fixes)
    }

    private fun replace(name: String, span: Span) = Fix("replace", listOf(name), Edit(span, Document.written(name)))

    private fun lineStart(at: Int) = text.lastIndexOf('\n', at - 1) + 1
}
