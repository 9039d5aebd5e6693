package io.stellaops.core.yaml

import io.stellaops.core.json.Json
import io.stellaops.core.json.Members
import io.stellaops.core.json.Members.Companion.membersOf

/** The part of JSON Schema that `stella.schema.json` uses; it has no references. */
class Schema private constructor(private val of: Members) {
    val title: String = of.text("title").orEmpty()
    val description: String = of.text("description").orEmpty()
    val type: String? = of.text("type")
    val only: String? = of.text("const")
    val required: List<String> = of.texts("required")
    val unique: Boolean = of.flag("uniqueItems")
    val minimum: Int? = of.int("minimum")
    val maximum: Int? = of.int("maximum")

    /** Which of the servers' names a value is: `release`, `environment` or `integration`. */
    val names: String? = of.text("x-stella-names")

    /** The value that is written for a key that is missing. */
    val usual: String? = of.text("default") ?: of.texts("examples").firstOrNull()
    val properties: Map<String, Schema> = of.child("properties")?.let {
        it.names().associateWith { key -> Schema(it.child(key)!!) }
    }.orEmpty()
    val items: Schema? = of.child("items")?.let(::Schema)
    private val pattern = of.text("pattern")?.let(::Regex)

    /** Whether a text has the form that is wanted. */
    fun fits(text: String): Boolean {
        val length = text.codePointCount(0, text.length)
        if (length < (of.int("minLength") ?: 0) || length > (of.int("maxLength") ?: Int.MAX_VALUE)) return false
        return pattern?.containsMatchIn(text) ?: true
    }

    companion object {
        /** The schema of `stella.yaml`. */
        val stella: Schema = Schema(resource("stella.schema.json"))

        /** The table of findings: severity and message key by code. */
        val findings: Map<String, Members> = resource("findings.json").children("findings").associateBy {
            it.text("code")!!
        }

        private fun resource(name: String): Members {
            val stream =
                checkNotNull(Schema::class.java.getResourceAsStream("/stella/$name")) { "the plugin lacks $name" }
            return membersOf(Json.read(stream.use { it.readBytes().toString(Charsets.UTF_8) }))!!
        }
    }
}
