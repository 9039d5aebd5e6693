package io.stellaops.core.present

import io.stellaops.core.Settings
import io.stellaops.core.Words
import io.stellaops.core.platform.Environment
import io.stellaops.core.platform.Integration
import io.stellaops.core.platform.Promotion
import io.stellaops.core.platform.Release

/**
 * One item of a view. [shows] are what `parity.json` has an item of its kind show, [details] what its tooltip tells; each
 * by parity's name, null where it is not known.
 */
data class Row(
    val kind: String,
    val id: String,
    val group: Group,
    val shows: Map<String, String?>,
    val details: Map<String, String?>,
    val target: Any,
    val children: List<Row> = emptyList(),
) {
    /** The line of the item. */
    val text: String get() = shows.values.filterNot { it.isNullOrEmpty() }.joinToString(" · ")

    /** Where a browser shows it, as its server says; null where it does not, or names what no browser is sent to. */
    val page: String? get() = when (target) {
        is Release -> target.webUrl
        is Environment -> target.webUrl
        is Promotion -> target.webUrl
        is Integration -> target.webUrl
        else -> null
    }?.let(Settings::safe)?.toString()

    /** The lines of the tooltip. */
    val tooltip: List<String> get() = details.entries.mapNotNull { (name, value) ->
        value?.takeIf { it.isNotEmpty() }?.let { Words.of("detail", Words.of("detail.$name"), it) }
    }
}
