package io.stellaops.core.yaml

/** A word that may stand at the caret, and what it is. */
data class Suggestion(val text: String, val about: String)

/** What the schema says of a place in the text. */
data class Hover(val span: Span, val title: String, val description: String, val named: Named?)

/** The key or value at an offset; null where there is neither, or the text is not YAML. */
fun hover(text: String, offset: Int): Hover? {
    val root = try {
        Document.read(text)
    } catch (_: NotYaml) {
        null
    }
    return root?.let { hover(it, Schema.stella, offset) }
}

private fun hover(part: Part, schema: Schema, offset: Int): Hover? = when (part) {
    is Part.Mapping -> part.entries.firstNotNullOfOrNull { entry ->
        val inner = schema.properties[entry.key]
        when {
            inner == null -> null

            offset in entry.keySpan.start..entry.keySpan.end -> Hover(
                entry.keySpan,
                inner.title,
                inner.description,
                null,
            )

            else -> hover(entry.value, inner, offset)
        }
    }

    is Part.Items -> schema.items?.let { inner -> part.items.firstNotNullOfOrNull { hover(it, inner, offset) } }

    is Part.Scalar -> if (offset !in part.span.start..part.span.end || part.span.isEmpty) {
        null
    } else {
        Hover(part.span, schema.title, schema.description, schema.names?.let { Named(it, part.text, part.span) })
    }
}

private val KEY = Regex("""^(?<indent>\s*(?:- +)*)(?<key>[A-Za-z]*)$""")
private val VALUE = Regex("""^(?<indent>\s*(?:- +)*)(?<key>[A-Za-z]+): +(?<written>[^#]*)$""")
private val ITEM = Regex("""^\s*- +["']?[^:{\[]*$""")
private val ABOVE = Regex("""^(?<indent>\s*(?:- +)*)(?<key>[A-Za-z]+):(?<rest>.*)$""")

/**
 * What may be written at an offset. A text that is being written is seldom YAML, so that lines and indents are looked at.
 */
fun suggestions(text: String, offset: Int, known: Known): List<Suggestion> {
    val before = text.substring(0, offset)
    val line = before.substringAfterLast('\n')
    VALUE.matchEntire(line)?.let { found ->
        val schema = schemaAt(before, found.indent()).properties[found.groups["key"]!!.value] ?: return emptyList()
        return values(if (schema.type == "array") schema.items ?: schema else schema, known)
    }
    val found = KEY.matchEntire(line)
    val schema = schemaAt(before, found?.indent() ?: line.indexOf('-').coerceAtLeast(0))
    if (schema.names != null && (found != null || ITEM.matches(line))) return values(schema, known)
    if (found == null) return emptyList()
    val present = siblings(text, before, found.indent())
    return schema.properties.filterKeys { it !in present }.map { (key, of) -> Suggestion("$key: ", of.title) }
}

private fun values(schema: Schema, known: Known): List<Suggestion> {
    schema.only?.let { return listOf(Suggestion(it, schema.title)) }
    return schema.names?.let(known::of).orEmpty().map { Suggestion(Document.written(it), schema.title) }
}

private fun MatchResult.indent() = groups["indent"]!!.value.length

/** The schema of the mapping, or of the items, that a line of this indent belongs to. */
private fun schemaAt(before: String, indent: Int): Schema {
    val path = ArrayDeque<String>()
    var within = indent
    for (line in before.lineSequence().toList().dropLast(1).asReversed()) {
        val above = ABOVE.matchEntire(line) ?: continue
        if (above.indent() < within && above.groups["rest"]!!.value.substringBefore('#').isBlank()) {
            path.addFirst(above.groups["key"]!!.value)
            within = above.indent()
        }
        if (within == 0) break
    }
    var schema = Schema.stella
    for (key in path) schema = schema.properties[key]?.let { it.items ?: it } ?: return schema
    return schema
}

/** The keys that the mapping of this indent has already, as far as its lines stand together. */
private fun siblings(text: String, before: String, indent: Int): Set<String> {
    val at = before.count { it == '\n' }
    val lines = text.split('\n')
    fun belongs(line: String) = line.isBlank() || (ABOVE.matchEntire(line)?.indent() ?: Int.MAX_VALUE) >= indent
    val starts = { line: String ->
        line.trimStart().startsWith("- ") &&
            (ABOVE.matchEntire(line)?.indent() ?: 0) == indent
    }
    val found = HashSet<String>()
    var upwards = at - 1
    while (!starts(lines[at]) && upwards >= 0 && belongs(lines[upwards])) {
        found += keyOf(lines[upwards], indent)
        if (starts(lines[upwards])) break
        upwards--
    }
    var downwards = at + 1
    while (downwards < lines.size && belongs(lines[downwards]) && !starts(lines[downwards])) {
        found += keyOf(lines[downwards], indent)
        downwards++
    }
    return found
}

private fun keyOf(line: String, indent: Int): Set<String> =
    setOfNotNull(ABOVE.matchEntire(line)?.takeIf { it.indent() == indent }?.groups?.get("key")?.value)
