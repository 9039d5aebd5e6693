package io.stellaops.core.signin

import io.stellaops.core.Settings
import io.stellaops.core.Words
import io.stellaops.core.http.Transport
import io.stellaops.core.http.Unreachable
import io.stellaops.core.json.Json
import io.stellaops.core.json.Members
import io.stellaops.core.json.Members.Companion.membersOf
import io.stellaops.core.json.NotJson
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import java.time.Clock
import java.time.Instant
import java.util.Base64

/** Nobody is signed in. */
class SignedOut(message: String? = null) : Exception(message ?: Words.of("state.signedOut"))

/** Where one secret text is kept: the IDE's password safe. Both calls may block. */
interface SecretStore {
    fun read(): String?

    /** Keeps a text; null forgets it. */
    fun write(secret: String?)
}

/** Who is signed in, as the access token tells it; for showing only, nothing is decided by it. */
data class Identity(val tenant: String?, val subject: String?, val scopes: Set<String>)

/**
 * The tokens of whoever is signed in. The refresh token is in the secret store, the access token in memory alone.
 *
 * A refresh token is good once, so that one request at a time refreshes, to its end even where its caller is cancelled.
 */
class Session(
    private val settings: () -> Settings,
    private val transport: () -> Transport,
    private val secrets: SecretStore,
    private val clock: Clock = Clock.systemUTC(),
) {
    private class Tokens(
        val access: String?,
        val endsAt: Instant,
        val refresh: String?,
        val scopes: List<String>,
        val of: Pair<String, String>,
    )

    private val one = Mutex()

    @Volatile
    private var kept: Tokens? = null

    /** Which Authority the tokens are of, and which client's: they are never sent to another. */
    private fun source(): Pair<String, String> = settings().authorityUrl to settings().clientId

    private val tokens: Tokens? get() = kept?.takeIf { it.of == source() }

    /** Called whenever somebody signs in or out. */
    @Volatile
    var onChange: () -> Unit = {}

    /** Who is signed in; null where nobody is. */
    val identity: Identity? get() = tokens?.let { held ->
        val claims = claimsOf(held.access)
        Identity(claims?.text("stellaops:tenant") ?: claims?.text("tid"), claims?.text("sub"), held.scopes.toSet())
    }

    /** Takes up the sign-in of an earlier run; one with another Authority or client is not used. Blocks. */
    fun restore() {
        kept = stored() ?: return
        onChange()
    }

    private fun stored(): Tokens? {
        val stored = try {
            membersOf(Json.read(secrets.read() ?: return null))
        } catch (_: NotJson) {
            null
        } ?: return null
        if (stored.text("authority") to stored.text("clientId") != source()) return null
        val scopes = stored.text("scopes").orEmpty().split(' ')
        return Tokens(null, Instant.EPOCH, stored.text("refreshToken") ?: return null, scopes, source())
    }

    /** What another process of the IDE, with the same entry of the secret store, renewed in the meantime. */
    private fun renewedElsewhere(refresh: String?): Tokens? = stored()?.takeIf { it.refresh != refresh }

    /** Keeps what a sign-in brought. */
    suspend fun begin(signedIn: TokenAnswer.SignedIn) = one.withLock { keep(signedIn) }

    /**
     * An access token that has not ended.
     *
     * @throws SignedOut nobody is signed in, or no longer
     * @throws Unreachable it has to be refreshed and the Authority does not answer
     */
    suspend fun token(): String {
        val held = tokens ?: throw SignedOut()
        return held.access?.takeIf { clock.instant() < held.endsAt } ?: tokenAfter(held.access)
    }

    /**
     * Another token than the one a server refused.
     *
     * @throws SignedOut it cannot be refreshed
     * @throws Unreachable the Authority does not answer; the sign-in is kept
     */
    suspend fun tokenAfter(refused: String?): String = withContext(NonCancellable) {
        one.withLock {
            val held = tokens ?: throw SignedOut()
            if (held.access != null && held.access != refused) return@withLock held.access
            refreshed(renewedElsewhere(held.refresh) ?: held)
        }
    }

    private suspend fun refreshed(held: Tokens): String {
        val refresh = held.refresh ?: run {
            end()
            throw SignedOut()
        }
        val endpoint = TokenEndpoint(settings(), transport(), Endpoints.of(settings(), transport()))
        return when (val answer = endpoint.ask(Grant.REFRESH, mapOf("refresh_token" to refresh), refresh)) {
            is TokenAnswer.SignedIn -> {
                keep(answer)
                answer.accessToken
            }

            is TokenAnswer.SignedOut -> {
                renewedElsewhere(refresh)?.let { return refreshed(it) }
                end()
                throw SignedOut(answer.message)
            }

            is TokenAnswer.Failed -> throw Unreachable(answer.message ?: Words.of("signIn.unreadable"))

            else -> throw Unreachable(Words.of("signIn.authorityAway"))
        }
    }

    /** Forgets the sign-in, because a server refuses even a fresh token. */
    suspend fun forget() = one.withLock { end() }

    /** Forgets the sign-in and revokes it at the Authority, which need not answer. */
    suspend fun signOut() = withContext(NonCancellable) {
        one.withLock {
            val refresh = tokens?.refresh
            end()
            if (refresh == null) return@withLock
            try {
                TokenEndpoint(settings(), transport(), Endpoints.of(settings(), transport())).revoke(refresh)
            } catch (_: Unreachable) {
                // it ends by itself
            }
        }
    }

    private fun keep(signedIn: TokenAnswer.SignedIn) {
        val endsAt = clock.instant().plusSeconds(maxOf(0, signedIn.expiresInSeconds - EARLY_S).toLong())
        kept = Tokens(signedIn.accessToken, endsAt, signedIn.refreshToken, signedIn.scopes, source())
        secrets.write(
            signedIn.refreshToken?.let {
                val scopes = signedIn.scopes.joinToString(" ")
                val bound = mapOf("authority" to settings().authorityUrl, "clientId" to settings().clientId)
                Json.write(bound + mapOf("scopes" to scopes, "refreshToken" to it))
            },
        )
        onChange()
    }

    private fun end() {
        kept = null
        secrets.write(null)
        onChange()
    }

    private fun claimsOf(token: String?): Members? = try {
        val payload = token?.split('.')?.takeIf { it.size == 3 }?.get(1)
        payload?.let { membersOf(Json.read(String(Base64.getUrlDecoder().decode(it), Charsets.UTF_8))) }
    } catch (_: IllegalArgumentException) {
        null
    } catch (_: NotJson) {
        null
    }

    private companion object {
        const val EARLY_S = 30
    }
}
