package io.stellaops.core

import io.stellaops.core.command.SigningIn
import io.stellaops.core.http.Transport
import io.stellaops.core.signin.SignIn
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.selects.select
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.condition.EnabledIfSystemProperty
import java.net.ConnectException
import java.net.Socket
import java.net.URI
import java.net.URLDecoder
import java.util.concurrent.CountDownLatch

/** What happens at once, and what happens when somebody changes their mind. */
@Timeout(60)
class RenewingTest {
    private val server = SmallServer()

    @AfterEach
    fun close() = server.close()

    private fun plugin(pocket: Pocket = server.pocket()) = Plugin(server.settings, pocket).apply { session.restore() }

    @Test
    fun `many who need a token at once renew it once`() = runBlocking(Dispatchers.Default) {
        val plugin = plugin()
        val tokens = List(20) { async { plugin.session.token() } }.awaitAll()
        assertEquals(setOf("access-2"), tokens.toSet())
        assertEquals(listOf("refresh-1"), server.asked.filter { it.startsWith("refresh") })
    }

    @Test
    fun `a refresh under way is followed by one more, however many ask`() = runBlocking {
        val path = "/api/v1/releases"
        val gate = CountDownLatch(1).also { server.gates[path] = it }
        val plugin = plugin()
        val first = launch(Dispatchers.IO) { plugin.store.refresh() }
        while (path !in server.asked) server.arrived.acquire()
        val others = List(5) { launch(Dispatchers.IO, CoroutineStart.UNDISPATCHED) { plugin.store.refresh() } }
        gate.countDown()
        (others + first).joinAll()
        assertEquals(2, server.asked.count { it == path })
    }

    @Test
    fun `two IDEs with one entry of the safe renew after each other`() = runBlocking {
        val pocket = server.pocket()
        val (one, other) = plugin(pocket) to plugin(pocket)
        assertEquals("access-2", one.session.token())
        assertEquals("access-3", other.session.token())
        assertEquals("access-4", one.session.tokenAfter("access-2"))
        assertEquals(listOf("refresh-1", "refresh-2", "refresh-3"), server.asked.filter { it.startsWith("refresh") })
    }

    @Test
    fun `two IDEs renew at once, and neither is signed out`() = runBlocking(Dispatchers.IO) {
        val gate = CountDownLatch(1).also { server.gates["/oauth/token"] = it }
        server.late = CountDownLatch(1)
        val pocket = server.pocket()
        val plugins = List(2) { plugin(pocket) }
        val tokens = plugins.map { async { it.session.token() } }
        while (server.asked.count { it == "refresh-1" } < 2) server.arrived.acquire()
        gate.countDown()
        select<Unit> { tokens.forEach { token -> token.onAwait { } } }
        server.late.countDown()
        assertEquals(setOf("access-2", "access-3"), tokens.awaitAll().toSet())
        plugins.forEach { assertNotNull(it.session.identity) }
        assertTrue(pocket.secret!!.contains("refresh-3"))
    }

    @Test
    fun `whoever changes their mind does not lose the token that is on its way`() = runBlocking {
        val gate = CountDownLatch(1).also { server.gates["/oauth/token"] = it }
        val plugin = plugin()
        val asking = launch(Dispatchers.IO) { plugin.session.token() }
        while ("refresh-1" !in server.asked) server.arrived.acquire()
        asking.cancel()
        gate.countDown()
        asking.join()
        assertTrue(asking.isCancelled)
        assertEquals("access-2", plugin.session.token())
        assertEquals(1, server.asked.count { it.startsWith("refresh") })
    }

    @Test
    fun `a cancelled sign-in closes its port`() = runBlocking {
        val plugin = Plugin(server.settings)
        var page = ""
        val opened = CountDownLatch(1)
        val signing = launch(Dispatchers.IO) {
            SignIn(plugin.settings, Transport(proxy = null), plugin.session).signIn(
                null,
                open = { true.also { _ -> page = it }.also { opened.countDown() } },
                show = {},
            )
        }
        opened.await()
        val back = URI(URLDecoder.decode(page.substringAfter("redirect_uri=").substringBefore('&'), Charsets.UTF_8))
        Socket(back.host, back.port).close()
        signing.cancelAndJoin()
        assertThrows(ConnectException::class.java) { Socket(back.host, back.port).close() }
        Unit
    }

    @Test
    @EnabledIfSystemProperty(named = "stella.ground", matches = ".+")
    fun `the real Authority does not end the sign-in of two IDEs with one entry`() = runBlocking {
        val one = Plugin()
        val alice = Scripted("alice", mapOf("tenant" to "acme", "way" to "browser"))
        SigningIn({ one.settings }, one.transports, one.session, one.store, alice).signIn()
        val other = Plugin(pocket = one.pocket).apply { session.restore() }
        one.session.tokenAfter(one.session.token())
        other.store.refresh()
        assertTrue(other.store.snapshot.releases.items.isNotEmpty())
        assertNotNull(one.session.tokenAfter(one.session.token()))
    }
}
