package io.stellaops.core

import io.stellaops.core.json.Members
import io.stellaops.core.yaml.Edit
import io.stellaops.core.yaml.Finding
import io.stellaops.core.yaml.Known
import io.stellaops.core.yaml.Span
import io.stellaops.core.yaml.analyse
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory

class StellaYamlVectorsTest {
    private val vectors = raw("api/vectors/stella-yaml.json")
    private val table = shared("api/findings.json")

    private fun known(of: Map<*, *>): Known {
        @Suppress("UNCHECKED_CAST")
        fun names(kind: String) = of[kind] as List<String>?
        return Known(names("releases"), names("environments"), names("integrations"))
    }

    private fun place(text: String, span: Span): List<Int> = listOf(span.start, span.end).flatMap { at ->
        val before = text.substring(0, at)
        listOf(before.count { it == '\n' }, at - (before.lastIndexOf('\n') + 1))
    }

    private fun place(range: Members) = listOf("start", "end").flatMap { end ->
        listOf(range.child(end)!!.int("line")!!, range.child(end)!!.int("character")!!)
    }

    private fun edit(text: String, edit: Edit) = place(text, edit.span) to edit.newText

    @TestFactory
    fun `finds what is to be found`() = each(shared("api/vectors/stella-yaml.json").children("cases")) { case ->
        val one = (vectors["cases"] as List<*>).first { (it as Map<*, *>)["name"] == case.text("name") } as Map<*, *>
        val text = case.texts("lines").joinToString(case.text("eol") ?: "\n")
        val analysis = analyse(text, known((one["known"] ?: vectors["known"]) as Map<*, *>))
        val expected = case.children("findings")
        assertEquals(expected.map { it.text("code") }, analysis.findings.map { it.code })
        expected.zip(analysis.findings).forEach { (wanted, found) -> same(text, wanted, found) }
        if (one["names"] == null) return@each
        val names = case.children("names").map { Triple(it.text("kind"), it.text("name"), place(it.child("range")!!)) }
        assertEquals(names, analysis.names.map { Triple(it.kind, it.name, place(text, it.span)) })
    }

    private fun same(text: String, wanted: Members, found: Finding) {
        if (wanted.int("line") != null) {
            assertEquals(wanted.int("line"), place(text, found.span).first())
            return
        }
        assertEquals(wanted.texts("arguments"), found.arguments)
        assertEquals(wanted.text("severity"), found.severity)
        assertEquals(wanted.text("messageKey"), found.messageKey)
        assertEquals(place(wanted.child("range")!!), place(text, found.span))
        assertEquals(
            wanted.children("fixes").map { it.text("fix") to it.texts("arguments") },
            found.fixes.map {
                it.kind to
                    it.arguments
            },
        )
        val edits = wanted.children("fixes").map { fix ->
            fix.child("edit")?.let { place(it.child("range")!!) to it.text("newText").orEmpty() }
        }
        assertEquals(edits, found.fixes.map { fix -> fix.edit?.let { edit(text, it) } })
    }

    @Test
    fun `sentences are those of the table`() {
        for (row in table.children("findings")) {
            val arguments = row.texts("arguments").map { if (it.startsWith("one of the words under")) "array" else "x" }
            val found = Finding(row.text("code")!!, arguments, Span(0, 0))
            val shown = arguments.map { if (it == "array") "a list" else it }
            val wanted = shown.foldIndexed(row.text("message")!!) { n, text, argument ->
                text.replace("{$n}", argument)
            }
            assertEquals(wanted, found.message)
        }
        for (part in listOf("types", "fixes")) {
            for (name in table.child(part)!!.names()) {
                val one = table.child(part)!!.child(name)!!
                val key = one.text("titleKey") ?: one.text("messageKey")!!
                assertEquals((one.text("title") ?: one.text("message")!!).replace("{0}", "x"), Words.of(key, "x"))
            }
        }
    }
}
