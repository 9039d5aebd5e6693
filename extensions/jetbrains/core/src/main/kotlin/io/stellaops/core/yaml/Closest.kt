package io.stellaops.core.yaml

import java.util.Locale

private const val FARTHEST = 2
private const val MOST = 3

/** The candidates that are close to what is written, the nearest first, at most three; `findings.json` says what close is. */
fun closest(written: String, candidates: List<String>): List<String> = candidates
    .map { distance(written.lowercase(Locale.ROOT), it.lowercase(Locale.ROOT)) to it }
    .filter { (far, _) -> far <= FARTHEST && far < written.length }
    .sortedBy { (far, _) -> far }
    .take(MOST)
    .map { (_, name) -> name }

/** Levenshtein, over UTF-16 code units. */
private fun distance(one: String, other: String): Int {
    var row = IntArray(other.length + 1) { it }
    for ((n, letter) in one.withIndex()) {
        val next = IntArray(other.length + 1)
        next[0] = n + 1
        for ((m, its) in other.withIndex()) {
            next[m + 1] = minOf(row[m + 1] + 1, next[m] + 1, row[m] + if (letter == its) 0 else 1)
        }
        row = next
    }
    return row[other.length]
}
