package io.stellaops.core.present

import io.stellaops.core.Words
import java.time.Duration
import java.time.Instant

/** How long ago it was, in words. */
fun age(then: Instant, now: Instant): String {
    val past = Duration.between(then, now)
    return when {
        past.toMinutes() < 1 -> Words.of("age.now")
        past.toHours() < 1 -> Words.of("age.minutes", past.toMinutes())
        past.toDays() < 1 -> Words.of("age.hours", past.toHours())
        else -> Words.of("age.days", past.toDays())
    }
}

/** A time as people read it, to the minute and in UTC. */
fun time(at: Instant): String = at.toString().take("2026-01-05T09:30".length).replace('T', ' ') + " UTC"
