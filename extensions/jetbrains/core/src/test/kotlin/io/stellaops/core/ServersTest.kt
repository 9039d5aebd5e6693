package io.stellaops.core

import io.stellaops.core.command.Deciding
import io.stellaops.core.command.Looking
import io.stellaops.core.command.SigningIn
import io.stellaops.core.present.Rows
import io.stellaops.core.present.State
import io.stellaops.core.present.View
import io.stellaops.core.present.messageOf
import io.stellaops.core.present.statusOf
import io.stellaops.core.signin.Session
import io.stellaops.core.signin.SignedOut
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledIfSystemProperty
import java.time.Instant

/** The core against the real development platform, the real hub and the real Authority, over loopback. */
@EnabledIfSystemProperty(named = "stella.ground", matches = ".+")
class ServersTest {
    private fun signedIn(name: String, code: Boolean = false): Plugin = Plugin().also { plugin ->
        val person = Scripted(name, mapOf("tenant" to "acme", "way" to if (code) "code" else "browser"))
        runBlocking { signing(plugin, person).signIn() }
        assertEquals(listOf(Words.of("signIn.done", name, "acme")), person.told, "${person.warned}")
    }

    private fun signing(plugin: Plugin, person: Scripted) =
        SigningIn({ plugin.settings }, plugin.transports, plugin.session, plugin.store, person)

    private fun message(plugin: Plugin, view: View) = messageOf(view, plugin.store.snapshot, Instant.now())?.state

    private fun rows(plugin: Plugin, view: View) = Rows(plugin.store.snapshot, Instant.now()).of(view)

    @Test
    fun `a person signs in by the browser and sees everything`() {
        assertEquals(State.SIGNED_OUT, message(Plugin().apply { store.settle() }, View.RELEASES))
        val alice = signedIn("alice")
        assertTrue(rows(alice, View.RELEASES).any { it.text.startsWith("checkout · 2.4.1") })
        assertEquals(
            listOf("Development", "Staging", "Production", "Disaster recovery"),
            rows(alice, View.ENVIRONMENTS).map {
                it.shows["displayName"]
            },
        )
        assertTrue(rows(alice, View.DEPLOYMENTS).isNotEmpty())
        for (view in listOf(View.RELEASES, View.ENVIRONMENTS, View.DEPLOYMENTS)) {
            val page = rows(alice, view).first().page // the platform names one of each
            assertTrue(page.orEmpty().startsWith(alice.settings.platformUrl), "$view leads to $page")
        }
        val integrations = rows(alice, View.INTEGRATIONS).map { it.shows["name"] }
        assertTrue(integrations.containsAll(listOf("harbor", "broken")), "$integrations")
        assertEquals("online", statusOf(alice.store.snapshot, alice.settings, Instant.now()).state)
        View.entries.forEach { assertNull(message(alice, it)) }
        val harbor = rows(alice, View.RELEASES).first().children.first().details["integration"]
        assertEquals("harbor", harbor) // registryIntegrationId leads to the hub's integration
    }

    @Test
    fun `a person signs in with a code`() {
        assertEquals("dave", signedIn("dave", code = true).session.identity?.subject)
    }

    @Test
    fun `no browser opens, so a code is shown`() = runBlocking {
        val plugin = Plugin()
        val person = Scripted("bob", mapOf("tenant" to "acme", "way" to "browser")).apply { browses = false }
        signing(plugin, person).signIn()
        assertEquals("bob", plugin.session.identity?.subject, "${person.warned}")
    }

    @Test
    fun `one asks, two others approve`() = runBlocking {
        val alice = signedIn("alice")
        val release = alice.store.snapshot.releases.items.single { it.version == "2.4.1" }
        val stage = alice.store.snapshot.environments.items.single { it.name == "stage" }
        val asking = Scripted(
            "alice",
            mapOf(
                "release" to release.id,
                "environment" to stage.id,
                "reason" to "“quoted” \u0001\n",
            ),
        )
        Deciding(alice.servers, alice.store, asking).promote(release, stage)
        assertTrue(asking.confirmed.isEmpty(), "staging is no production")
        assertEquals(1, asking.told.size, "${asking.warned}")
        val own = alice.store.snapshot.promotions.items.first {
            it.targetEnvironmentName == "prod" &&
                it.status == "awaiting_approval"
        }
        val refused = Scripted("alice", mapOf("promotion" to own.id, "word" to ""))
        Deciding(alice.servers, alice.store, refused).approve(own)
        assertEquals(1, refused.warned.size) // nobody approves what they asked for: the platform's own sentence
        val bob = signedIn("bob")
        val declining = Scripted("bob", mapOf("promotion" to own.id, "word" to "ok")).apply { agrees = false }
        Deciding(bob.servers, bob.store, declining).approve(own)
        assertEquals(1, declining.confirmed.size)
        assertTrue(declining.told.isEmpty())
        val approving = Scripted("bob", mapOf("promotion" to own.id, "word" to "Looks good."))
        Deciding(bob.servers, bob.store, approving).approve(own)
        assertEquals(listOf(Words.of("approve.done", own.title, "prod", 2, 2)), approving.told, "${approving.warned}")
    }

