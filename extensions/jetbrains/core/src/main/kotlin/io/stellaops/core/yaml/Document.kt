package io.stellaops.core.yaml

import org.yaml.snakeyaml.DumperOptions.ScalarStyle
import org.yaml.snakeyaml.LoaderOptions
import org.yaml.snakeyaml.Yaml
import org.yaml.snakeyaml.error.Mark
import org.yaml.snakeyaml.error.MarkedYAMLException
import org.yaml.snakeyaml.error.YAMLException
import org.yaml.snakeyaml.nodes.MappingNode
import org.yaml.snakeyaml.nodes.Node
import org.yaml.snakeyaml.nodes.ScalarNode
import org.yaml.snakeyaml.nodes.SequenceNode
import java.io.StringReader

/** Part of a text, in UTF-16 code units as the IDE counts; the end is exclusive. */
data class Span(val start: Int, val end: Int) {
    val isEmpty: Boolean get() = start == end

    /** The text that stands there. */
    fun of(text: String): String = text.substring(start, end)
}

/** What a scalar is, by the core schema of YAML 1.2. */
enum class ScalarKind { STRING, INTEGER, FLOAT, BOOLEAN, NULL }

/** Part of a document. */
sealed interface Part {
    val span: Span

    data class Scalar(override val span: Span, val text: String, val kind: ScalarKind) : Part

    data class Items(override val span: Span, val items: List<Part>) : Part

    data class Mapping(override val span: Span, val entries: List<Entry>, val flow: Boolean) : Part

    data class Entry(val key: String, val keySpan: Span, val value: Part)
}

/** The text is not one YAML document; it stopped being one at [at]. */
class NotYaml(message: String, val at: Int) : Exception(message)

/** Reads documents for looking at them: nothing is ever built from what they say. */
object Document {
    private const val DEEPEST = 32
    private val INTEGER = Regex("""[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+""")
    private val FLOAT =
        Regex("""[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN""")
    private val BOOLEAN = Regex("true|True|TRUE|false|False|FALSE")
    private val NULL = Regex("|~|null|Null|NULL")

    /**
     * Reads one document; null where there is nothing in it.
     *
     * @throws NotYaml it is not YAML, or more than one document
     */
    fun read(text: String): Part? {
        val root = try {
            Yaml(LoaderOptions()).compose(StringReader(text))
        } catch (fault: MarkedYAMLException) {
            throw NotYaml(fault.problem ?: fault.context.orEmpty(), place(text, fault.problemMark))
        } catch (fault: YAMLException) {
            throw NotYaml(fault.message.orEmpty().lineSequence().first(), 0)
        }
        return root?.let { part(text, it, 0) }?.takeUnless { it is Part.Scalar && it.span.isEmpty }
    }

    /** What a plain scalar is. */
    fun kindOf(plain: String): ScalarKind = when {
        NULL.matches(plain) -> ScalarKind.NULL
        BOOLEAN.matches(plain) -> ScalarKind.BOOLEAN
        INTEGER.matches(plain) -> ScalarKind.INTEGER
        FLOAT.matches(plain) -> ScalarKind.FLOAT
        else -> ScalarKind.STRING
    }

    /** Writes a text so that YAML reads the same text: as it is, else in double quotes. */
    fun written(name: String): String {
        val same = listOf("k: $name", "[$name]").all { line ->
            val read = try {
                read(line)
            } catch (_: NotYaml) {
                null
            }
            val value =
                (read as? Part.Mapping)?.entries?.singleOrNull()?.value ?: (read as? Part.Items)?.items?.singleOrNull()
            value is Part.Scalar && value.kind == ScalarKind.STRING && value.text == name && value.span.of(line) == name
        }
        return if (same) name else quoted(name)
    }

    /** Writes a text in double quotes. */
    fun quoted(text: String): String = buildString {
        append('"')
        for (char in text) {
            when {
                char == '"' || char == '\\' -> append('\\').append(char)
                char.isISOControl() -> append("\\u%04x".format(char.code))
                else -> append(char)
            }
        }
        append('"')
    }

    private fun part(text: String, node: Node, depth: Int): Part {
        if (depth > DEEPEST) throw NotYaml("it is nested too deep", place(text, node.startMark))
        return when (node) {
            is ScalarNode -> Part.Scalar(span(text, node), node.value, kind(node))

            is SequenceNode -> Part.Items(span(text, node), node.value.map { part(text, it, depth + 1) })

            is MappingNode -> Part.Mapping(
                span(text, node),
                node.value.map { entry ->
                    val key = span(text, entry.keyNode)
                    val name = (entry.keyNode as? ScalarNode)?.value ?: key.of(text)
                    Part.Entry(name, key, part(text, entry.valueNode, depth + 1))
                },
                node.flowStyle == org.yaml.snakeyaml.DumperOptions.FlowStyle.FLOW,
            )

            else -> throw NotYaml("it cannot be read", place(text, node.startMark))
        }
    }

    private fun kind(node: ScalarNode) = if (node.scalarStyle ==
        ScalarStyle.PLAIN
    ) {
        kindOf(node.value)
    } else {
        ScalarKind.STRING
    }

    /** A block ends where the next token begins: the white space before it is not the block's. */
    private fun span(text: String, node: Node): Span {
        val start = place(text, node.startMark)
        var end = place(text, node.endMark)
        while (end > start && text[end - 1].isWhitespace()) end--
        return Span(start, end)
    }

    /** The parser counts code points. */
    private fun place(text: String, mark: Mark?): Int =
        if (mark == null) 0 else text.offsetByCodePoints(0, minOf(mark.index, text.codePointCount(0, text.length)))
}
