package io.stellaops.core.json

import java.time.Instant
import java.time.OffsetDateTime
import java.time.format.DateTimeParseException

/** Members of an object as a tolerant client reads them: one that is missing or of another type is null. */
class Members(private val of: Map<*, *>) {
    /** A text that is not empty. */
    fun text(name: String): String? = (of[name] as? String)?.takeIf { it.isNotEmpty() }

    /** A whole number. */
    fun int(name: String): Int? = (of[name] as? Double)?.takeIf { it % 1 == 0.0 }?.toInt()

    /** A number. */
    fun number(name: String): Double? = of[name] as? Double

    /** Whether it is true; everything else is not. */
    fun flag(name: String): Boolean = of[name] == true

    /** A time of RFC 3339. */
    fun time(name: String): Instant? = text(name)?.let {
        try {
            OffsetDateTime.parse(it).toInstant()
        } catch (_: DateTimeParseException) {
            null
        }
    }

    /** An object. */
    fun child(name: String): Members? = (of[name] as? Map<*, *>)?.let(::Members)

    /** The objects of a list. */
    fun children(name: String): List<Members> = (of[name] as? List<*>).orEmpty().mapNotNull(::membersOf)

    /** The texts of a list. */
    fun texts(name: String): List<String> = (of[name] as? List<*>).orEmpty().filterIsInstance<String>()

    /** The names of all members, in order. */
    fun names(): List<String> = of.keys.filterIsInstance<String>()

    companion object {
        /** An object's members, null where it is something else. */
        fun membersOf(value: Any?): Members? = (value as? Map<*, *>)?.let(::Members)
    }
}
