package io.stellaops.core.json

/** The text is not JSON (RFC 8259); [at] is the offset where reading stopped. */
class NotJson(val at: Int) : Exception("This is not JSON: reading stopped at character $at.")

/**
 * Reads JSON into maps, lists, texts, numbers (as [Double]), booleans and null; a key that stands twice has its last value.
 *
 * A serialization library would bring its own copy of the Kotlin library into the plugin, where the IDE's is to be used.
 */
class Json private constructor(private val text: String) {
    private var at = 0

    private fun document(): Any? {
        val value = value(0)
        space()
        if (at != text.length) throw NotJson(at)
        return value
    }

    private fun value(depth: Int): Any? {
        if (depth > DEEPEST) throw NotJson(at)
        space()
        return when (peek()) {
            '{' -> members(depth)
            '[' -> items(depth)
            '"' -> string()
            't' -> word("true", true)
            'f' -> word("false", false)
            'n' -> word("null", null)
            else -> number()
        }
    }

    private fun members(depth: Int): Map<String, Any?> {
        val members = LinkedHashMap<String, Any?>()
        list('}') {
            if (peek() != '"') throw NotJson(at)
            val name = string()
            space()
            expect(':')
            members[name] = value(depth + 1)
        }
        return members
    }

    private fun items(depth: Int): List<Any?> {
        val items = ArrayList<Any?>()
        list(']') { items.add(value(depth + 1)) }
        return items
    }

    private inline fun list(end: Char, item: () -> Unit) {
        at++
        space()
        if (peek() == end) {
            at++
            return
        }
        while (true) {
            space()
            item()
            space()
            if (peek() == end) break
            expect(',')
        }
        at++
    }

    private fun string(): String {
        val read = StringBuilder()
        at++
        while (true) {
            val next = peek()
            at++
            when {
                next == '"' -> return read.toString()
                next < ' ' -> throw NotJson(at - 1)
                next == '\\' -> read.append(escaped())
                else -> read.append(next)
            }
        }
    }

    private fun escaped(): Char {
        val letter = peek()
        at++
        if (letter != 'u') return ESCAPES[letter] ?: throw NotJson(at - 1)
        val digits = text.substring(at, minOf(at + 4, text.length))
        if (digits.length != 4 || !digits.all { it in '0'..'9' || it in 'a'..'f' || it in 'A'..'F' }) {
            throw NotJson(at)
        }
        at += 4
        return digits.toInt(16).toChar()
    }

    private fun number(): Double {
        val found = NUMBER.matchAt(text, at) ?: throw NotJson(at)
        at = found.range.last + 1
        return found.value.toDouble()
    }

    private fun <T> word(word: String, meaning: T): T {
        if (!text.startsWith(word, at)) throw NotJson(at)
        at += word.length
        return meaning
    }

    private fun peek(): Char = if (at < text.length) text[at] else throw NotJson(at)

    private fun expect(char: Char) {
        if (peek() != char) throw NotJson(at)
        at++
    }

    private fun space() {
        while (at < text.length && text[at] in " \t\r\n") at++
    }

    companion object {
        private const val DEEPEST = 64
        private val NUMBER = Regex("""-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?""")
        private val ESCAPES = mapOf(
            '"' to '"',
            '\\' to '\\',
            '/' to '/',
            'b' to '\b',
            'f' to '\u000C',
            'n' to '\n',
            'r' to '\r',
            't' to '\t',
        )

        /**
         * Reads one document.
         *
         * @throws NotJson the text is something else, or nested more than 64 deep
         */
        fun read(text: String): Any? = Json(text).document()

        /** Writes an object of texts: all that is ever sent. */
        fun write(members: Map<String, String>): String =
            members.entries.joinToString(",", "{", "}") { (name, value) -> "${quoted(name)}:${quoted(value)}" }

        private fun quoted(text: String): String = buildString {
            append('"')
            for (char in text) {
                when {
                    char == '"' || char == '\\' -> append('\\').append(char)
                    char < ' ' || char.isSurrogate() -> append("\\u%04x".format(char.code))
                    else -> append(char)
                }
            }
            append('"')
        }
    }
}
