package io.stellaops.core

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import io.stellaops.core.json.Json
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.Semaphore

/**
 * Authority, platform and hub of a few lines, on 127.0.0.1, for what the real ones do not show: how often they were asked,
 * and what happens while an answer is on its way. A refresh token is good once; every listing is empty.
 */
class SmallServer : AutoCloseable {
    private val server = HttpServer.create(InetSocketAddress(InetAddress.getByAddress(byteArrayOf(127, 0, 0, 1)), 0), 8)
    private val threads = Executors.newCachedThreadPool()
    private var turn = 1

    /** The paths that were asked for, and for the token endpoint the refresh token that came. */
    val asked = CopyOnWriteArrayList<String>()

    /** One permit for each request that arrived. */
    val arrived = Semaphore(0)

    /** What answers wait for, by path: nothing, where nothing is said. */
    val gates = HashMap<String, CountDownLatch>()

    /** What the refusal of a used token waits for. */
    var late = CountDownLatch(0)

    val settings = "http://127.0.0.1:${server.address.port}".let { Settings(it, it, it) }

    init {
        server.executor = threads
        server.createContext("/") { answer(it) }
        server.start()
    }

    /** A password safe with the first sign-in. */
    fun pocket() = Pocket().apply {
        val kept = mapOf("authority" to settings.authorityUrl, "clientId" to settings.clientId)
        secret = Json.write(kept + mapOf("scopes" to settings.scopes, "refreshToken" to "refresh-1"))
    }

    override fun close() {
        (gates.values + late).forEach(CountDownLatch::countDown)
        server.stop(0)
        threads.shutdownNow()
    }

    private fun answer(exchange: HttpExchange) {
        val path = exchange.requestURI.path
        val form = exchange.requestBody.readAllBytes().decodeToString()
        val given = form.split('&').firstOrNull { it.startsWith("refresh_token=") }?.substringAfter('=')
        asked += given ?: path
        arrived.release()
        gates[path]?.await()
        val (status, body) = when {
            path == "/oauth/token" -> token(given)
            path.startsWith("/.well-known") -> 404 to "{}"
            else -> 200 to """{"items":[],"data":[]}"""
        }
        val bytes = body.toByteArray()
        exchange.responseHeaders.add("Content-Type", "application/json")
        exchange.sendResponseHeaders(status, bytes.size.toLong())
        exchange.responseBody.use { it.write(bytes) }
    }

    private fun token(given: String?): Pair<Int, String> {
        val good = synchronized(this) { (given == "refresh-$turn").also { if (it) turn++ } }
        if (!good) {
            late.await()
            return 400 to """{"error":"invalid_grant"}"""
        }
        val scopes = settings.scopes
        return 200 to """{"access_token":"access-$turn","token_type":"Bearer","expires_in":300,
            |"refresh_token":"refresh-$turn","scope":"$scopes"}
        """.trimMargin()
    }
}
