package io.stellaops.core

private const val LONGEST = 500

/** A server's sentence as it may be shown: a line end is a space, other control characters go, 500 characters at most. */
fun cleaned(text: String): String =
    text.replace(Regex("\r\n|[\r\n\t]"), " ").filterNot { it.isISOControl() }.take(LONGEST)
