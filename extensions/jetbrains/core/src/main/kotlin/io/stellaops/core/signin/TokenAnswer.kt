package io.stellaops.core.signin

import io.stellaops.core.Words
import io.stellaops.core.cleaned
import io.stellaops.core.http.Answer
import io.stellaops.core.json.Json
import io.stellaops.core.json.Members
import io.stellaops.core.json.Members.Companion.membersOf
import io.stellaops.core.json.NotJson

/** The grant types that are used (RFC 6749 §4.1.3 and §6, RFC 8628 §3.4). */
enum class Grant(val word: String) {
    CODE("authorization_code"),
    REFRESH("refresh_token"),
    DEVICE("urn:ietf:params:oauth:grant-type:device_code"),
}

/** How an answer of the token endpoint is read; `api/vectors/oauth.json` has the cases. */
sealed interface TokenAnswer {
    /** Tokens; `refreshToken` is null where the sign-in ends with the access token. */
    class SignedIn(
        val accessToken: String,
        val scopes: List<String>,
        val expiresInSeconds: Int,
        val refreshToken: String?,
    ) : TokenAnswer

    /** The sign-in has ended: the tokens are forgotten. */
    data class SignedOut(val message: String?) : TokenAnswer

    /** No answer that can be read: the tokens are kept, it is tried again. */
    data class Offline(val retryAfterSeconds: Int?) : TokenAnswer

    /** This sign-in cannot be ended well. */
    data class Failed(val message: String?) : TokenAnswer

    /** The path is not there; [path] is tried, once. */
    data class Try(val path: String) : TokenAnswer

    /** The person has not decided; the interval grows by [addSeconds]. */
    data class Wait(val addSeconds: Int) : TokenAnswer

    /** The person refused. */
    data object Refused : TokenAnswer

    /** The device code has ended. */
    data object Expired : TokenAnswer
}

/**
 * Reads an answer of the token endpoint.
 *
 * @param asked the scopes that were asked for: what is granted where the answer does not say (RFC 6749 §5.1)
 * @param kept the refresh token in use before
 */
fun tokenAnswer(grant: Grant, path: String, answer: Answer, asked: List<String>, kept: String?): TokenAnswer {
    if (answer.status == 404 || answer.status == 410) {
        return if (path ==
            OTHER_PATH
        ) {
            TokenAnswer.Failed(Words.of("signIn.noTokenPath"))
        } else {
            TokenAnswer.Try(OTHER_PATH)
        }
    }
    val members = try {
        membersOf(Json.read(answer.body))
    } catch (_: NotJson) {
        null
    }
    if (answer.status == 200) return tokens(grant, members ?: return unreadable(grant), asked, kept)
    val error = members?.text("error")
    val message = members?.text("error_description")?.let(::cleaned)
    return when {
        grant == Grant.DEVICE -> deviceAnswer(error, message, answer.status)
        answer.status == 429 || answer.status >= 500 || error == null -> unreadable(grant, answer.retryAfterSeconds)
        grant == Grant.REFRESH && error in ENDS -> TokenAnswer.SignedOut(message)
        else -> TokenAnswer.Failed(message)
    }
}

private fun tokens(grant: Grant, members: Members, asked: List<String>, kept: String?): TokenAnswer {
    val token = members.text("access_token") ?: return unreadable(grant)
    if (!members.text(
            "token_type",
        ).equals("Bearer", ignoreCase = true)
    ) {
        return TokenAnswer.Failed(Words.of("signIn.notBearer"))
    }
    return TokenAnswer.SignedIn(
        token,
        members.text("scope")?.split(' ')?.filter { it.isNotEmpty() } ?: asked,
        members.int("expires_in") ?: AN_HOUR,
        members.text("refresh_token") ?: kept.takeIf { grant == Grant.REFRESH },
    )
}

private fun deviceAnswer(error: String?, message: String?, status: Int): TokenAnswer = when {
    error == "authorization_pending" -> TokenAnswer.Wait(0)
    error == "slow_down" || status == 429 || status >= 500 || error == null -> TokenAnswer.Wait(SLOWER)
    error == "access_denied" -> TokenAnswer.Refused
    error == "expired_token" -> TokenAnswer.Expired
    else -> TokenAnswer.Failed(message)
}

private fun unreadable(grant: Grant, retryAfterSeconds: Int? = null): TokenAnswer = when (grant) {
    Grant.CODE -> TokenAnswer.Failed(Words.of("signIn.unreadable"))
    Grant.REFRESH -> TokenAnswer.Offline(retryAfterSeconds)
    Grant.DEVICE -> TokenAnswer.Wait(SLOWER)
}

private const val OTHER_PATH = "/token"
private const val AN_HOUR = 3600
private const val SLOWER = 5 // RFC 8628 §3.5
private val ENDS = setOf("invalid_grant", "invalid_client", "unauthorized_client")
