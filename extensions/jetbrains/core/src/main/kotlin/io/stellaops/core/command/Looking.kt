package io.stellaops.core.command

import io.stellaops.core.Words
import io.stellaops.core.platform.Check
import io.stellaops.core.platform.Integration
import io.stellaops.core.platform.Promotion
import io.stellaops.core.platform.Release
import io.stellaops.core.platform.Reply
import io.stellaops.core.platform.Servers
import io.stellaops.core.present.Row
import io.stellaops.core.present.Statuses
import io.stellaops.core.present.healthPage
import io.stellaops.core.present.releasePage
import io.stellaops.core.state.Store

/** Checking an integration, and looking at one thing more closely. */
class Looking(private val servers: Servers, private val store: Store, private val person: Person) {
    /** `stellaOps.checkIntegration`. */
    suspend fun check(integration: Integration? = null) {
        val chosen = integration ?: choose("stellaOps.checkIntegration", "check.action") ?: return
        when (val reply = servers.check(chosen.id)) {
            is Reply.Got -> told(chosen, reply.value)
            is Reply.Refused -> person.warn(reply.sentence)
        }
        store.refresh()
    }

    private suspend fun told(integration: Integration, check: Check) {
        val status = Statuses.health(check.status).label
        val sentence = Words.of("check.done", integration.name, status)
        val why = listOfNotNull(check.errorMessage, check.remedy).joinToString(" ")
        if (check.status == "healthy") person.tell(sentence) else person.warn("$sentence $why".trim())
    }

    /** `stellaOps.showHealthHistory`. */
    suspend fun history(integration: Integration? = null) {
        val chosen = integration ?: choose("stellaOps.showHealthHistory", "show.action") ?: return
        when (val reply = servers.health(chosen.id)) {
            is Reply.Got -> person.show(Words.of("health.title", chosen.name), healthPage(chosen, reply.value))
            is Reply.Refused -> person.warn(reply.sentence)
        }
    }

    /** `stellaOps.showReleaseDetails`, of a release or of what was deployed; without one it is asked which. */
    suspend fun release(id: String? = null) {
        val chosen = id ?: chooseRelease() ?: return
        when (val reply = servers.release(chosen)) {
            is Reply.Got -> person.show(reply.value.title, releasePage(reply.value, store.snapshot))
            is Reply.Refused -> person.warn(reply.sentence)
        }
    }

    /** `stellaOps.openInBrowser`. */
    suspend fun open(row: Row) {
        val url = row.page ?: return
        if (!person.browse(url)) person.warn(Words.of("browse.failed", url))
    }

    /** The release behind a row. */
    fun releaseIdOf(row: Row): String? = (row.target as? Release)?.id ?: (row.target as? Promotion)?.releaseId

    private suspend fun choose(id: String, action: String): Integration? {
        val all = store.snapshot.integrations.items
        if (all.isEmpty()) {
            person.warn(Words.of("check.nothing"))
            return null
        }
        val options = all.map { Option(it.id, "${it.name} · ${it.type} · ${Statuses.health(it.status).label}") }
        val field = Field.Choice("integration", Words.of("ask.integration"), options)
        val answers = person.ask(Question(Words.of(id), Words.of(action), listOf(field))) ?: return null
        return all.find { it.id == answers["integration"] }
    }

    private suspend fun chooseRelease(): String? {
        val all = store.snapshot.releases.items
        if (all.isEmpty()) {
            person.warn(Words.of("promote.nothing"))
            return null
        }
        val field = Field.Choice("release", Words.of("ask.release"), all.map { Option(it.id, it.title) })
        val question = Question(Words.of("stellaOps.showReleaseDetails"), Words.of("show.action"), listOf(field))
        return person.ask(question)?.get("release")
    }
}