    @Test
    fun `a rejection needs its reason and ends a promotion`() = runBlocking {
        val dave = signedIn("dave")
        val release = dave.store.snapshot.releases.items.single { it.version == "2.4.0" }
        val target = dave.store.snapshot.environments.items.single { it.name == "stage" }
        val made = Scripted("dave", mapOf("release" to release.id, "environment" to target.id))
        Deciding(dave.servers, dave.store, made).promote()
        val bob = signedIn("bob")
        Ground.ask("/wait-for-approval")
        bob.store.refresh()
        val open = bob.store.snapshot.promotions.items.first {
            it.requestedBy == "dave" &&
                it.status == "awaiting_approval"
        }
        val person = Scripted("bob", mapOf("promotion" to open.id, "word" to "Not now."))
        Deciding(bob.servers, bob.store, person).reject(open)
        assertTrue((person.asked.single().fields.last() as io.stellaops.core.command.Field.Text).required)
        assertEquals(listOf(Words.of("reject.done", open.title, "stage")), person.told, "${person.warned}")
    }

    @Test
    fun `an integration is checked and its history shown`() = runBlocking {
        val alice = signedIn("alice")
        val person = Scripted("alice")
        val looking = Looking(alice.servers, alice.store, person)
        val all = alice.store.snapshot.integrations.items
        looking.check(all.single { it.name == "harbor" })
        assertEquals(listOf(Words.of("check.done", "harbor", "Healthy")), person.told, "${person.warned}")
        looking.check(all.single { it.name == "broken" })
        assertTrue(person.warned.single().startsWith("broken: Unhealthy."), "${person.warned}")
        val row = rows(alice, View.INTEGRATIONS).single { it.shows["name"] == "broken" }
        assertTrue(row.children.any { it.shows["status"] == "Failed" }, "${row.children}")
        looking.history(all.single { it.name == "broken" })
        assertTrue(person.pages.getValue("Health of broken").contains("Unhealthy"))
        looking.release("rel-checkout-2.4.1")
        assertTrue(person.pages.getValue("checkout 2.4.1").contains("sha256:"))
    }

    @Test
    fun `whoever may only look is offered only that`() = runBlocking {
        val carol = signedIn("carol")
        assertFalse(carol.store.snapshot.may("promotion:write"))
        assertFalse(io.stellaops.core.command.Command.PROMOTE.offered(carol.store.snapshot))
        assertTrue(rows(carol, View.RELEASES).isNotEmpty())
    }

    @Test
    fun `a later run takes up the sign-in, and a used refresh token is never sent again`() = runBlocking {
        val first = signedIn("alice")
        val kept = first.pocket.secret
        assertFalse(kept!!.contains(first.session.token()), "the access token is in memory alone")
        val second = Plugin(pocket = first.pocket).apply { session.restore() }
        second.store.refresh()
        assertTrue(rows(second, View.RELEASES).isNotEmpty())
        assertNotEquals(kept, first.pocket.secret)
        signing(second, Scripted("alice")).signOut()
        assertNull(second.pocket.secret)
        assertEquals(State.SIGNED_OUT, message(second, View.RELEASES))
        // another Authority's sign-in is not taken up
        val elsewhere =
            Plugin(Ground.settings.copy(authorityUrl = "http://127.0.0.1:1"), Pocket().apply { secret = kept })
        elsewhere.session.restore()
        assertNull(elsewhere.session.identity)
    }

    @Test
    fun `tokens are not sent to another Authority than gave them`() {
        val alice = signedIn("alice")
        var settings = alice.settings
        val session = Session({ settings }, alice.transports, alice.pocket).apply { restore() }
        assertEquals("alice", alice.session.identity?.subject)
        settings = settings.copy(authorityUrl = "http://127.0.0.1:1")
        assertNull(session.identity)
        assertThrows(SignedOut::class.java) { runBlocking { session.token() } }
    }

    @Test
    fun `a stopped platform leaves what was seen, and it comes back`() = runBlocking {
        val alice = signedIn("alice")
        val before = rows(alice, View.RELEASES).size
        Ground.ask("/platform/stop")
        alice.store.refresh()
        assertEquals(State.OFFLINE, message(alice, View.RELEASES))
        assertEquals(before, rows(alice, View.RELEASES).size)
        assertNull(message(alice, View.INTEGRATIONS), "the hub still answers")
        assertEquals("offline", statusOf(alice.store.snapshot, alice.settings, Instant.now()).state)
        assertTrue(alice.store.nextPollSeconds() > alice.settings.pollIntervalSeconds)
        Ground.ask("/platform/start")
        alice.store.refresh()
        assertNull(message(alice, View.RELEASES))
        assertEquals(alice.settings.pollIntervalSeconds, alice.store.nextPollSeconds())
    }

    @Test
    fun `what a server does not list is shown as not offered`() = runBlocking {
        val alice = signedIn("alice")
        val elsewhere = Plugin(alice.settings.copy(platformUrl = alice.settings.hubUrl), alice.pocket).apply {
            session.restore()
        }
        elsewhere.store.refresh()
        assertEquals(State.NOT_OFFERED, message(elsewhere, View.RELEASES))
        assertNull(elsewhere.store.snapshot.known.releases)
    }
}
