package io.stellaops.core

import java.net.URI
import java.net.URISyntaxException

/** What a person sets; the names are those of `parity.json`. All of it is kept for the IDE, never with a project. */
data class Settings(
    val platformUrl: String = "",
    val hubUrl: String = "",
    val authorityUrl: String = "",
    val tokenPath: String = "/oauth/token",
    val clientId: String = "jetbrains-stella-ops",
    val scopes: String = DEFAULT_SCOPES,
    val pollIntervalSeconds: Int = DEFAULT_POLL_SECONDS,
    val caFile: String = "",
    val annotations: Boolean = true,
) {
    /** Whether there is enough to begin with. */
    val configured: Boolean get() = authorityUrl.isNotBlank() && (platformUrl.isNotBlank() || hubUrl.isNotBlank())

    /** The sentences that say what to change, in the order of the fields; nothing is sent while there are any. */
    fun problems(): List<String> = buildList {
        for ((title, url) in listOf("platformUrl" to platformUrl, "hubUrl" to hubUrl, "authorityUrl" to authorityUrl)) {
            if (url.isNotBlank() && !allowed(url)) add(Words.of("settings.badUrl", Words.of("stellaOps.$title")))
        }
        if (!tokenPath.startsWith("/")) add(Words.of("settings.badPath", Words.of("stellaOps.tokenPath")))
        if (clientId.isBlank()) add(Words.of("settings.missing", Words.of("stellaOps.clientId")))
        if (pollIntervalSeconds !in SHORTEST_POLL..LONGEST_POLL) {
            add(
                Words.of(
                    "settings.badInterval",
                    Words.of("stellaOps.pollIntervalSeconds"),
                    SHORTEST_POLL,
                    LONGEST_POLL,
                ),
            )
        }
    }

    companion object {
        /** Bounds and default of the poll interval, in seconds. */
        const val SHORTEST_POLL = 5
        const val LONGEST_POLL = 3600
        const val DEFAULT_POLL_SECONDS = 30
        const val DEFAULT_SCOPES = "offline_access release:read promotion:read promotion:write promotion:approve " +
            "integration:read integration:operate"
        private val LOOPBACK = setOf("127.0.0.1", "[::1]", "localhost")

        /** Whether a URL may be sent a token: https, or http on this machine. */
        fun allowed(url: String): Boolean = safe(url)?.let { it.query == null && it.fragment == null } ?: false

        /** Reads an address that a person's browser may be sent to: https, or http on this machine; else null. */
        fun safe(url: String): URI? {
            val uri = try {
                URI(url.trim())
            } catch (_: URISyntaxException) {
                return null
            }
            val safe = uri.scheme == "https" || (uri.scheme == "http" && uri.host in LOOPBACK)
            return uri.takeIf { safe && uri.host != null && uri.userInfo == null }
        }
    }
}
