package io.stellaops.core.signin

import io.stellaops.core.Settings
import io.stellaops.core.Words
import io.stellaops.core.http.Transport
import io.stellaops.core.http.Unreachable
import io.stellaops.core.json.Json
import io.stellaops.core.json.Members
import io.stellaops.core.json.Members.Companion.membersOf
import io.stellaops.core.json.NotJson
import kotlinx.coroutines.delay
import kotlinx.coroutines.withTimeoutOrNull
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** The sign-in did not come to its end; the message is for people. */
class SignInFailed(message: String) : Exception(message)

/** What a person enters at the Authority's page. */
data class DeviceCode(val userCode: String, val url: String, val completeUrl: String?)

/** Signs a person in; cancelling the coroutine ends the waiting and closes its port. */
class SignIn(private val settings: Settings, private val transport: Transport, private val session: Session) {
    /**
     * Authorization code with PKCE and a redirect to this machine.
     *
     * @param tenant the tenant to sign in for; without one the Authority's page asks
     * @param open opens a page in the browser; false where that cannot be done, and a code is used instead
     * @param show shows a code to enter
     * @throws SignInFailed it was refused, timed out, or cannot be done; the message says which
     */
    suspend fun signIn(tenant: String?, open: suspend (String) -> Boolean, show: suspend (DeviceCode) -> Unit) {
        try {
            val endpoints = Endpoints.of(settings, transport)
            if (!(
                    endpoints.authorization != null && byRedirect(
                        endpoints,
                        tenant,
                        open,
                    )
                    )
            ) {
                byCode(endpoints, tenant, show)
            }
        } catch (fault: Unreachable) {
            throw SignInFailed(fault.message.orEmpty())
        }
    }

    private suspend fun byRedirect(endpoints: Endpoints, tenant: String?, open: suspend (String) -> Boolean): Boolean {
        val state = unguessable()
        val verifier = unguessable()
        Loopback { redirect(it, state, endpoints.issuer, endpoints.issPromised) }.use { loopback ->
            val asked = common(tenant) + mapOf(
                "response_type" to "code",
                "redirect_uri" to loopback.uri,
                "state" to state,
                "code_challenge" to challengeOf(verifier),
                "code_challenge_method" to "S256",
            )
            if (!open("${endpoints.authorization}?${TokenEndpoint.form(asked)}")) return false
            val came = withTimeoutOrNull(PATIENCE) { loopback.redirect() }
            val code = when (came) {
                is Redirect.Code -> came.code
                Redirect.Refused -> throw SignInFailed(Words.of("signIn.refused"))
                is Redirect.Failed -> throw SignInFailed(came.message ?: Words.of("signIn.unreadable"))
                else -> throw SignInFailed(Words.of("signIn.tooLate"))
            }
            val form = mapOf("code" to code, "redirect_uri" to loopback.uri, "code_verifier" to verifier)
            finish(TokenEndpoint(settings, transport, endpoints).ask(Grant.CODE, form))
        }
        return true
    }

    /** The device code of RFC 8628, where no browser of this machine comes back. */
    private suspend fun byCode(endpoints: Endpoints, tenant: String?, show: suspend (DeviceCode) -> Unit) {
        val url = endpoints.deviceAuthorization ?: throw SignInFailed(Words.of("signIn.noFlow"))
        val answer = transport.send(url, TokenEndpoint.FORM, TokenEndpoint.form(common(tenant)))
        val begun = try {
            membersOf(Json.read(answer.body))
        } catch (_: NotJson) {
            null
        }
        val deviceCode = begun?.text("device_code")?.takeIf { answer.status == 200 }
            ?: throw SignInFailed(begun?.text("error_description") ?: Words.of("signIn.unreadable"))
        show(deviceCodeOf(begun))
        val form = mapOf("device_code" to deviceCode)
        var interval = begun.int("interval") ?: USUAL_INTERVAL
        val ended = withTimeoutOrNull((begun.int("expires_in") ?: USUAL_LIFE).seconds) {
            while (true) {
                delay(interval.seconds)
                val polled = try {
                    TokenEndpoint(settings, transport, endpoints).ask(Grant.DEVICE, form)
                } catch (_: Unreachable) {
                    TokenAnswer.Wait(USUAL_INTERVAL) // RFC 8628 §3.5: the network may come back
                }
                if (polled !is TokenAnswer.Wait) return@withTimeoutOrNull polled
                interval += polled.addSeconds
            }
            @Suppress("UNREACHABLE_CODE")
            TokenAnswer.Expired
        }
        finish(ended ?: TokenAnswer.Expired)
    }

    private fun deviceCodeOf(begun: Members): DeviceCode {
        val url =
            begun.text("verification_uri")?.takeIf(Settings::allowed)
                ?: throw SignInFailed(Words.of("signIn.badEndpoint"))
        val complete = begun.text("verification_uri_complete")?.takeIf { Settings.allowed(it.substringBefore('?')) }
        return DeviceCode(begun.text("user_code").orEmpty(), url, complete)
    }

    private suspend fun finish(answer: TokenAnswer) = when (answer) {
        is TokenAnswer.SignedIn -> session.begin(answer)
        TokenAnswer.Refused -> throw SignInFailed(Words.of("signIn.refused"))
        TokenAnswer.Expired -> throw SignInFailed(Words.of("signIn.tooLate"))
        is TokenAnswer.Failed -> throw SignInFailed(answer.message ?: Words.of("signIn.unreadable"))
        else -> throw SignInFailed(Words.of("signIn.authorityAway"))
    }

    private fun common(tenant: String?): Map<String, String> = mapOf(
        "client_id" to settings.clientId,
        "scope" to settings.scopes,
        "audience" to AUDIENCE,
    ) + tenant?.takeIf { it.isNotBlank() }?.let { mapOf("tenant" to it) }.orEmpty()

    private companion object {
        /** One token for both servers. */
        const val AUDIENCE = "stella-platform integrations-hub"
        val PATIENCE = 5.minutes
        const val USUAL_INTERVAL = 5
        const val USUAL_LIFE = 600
    }
}
