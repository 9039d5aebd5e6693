package io.stellaops.core

import io.stellaops.core.command.Command
import io.stellaops.core.json.Members
import io.stellaops.core.platform.Check
import io.stellaops.core.platform.Component
import io.stellaops.core.platform.Environment
import io.stellaops.core.platform.Integration
import io.stellaops.core.platform.Kind
import io.stellaops.core.platform.Promotion
import io.stellaops.core.platform.Release
import io.stellaops.core.platform.Reply
import io.stellaops.core.platform.Step
import io.stellaops.core.present.Row
import io.stellaops.core.present.Rows
import io.stellaops.core.present.State
import io.stellaops.core.present.View
import io.stellaops.core.present.annotationsOf
import io.stellaops.core.present.statusOf
import io.stellaops.core.signin.Identity
import io.stellaops.core.state.Listing
import io.stellaops.core.state.Snapshot
import io.stellaops.core.yaml.analyse
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.time.Instant

/** What the core offers is what `parity.json` lists: nothing missing, nothing more. */
class ParityTest {
    private val parity = shared("parity.json")
    private val now = Instant.parse("2026-01-05T09:30:00Z")
    private val seen = Snapshot(
        configured = true,
        identity = Identity("acme", "alice", emptySet()),
        releases = Listing(
            listOf(
                Release("r", "checkout", "1", "finalized", listOf(Component("api", "x/api", null, "i")), now, "alice"),
            ),
            now,
        ),
        environments = Listing(
            listOf(Environment("e", "dev", "Development", 0, false, 0, emptyList(), null, emptyList())),
            now,
        ),
        promotions = Listing(listOf(promotion("p1", "pending_approval"), promotion("p2", "deployed")), now),
        integrations = Listing(
            listOf(Integration("i", "harbor", "harbor", "degraded", "quota_low", now, now, false, now)),
            now,
        ),
        checks = mapOf(
            "i" to Check("degraded", null, now, 1.0, null, listOf(Step("quota", "degraded", 1.0, "x", "y"))),
        ),
    )

    private fun promotion(id: String, status: String) = Promotion(
        id, status, "r", "checkout", "1", null, "e", "dev", null, "alice", now, 1, emptyList(), emptyList(), now, null,
    )

    private fun all(rows: List<Row>): List<Row> = rows.flatMap { listOf(it) + all(it.children) }

    @Test
    fun `views show what they are to show`() {
        assertEquals(
            parity.children("views").map { it.text("id") to it.text("scope") },
            View.entries.map {
                it.id to
                    it.scope
            },
        )
        for (view in parity.children("views")) {
            assertEquals(view.text("title"), Words.of(view.text("id")!!))
            val rows = all(Rows(seen, now).of(View.entries.single { it.id == view.text("id") }))
            val items = view.children("items")
            assertEquals(items.mapNotNull { it.text("kind") }.toSet(), rows.map { it.kind }.toSet())
            for (item in items) {
                val row = rows.first { it.kind == item.text("kind") }
                assertEquals(item.texts("shows"), row.shows.keys.toList(), row.kind)
                assertEquals(item.texts("details"), row.details.keys.toList(), row.kind)
                assertEquals(item.texts("children").toSet(), row.children.map { it.kind }.toSet(), row.kind)
                row.details.keys.forEach { Words.of("detail.$it") }
            }
        }
    }

    @Test
    fun `commands are those of the list`() {
        assertEquals(parity.children("commands").map { it.text("id") }, Command.entries.map { it.id })
        for (wanted in parity.children("commands")) {
            val command = Command.of(wanted.text("id")!!)
            assertEquals(wanted.text("title"), Words.of(command.id))
            assertEquals(wanted.text("title"), Words.of("action.${command.id}.text"))
            assertEquals(wanted.texts("kinds").toSet(), command.kinds, command.id)
            assertEquals(wanted.text("scope"), command.scope, command.id)
            val signedIn = if ("signedIn" in wanted.names()) wanted.flag("signedIn") else null
            assertEquals(signedIn, command.signedIn, command.id)
            assertEquals("palette" !in wanted.texts("where"), command.onlyOnItems, command.id)
        }
    }

    @Test
    fun `a browser is sent where the server says, and nowhere else`() {
        val safe = listOf("https://platform.example.com/releases/r?tab=1#top", "http://127.0.0.1:8710/releases/r")
        val refused = listOf(
            null, "", "javascript:alert(1)", "file:///etc/passwd", "http://platform.example.com/r", "/releases/r",
            "https://alice:word@platform.example.com/r", "https:platform", "http://127.0.0.1.example.com/r",
        )
        for (url in safe + refused) {
            val there = seen.copy(releases = Listing(seen.releases.items.map { it.copy(webUrl = url) }, now))
            val (row) = Rows(there, now).of(View.RELEASES)
            assertEquals(url.takeIf { it in safe }, row.page)
            assertEquals(row.page != null, Command.OPEN_IN_BROWSER.offeredOn(row, there))
        }
    }

