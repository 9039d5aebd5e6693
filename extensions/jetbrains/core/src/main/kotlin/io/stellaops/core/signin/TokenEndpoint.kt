package io.stellaops.core.signin

import io.stellaops.core.Settings
import io.stellaops.core.http.Transport
import io.stellaops.core.http.Unreachable
import io.stellaops.core.http.below
import java.net.URI
import java.net.URLEncoder

/** Asks the token endpoint, and where its path is not there, the other one. */
class TokenEndpoint(
    private val settings: Settings,
    private val transport: Transport,
    private val endpoints: Endpoints,
) {
    /**
     * Sends one token request.
     *
     * @throws Unreachable no answer came
     */
    suspend fun ask(grant: Grant, form: Map<String, String>, kept: String? = null): TokenAnswer {
        val sent = form + mapOf("grant_type" to grant.word, "client_id" to settings.clientId)
        val first = post(endpoints.token, grant, sent, kept)
        if (first !is TokenAnswer.Try) return first
        return post(below(settings.authorityUrl, first.path), grant, sent, kept)
    }

    /** Revokes a refresh token (RFC 7009) where that is offered; it is no fault where the Authority does not answer. */
    suspend fun revoke(token: String) {
        val url = endpoints.revocation ?: return
        transport.send(url, FORM, form(mapOf("token" to token, "client_id" to settings.clientId)))
    }

    private suspend fun post(url: String, grant: Grant, sent: Map<String, String>, kept: String?): TokenAnswer {
        val answer = transport.send(url, FORM, form(sent))
        return tokenAnswer(grant, URI(url).path, answer, settings.scopes.split(' ').filter { it.isNotEmpty() }, kept)
    }

    companion object {
        /** What is sent with a form. */
        val FORM = mapOf("Content-Type" to "application/x-www-form-urlencoded", "Accept" to "application/json")

        /** Writes a form, or a query. */
        fun form(of: Map<String, String>): String = of.entries.joinToString("&") { (name, value) ->
            "$name=${URLEncoder.encode(value, Charsets.UTF_8)}"
        }
    }
}
