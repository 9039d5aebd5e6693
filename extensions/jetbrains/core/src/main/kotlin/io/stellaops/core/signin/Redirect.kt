package io.stellaops.core.signin

import io.stellaops.core.Words
import io.stellaops.core.cleaned
import java.net.URLDecoder

/** How the browser's way back is read; `api/vectors/oauth.json` has the cases. */
sealed interface Redirect {
    /** The code to redeem. */
    data class Code(val code: String) : Redirect

    /** The person refused. */
    data object Refused : Redirect

    /** The sign-in cannot be ended well. */
    data class Failed(val message: String?) : Redirect

    /** Somebody else's: the right one is still waited for. */
    data object Ignored : Redirect
}

/** Reads the query of a redirect (RFC 6749 §4.1.2, RFC 9207 §2.4). */
fun redirect(query: String, state: String, issuer: String, issPromised: Boolean): Redirect {
    val given = query.split('&').filter { it.isNotEmpty() }.groupBy({ decoded(it.substringBefore('=')) }) {
        decoded(it.substringAfter('=', ""))
    }
    if (given["state"] != listOf(state)) return Redirect.Ignored
    val from = given["iss"]
    if (if (from ==
            null
        ) {
            issPromised
        } else {
            from != listOf(issuer)
        }
    ) {
        return Redirect.Failed(Words.of("signIn.otherIssuer"))
    }
    given["error"]?.let { error ->
        if (error == listOf("access_denied")) return Redirect.Refused
        return Redirect.Failed(given["error_description"]?.firstOrNull()?.let(::cleaned))
    }
    val code = given["code"]?.singleOrNull()?.takeIf { it.isNotEmpty() }
    return code?.let { Redirect.Code(it) } ?: Redirect.Failed(Words.of("signIn.unreadable"))
}

private fun decoded(text: String): String = try {
    URLDecoder.decode(text, Charsets.UTF_8)
} catch (_: IllegalArgumentException) {
    ""
}
