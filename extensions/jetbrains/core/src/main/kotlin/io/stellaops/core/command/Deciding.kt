package io.stellaops.core.command

import io.stellaops.core.Words
import io.stellaops.core.platform.Environment
import io.stellaops.core.platform.Promotion
import io.stellaops.core.platform.Release
import io.stellaops.core.platform.Reply
import io.stellaops.core.platform.Servers
import io.stellaops.core.present.Statuses
import io.stellaops.core.present.age
import io.stellaops.core.state.Store
import java.time.Clock

/** Promoting, approving and rejecting: what is asked, what is sent, what is told. */
class Deciding(
    private val servers: Servers,
    private val store: Store,
    private val person: Person,
    private val clock: Clock = Clock.systemUTC(),
) {
    /** `stellaOps.promoteRelease`; what is given is offered first. */
    suspend fun promote(release: Release? = null, environment: Environment? = null) {
        val seen = store.snapshot
        val releases = seen.releases.items.filter { Statuses.promotable(it.status) }
        if (releases.isEmpty() || seen.environments.items.isEmpty()) return person.warn(Words.of("promote.nothing"))
        val answers = person.ask(
            Question(
                Words.of("stellaOps.promoteRelease"),
                Words.of("promote.action"),
                listOf(
                    Field.Choice(
                        "release",
                        Words.of("ask.release"),
                        releases.map {
                            Option(it.id, it.title)
                        },
                        release?.id,
                    ),
                    Field.Choice(
                        "environment",
                        Words.of("ask.environment"),
                        seen.environments.items.map { Option(it.id, it.displayName) },
                        environment?.id,
                    ),
                    Field.Text("reason", Words.of("ask.reason")),
                ),
            ),
        ) ?: return
        val chosen = releases.find { it.id == answers["release"] } ?: return
        val target = seen.environments.items.find { it.id == answers["environment"] } ?: return
        val asked = Words.of("promote.confirm", chosen.title, target.displayName)
        if (target.isProduction &&
            !person.confirm(Words.of("stellaOps.promoteRelease"), asked, Words.of("promote.action"))
        ) {
            return
        }
        done(servers.promote(chosen.id, target.id, answers["reason"].orEmpty())) {
            Words.of("promote.done", it.title, it.targetEnvironmentName, Statuses.promotion(it.status).label)
        }
    }

    /** `stellaOps.approvePromotion`. */
    suspend fun approve(promotion: Promotion? = null) {
        val (chosen, comment) = choose(
            "stellaOps.approvePromotion",
            "approve.action",
            promotion,
            Field.Text("word", Words.of("ask.comment")),
        ) ?: return
        val environment = store.snapshot.environments.items.find {
            it.id == chosen.targetEnvironmentId || it.name == chosen.targetEnvironmentName
        }
        val asked = Words.of("approve.confirm", chosen.title, environment?.displayName ?: chosen.targetEnvironmentName)
        // an environment nobody told about is taken for production
        val production = environment?.isProduction ?: true
        if (production &&
            !person.confirm(Words.of("stellaOps.approvePromotion"), asked, Words.of("approve.action"))
        ) {
            return
        }
        done(servers.approve(chosen.id, comment)) {
            Words.of(
                "approve.done",
                it.title,
                it.targetEnvironmentName,
                it.approvals.size,
                it.requiredApprovals ?: it.approvals.size,
            )
        }
    }

    /** `stellaOps.rejectPromotion`. */
    suspend fun reject(promotion: Promotion? = null) {
        val (chosen, reason) = choose(
            "stellaOps.rejectPromotion",
            "reject.action",
            promotion,
            Field.Text("word", Words.of("ask.reason"), required = true),
        ) ?: return
        done(servers.reject(chosen.id, reason)) { Words.of("reject.done", it.title, it.targetEnvironmentName) }
    }

    private suspend fun choose(id: String, action: String, given: Promotion?, word: Field): Pair<Promotion, String>? {
        val open = store.snapshot.promotions.items.filter { Statuses.decidable(it.status) }
        if (open.isEmpty()) {
            person.warn(Words.of("decide.nothing"))
            return null
        }
        val options = open.map { Option(it.id, described(it)) }
        val choice = Field.Choice("promotion", Words.of("ask.promotion"), options, given?.id)
        val answers = person.ask(Question(Words.of(id), Words.of(action), listOf(choice, word))) ?: return null
        return open.find { it.id == answers["promotion"] }?.let { it to answers["word"].orEmpty() }
    }

    private fun described(promotion: Promotion): String {
        val since = promotion.requestedAt?.let { age(it, clock.instant()) }.orEmpty()
        return Words.of(
            "decide.option",
            promotion.title,
            promotion.targetEnvironmentName,
            promotion.requestedBy.orEmpty(),
            since,
        )
    }

    private suspend fun done(reply: Reply<Promotion>, told: (Promotion) -> String) {
        when (reply) {
            is Reply.Got -> person.tell(told(reply.value))
            is Reply.Refused -> person.warn(reply.sentence)
        }
        store.refresh()
    }
}
