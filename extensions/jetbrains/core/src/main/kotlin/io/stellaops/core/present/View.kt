package io.stellaops.core.present

import io.stellaops.core.Words
import io.stellaops.core.platform.Kind
import io.stellaops.core.state.Listing
import io.stellaops.core.state.Snapshot
import java.time.Instant

/** The four views, by their ids in `parity.json`. */
enum class View(val id: String, val scope: String) {
    RELEASES("stellaOps.releases", "release:read"),
    ENVIRONMENTS("stellaOps.environments", "release:read"),
    DEPLOYMENTS("stellaOps.deployments", "promotion:read"),
    INTEGRATIONS("stellaOps.integrations", "integration:read"),
    ;

    /** What the view is called. */
    val title: String get() = Words.of(id)

    /** What it lists. */
    fun listing(of: Snapshot): Listing<*> = when (this) {
        RELEASES -> of.releases
        ENVIRONMENTS -> of.environments
        DEPLOYMENTS -> of.promotions
        INTEGRATIONS -> of.integrations
    }
}

/** Why a view shows nothing, or something old: the states of `parity.json`, and the commands each offers. */
enum class State(val id: String, val offers: List<String>) {
    SIGNED_OUT("signedOut", listOf("stellaOps.signIn")),
    NOT_CONFIGURED("notConfigured", listOf("stellaOps.openSettings")),
    LOADING("loading", emptyList()),
    EMPTY("empty", listOf("stellaOps.refresh")),
    NOT_OFFERED("notOffered", emptyList()),
    SCOPE_MISSING("scopeMissing", listOf("stellaOps.signIn")),
    OFFLINE("offline", listOf("stellaOps.refresh", "stellaOps.showLog")),
    OFFLINE_EMPTY("offlineEmpty", listOf("stellaOps.refresh", "stellaOps.showLog")),
}

/** A state with its sentence. */
data class Message(val state: State, val text: String)

/** What a view says beside its rows; null where the rows say it all. */
fun messageOf(view: View, of: Snapshot, now: Instant): Message? {
    val listing = view.listing(of)
    val state = when {
        !of.configured -> State.NOT_CONFIGURED
        of.identity == null -> State.SIGNED_OUT
        listing.problem?.kind == Kind.FORBIDDEN -> State.SCOPE_MISSING
        listing.problem?.kind == Kind.NOT_OFFERED -> State.NOT_OFFERED
        listing.offline -> if (listing.at == null) State.OFFLINE_EMPTY else State.OFFLINE
        listing.at == null -> State.LOADING
        Rows(of, now).of(view).isEmpty() -> State.EMPTY
        else -> return null
    }
    val argument = when (state) {
        State.OFFLINE -> age(listing.at!!, now)
        State.OFFLINE_EMPTY -> listing.problem!!.sentence
        else -> ""
    }
    return Message(state, Words.of("state.${state.id}", argument))
}
