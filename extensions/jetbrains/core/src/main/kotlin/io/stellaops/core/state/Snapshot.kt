package io.stellaops.core.state

import io.stellaops.core.platform.Check
import io.stellaops.core.platform.Environment
import io.stellaops.core.platform.Integration
import io.stellaops.core.platform.Kind
import io.stellaops.core.platform.Promotion
import io.stellaops.core.platform.Release
import io.stellaops.core.platform.Reply
import io.stellaops.core.signin.Identity
import io.stellaops.core.yaml.Known
import java.time.Instant

/** A listing as it was last seen, when that was, and why the last try brought nothing. */
data class Listing<T>(val value: List<T>? = null, val at: Instant? = null, val problem: Reply.Refused? = null) {
    /** The items, none where they are not known. */
    val items: List<T> get() = value.orEmpty()

    /** Whether the last try failed while the server was expected to answer. */
    val offline: Boolean get() = problem != null &&
        problem.kind !in setOf(Kind.NOT_OFFERED, Kind.FORBIDDEN, Kind.SIGNED_OUT)

    /** What is known after one more try. What failed for a while keeps what was seen, with its age. */
    fun after(reply: Reply<List<T>>, now: Instant): Listing<T> = when (reply) {
        is Reply.Got -> Listing(reply.value, now)
        is Reply.Refused -> Listing<T>(problem = reply).let { if (it.offline) copy(problem = reply) else it }
    }
}

/** All that is shown, at one moment. */
data class Snapshot(
    val configured: Boolean = false,
    val identity: Identity? = null,
    val releases: Listing<Release> = Listing(),
    val environments: Listing<Environment> = Listing(),
    val promotions: Listing<Promotion> = Listing(),
    val integrations: Listing<Integration> = Listing(),
    val checks: Map<String, Check> = emptyMap(),
) {
    /** The names `stella.yaml` may use. */
    val known: Known get() = Known(
        releases.value?.map { it.name }?.distinct(),
        environments.value?.map { it.name },
        integrations.value?.map { it.name },
    )

    /** Whether a server that was asked does not answer. */
    val offline: Boolean get() = listings.any { it.offline }

    /** The four listings. */
    val listings: List<Listing<*>> get() = listOf(releases, environments, promotions, integrations)

    /** Whether the token has a scope. */
    fun may(scope: String?): Boolean = scope == null || identity?.scopes?.contains(scope) == true
}
