package io.stellaops.core

import java.time.Clock

/** The last lines of what the plugin did, for "Show log". Sentences for people only: no token and no body is ever added. */
class Journal(private val clock: Clock = Clock.systemUTC()) {
    private val lines = ArrayDeque<String>()

    /** Adds one line. */
    @Synchronized
    fun add(text: String) {
        val line = "${clock.instant().toString().take(SECONDS)}Z  ${cleaned(text)}"
        if (lines.lastOrNull()?.substringAfter("  ") == line.substringAfter("  ")) lines.removeLast()
        lines.addLast(line)
        if (lines.size > MOST) lines.removeFirst()
    }

    /** All of it, the newest last. */
    @Synchronized
    fun text(): String = lines.joinToString("\n").ifEmpty { Words.of("log.empty") }

    private companion object {
        const val MOST = 500
        const val SECONDS = "2026-01-05T09:30:00".length
    }
}
