package io.stellaops.core.signin

import io.stellaops.core.Settings
import io.stellaops.core.Words
import io.stellaops.core.http.Transport
import io.stellaops.core.http.Unreachable
import io.stellaops.core.http.below
import io.stellaops.core.json.Json
import io.stellaops.core.json.Members.Companion.membersOf
import io.stellaops.core.json.NotJson

/** Where the Authority is asked; null where it does not offer it. */
data class Endpoints(
    val issuer: String,
    val issPromised: Boolean,
    val authorization: String?,
    val deviceAuthorization: String?,
    val token: String,
    val revocation: String?,
) {
    companion object {
        private const val DISCOVERY = "/.well-known/openid-configuration"
        private const val DEFAULT_TOKEN_PATH = "/oauth/token"

        /**
         * Asks for the discovery document; without one the endpoints stand where they usually do.
         *
         * @throws Unreachable the Authority does not answer, calls itself by another name (RFC 8414 §3.3), or names an
         *   endpoint that may not be sent a token
         */
        suspend fun of(settings: Settings, transport: Transport): Endpoints {
            val authority = settings.authorityUrl.trim().trimEnd('/')
            val answer = transport.send(below(authority, DISCOVERY), mapOf("Accept" to "application/json"))
            if (answer.status == 404 || answer.status == 410) return usual(authority, settings)
            if (answer.status != 200) throw Unreachable(Words.of("signIn.noDiscovery", answer.status))
            val told = try {
                membersOf(Json.read(answer.body))
            } catch (_: NotJson) {
                null
            } ?: throw Unreachable(Words.of("signIn.unreadable"))
            val issuer = told.text("issuer").orEmpty()
            if (issuer.trimEnd('/') != authority) throw Unreachable(Words.of("signIn.otherIssuer"))
            val own = settings.tokenPath.takeIf { it != DEFAULT_TOKEN_PATH }?.let { below(authority, it) }
            return Endpoints(
                issuer,
                told.flag("authorization_response_iss_parameter_supported"),
                safe(told.text("authorization_endpoint")),
                safe(told.text("device_authorization_endpoint")),
                own ?: safe(told.text("token_endpoint")) ?: below(authority, settings.tokenPath),
                safe(told.text("revocation_endpoint")),
            )
        }

        private fun usual(authority: String, settings: Settings) = Endpoints(
            authority,
            issPromised = false,
            below(authority, "/oauth/authorize"),
            below(authority, "/oauth/device_authorization"),
            below(authority, settings.tokenPath),
            revocation = null,
        )

        private fun safe(url: String?): String? {
            if (url != null && !Settings.allowed(url)) throw Unreachable(Words.of("signIn.badEndpoint"))
            return url
        }
    }
}