    @Test
    fun `states are those of the list`() {
        assertEquals(
            parity.children("states").map { it.text("id") to it.texts("offers") },
            State.entries.map {
                it.id to
                    it.offers
            },
        )
        for (state in parity.children("states")) {
            assertEquals(state.text("text")!!.replace("{0}", "x"), Words.of("state.${state.text("id")}", "x"))
        }
    }

    @Test
    fun `settings have the defaults of the list`() {
        val own = Settings()
        val values = mapOf(
            "platformUrl" to own.platformUrl, "hubUrl" to own.hubUrl, "authorityUrl" to own.authorityUrl,
            "tokenPath" to own.tokenPath, "clientId" to own.clientId, "scopes" to own.scopes,
            "pollIntervalSeconds" to own.pollIntervalSeconds, "caFile" to own.caFile, "annotations" to own.annotations,
        )
        assertEquals(parity.children("settings").map { it.text("id") }, values.keys.map { "stellaOps.$it" })
        val listed = raw("parity.json")["settings"] as List<*>
        listed.map { it as Map<*, *> }.forEach { setting -> same(setting, values) }
        val poll = parity.children("settings").single { it.text("id") == "stellaOps.pollIntervalSeconds" }
        assertEquals(Settings.SHORTEST_POLL to Settings.LONGEST_POLL, poll.int("minimum") to poll.int("maximum"))
    }

    private fun same(setting: Map<*, *>, values: Map<String, Any>) {
        val wanted = setting["default"].let { if (it is Map<*, *>) it["jetbrains"] else it }
        val own = values.getValue((setting["id"] as String).removePrefix("stellaOps."))
        assertEquals(wanted, if (own is Int) own.toDouble() else own, "${setting["id"]}")
        assertEquals(setting["title"], Words.of(setting["id"] as String))
    }

    @Test
    fun `annotations are those of the list`() {
        val analysis =
            analyse("apiVersion: stella-ops/v1\nrelease: checkout\nsource: harbor\nenvironments: [dev]\n", seen.known)
        val made = annotationsOf(analysis, seen, now).associateBy { it.id }
        assertEquals(parity.children("annotations").map { it.text("id") }.toSet(), made.keys)
        for (wanted in parity.children("annotations")) {
            val annotation = made.getValue(wanted.text("id")!!)
            assertEquals(wanted.texts("commands"), annotation.commands)
            assertEquals(wanted.text("above"), annotation.named.kind)
            assertEquals(pattern(wanted), Words.of(annotation.id, "A", "B", "C"))
        }
    }

    private fun pattern(wanted: Members): String {
        val letters = listOf("A", "B", "C").iterator()
        return wanted.text("text")!!.replace(Regex("""\{\w+}""")) { letters.next() }
    }

    @Test
    fun `the status bar has the states of the list and shows what it is to show`() {
        val bar = parity.child("statusBar")!!
        val settings = Settings("https://platform.example.com", "", "https://login.example.com")
        val away = Listing<Release>().after(Reply.Refused(Kind.UNREACHABLE, message = "no route"), now)
        val met = mapOf(
            "signedOut" to Snapshot(configured = true),
            "notConfigured" to Snapshot(),
            "loading" to Snapshot(configured = true, identity = seen.identity),
            "online" to seen,
            "offline" to seen.copy(releases = seen.releases.after(away.problem!!, now)),
            "error" to Snapshot(configured = true, identity = seen.identity, releases = away),
        )
        assertEquals(bar.texts("states"), met.map { (_, snapshot) -> statusOf(snapshot, settings, now).state })
        assertEquals(met.keys.toList(), bar.texts("states"))
        val unhealthy = seen.integrations.items.map { it.copy(status = "unhealthy") }
        val online = statusOf(seen.copy(integrations = Listing(unhealthy, now)), settings, now)
        val shown = mapOf(
            "server" to "platform.example.com",
            "tenant" to "acme",
            "promotions waiting for approval" to "Waiting for approval: 1",
            "unhealthy integrations" to "Unhealthy integrations: 1",
        )
        assertEquals(bar.texts("shows"), shown.keys.toList())
        shown.values.forEach { assertTrue(it in online.tooltip, online.tooltip) }
        assertEquals("Stella Ops: acme · 1 waiting · 1 unhealthy", online.text)
    }
}
