package io.stellaops.core.present

import io.stellaops.core.Settings
import io.stellaops.core.Words
import io.stellaops.core.state.Snapshot
import java.net.URI
import java.time.Instant

/** What the status bar's item says; [state] is one of `parity.json`. */
data class Status(val state: String, val text: String, val tooltip: String)

/** The status bar's item. */
fun statusOf(of: Snapshot, settings: Settings, now: Instant): Status {
    val server = hostOf(settings.platformUrl.ifBlank { settings.hubUrl })
    val tenant = of.identity?.tenant.orEmpty()
    val waiting = of.promotions.items.count { Statuses.decidable(it.status) }
    val unhealthy = of.integrations.items.count { it.status == "unhealthy" }
    val counts = Words.of("status.counts", waiting, unhealthy)
    val seen = of.listings.mapNotNull { it.at }.minOrNull()
    return when {
        !of.configured -> Status("notConfigured", Words.of("bar.notConfigured"), Words.of("state.notConfigured"))

        of.identity == null -> Status("signedOut", Words.of("bar.signedOut"), Words.of("state.signedOut"))

        of.offline && seen != null ->
            Status(
                "offline",
                Words.of("bar.offline", tenant),
                Words.of("state.offline", age(seen, now)) + "\n" + counts,
            )

        of.offline -> {
            val why = of.listings.firstNotNullOf { listing -> listing.problem.takeIf { listing.offline } }
            Status("error", Words.of("bar.error"), Words.of("state.offlineEmpty", why.sentence))
        }

        of.listings.all {
            it.at == null && it.problem == null
        } -> Status("loading", Words.of("bar.loading"), Words.of("state.loading"))

        else -> Status(
            "online",
            Words.of("bar.online", tenant, waiting, unhealthy),
            Words.of("bar.tooltip", server, tenant) + "\n" + counts,
        )
    }
}

private fun hostOf(url: String): String = try {
    URI(url.trim()).authority.orEmpty()
} catch (_: java.net.URISyntaxException) {
    ""
}
