package io.stellaops.core.state

import io.stellaops.core.Settings
import io.stellaops.core.platform.Kind
import io.stellaops.core.platform.Reply
import io.stellaops.core.platform.Servers
import io.stellaops.core.signin.Identity
import io.stellaops.core.signin.Session
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import java.time.Clock
import java.util.concurrent.CopyOnWriteArrayList

/** Holds what was last seen, and asks again. Listeners are called on whatever thread changed it. */
class Store(
    private val settings: () -> Settings,
    private val session: Session,
    private val servers: Servers,
    private val clock: Clock = Clock.systemUTC(),
) {
    private val one = Mutex()
    private val listeners = CopyOnWriteArrayList<(Snapshot) -> Unit>()

    @Volatile
    private var begun = 0L

    /** What is known now. */
    @Volatile
    var snapshot: Snapshot = Snapshot()
        private set

    /** How many refreshes in a row brought nothing new from some server. */
    @Volatile
    var failures: Int = 0
        private set

    /** Calls a listener at each change; what is returned ends that. */
    fun listen(listener: (Snapshot) -> Unit): AutoCloseable {
        listeners += listener
        return AutoCloseable { listeners -= listener }
    }

    /** Takes over settings and sign-in; what belonged to somebody else is forgotten at once. */
    @Synchronized
    fun settle() {
        val now = session.identity
        val before = snapshot
        val kept = if (sameAs(before.identity, now)) before else Snapshot()
        change(kept.copy(configured = settings().configured && settings().problems().isEmpty(), identity = now))
    }

    /** Forgets what was seen: the servers are others now. */
    fun forget() {
        change(
            Snapshot(
                configured = settings().configured && settings().problems().isEmpty(),
                identity = session.identity,
            ),
        )
    }

    /** Asks for everything again; whoever asks while one is under way waits for the one after it. */
    suspend fun refresh() {
        val asked = System.nanoTime()
        one.withLock {
            if (begun > asked) return
            begun = System.nanoTime()
            settle()
            if (snapshot.configured && snapshot.identity != null) fetch()
        }
    }

    private suspend fun fetch() = coroutineScope {
        val releases = async { asked("release:read") { servers.releases() } }
        val environments = async { asked("release:read") { servers.environments() } }
        val promotions = async { asked("promotion:read") { servers.promotions() } }
        val integrations = async { asked("integration:read") { servers.integrations() } }
        val replies = listOf(releases.await(), environments.await(), promotions.await(), integrations.await())
        settle() // the first token tells who it is; a refused one that nobody is
        if (snapshot.identity == null) return@coroutineScope
        val now = clock.instant()
        change(
            snapshot.copy(
                releases = snapshot.releases.after(releases.await(), now),
                environments = snapshot.environments.after(environments.await(), now),
                promotions = snapshot.promotions.after(promotions.await(), now),
                integrations = snapshot.integrations.after(integrations.await(), now),
            ),
        )
        failures = if (snapshot.offline) failures + 1 else 0
        if (replies.last() is Reply.Got) fetchChecks()
    }

    /** The steps of what is not healthy; those of the others are asked for when they are looked at. */
    private suspend fun fetchChecks() = coroutineScope {
        val unwell = snapshot.integrations.items.filter {
            it.status != "healthy" && it.lastCheckedAt != null
        }.take(MOST_CHECKS)
        val found = unwell.map { one -> one.id to async { servers.health(one.id, checks = 1) } }
        val checks = found.mapNotNull { (id, reply) -> (reply.await() as? Reply.Got)?.let { id to it.value.latest } }
        change(snapshot.copy(checks = snapshot.checks.filterKeys { id -> unwell.none { it.id == id } } + checks))
    }

    private suspend fun <T> asked(scope: String, ask: suspend () -> Reply<List<T>>): Reply<List<T>> {
        val allowed = session.identity?.scopes?.contains(scope) ?: true
        return if (allowed) ask() else Reply.Refused(Kind.FORBIDDEN)
    }

    /** When to ask again, in seconds: slower while a server does not answer, and no sooner than it wishes. */
    fun nextPollSeconds(): Int {
        val usual = settings().pollIntervalSeconds
        val slower = usual.toLong() shl failures.coerceAtMost(MOST_DOUBLINGS)
        val wished = snapshot.listings.mapNotNull { it.problem?.retryAfterSeconds }.maxOrNull() ?: 0
        return maxOf(slower.coerceAtMost(maxOf(SLOWEST_S, usual).toLong()).toInt(), wished.coerceAtMost(SLOWEST_S))
    }

    @Synchronized
    private fun change(to: Snapshot) {
        if (to == snapshot) return
        snapshot = to
        listeners.forEach { it(to) }
    }

    /** A token that is not there yet, after a start of the IDE, says nothing of who it is for. */
    private fun sameAs(before: Identity?, now: Identity?): Boolean {
        if (before == null || now == null) return false
        return before.tenant == null || (before.tenant == now.tenant && before.subject == now.subject)
    }

    private companion object {
        const val MOST_CHECKS = 20
        const val MOST_DOUBLINGS = 4
        const val SLOWEST_S = 300
    }
}
