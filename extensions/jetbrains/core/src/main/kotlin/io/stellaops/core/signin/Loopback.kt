package io.stellaops.core.signin

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import io.stellaops.core.Words
import kotlinx.coroutines.CompletableDeferred
import java.net.InetAddress
import java.net.InetSocketAddress

/**
 * Waits on 127.0.0.1, at a port of the system's choice, for the browser to come back (RFC 8252 §7.3).
 *
 * Only the redirect of this sign-in ends the waiting; everything else is answered with a page and ignored.
 */
class Loopback(private val read: (String) -> Redirect) : AutoCloseable {
    private val found = CompletableDeferred<Redirect>()
    private val server = HttpServer.create(InetSocketAddress(InetAddress.getByAddress(byteArrayOf(127, 0, 0, 1)), 0), 8)

    /** Where the browser is sent back to. */
    val uri: String get() = "http://127.0.0.1:${server.address.port}$PATH"

    init {
        server.createContext("/") { answer(it) }
        server.start()
    }

    /** The redirect, once it came. */
    suspend fun redirect(): Redirect = found.await()

    override fun close() = server.stop(0)

    private fun answer(exchange: HttpExchange) = exchange.use {
        val redirect = if (exchange.requestMethod == "GET" && exchange.requestURI.path == PATH) {
            read(exchange.requestURI.rawQuery.orEmpty())
        } else {
            Redirect.Ignored
        }
        val key = when (redirect) {
            is Redirect.Code -> "signIn.page.done"
            Redirect.Ignored -> "signIn.page.ignored"
            else -> "signIn.page.failed"
        }
        val page = "<!doctype html><meta charset=\"utf-8\"><title>Stella Ops</title><p>${Words.of(
            key,
        )}</p>".toByteArray()
        exchange.responseHeaders.add("Content-Type", "text/html; charset=utf-8")
        exchange.responseHeaders.add("Content-Security-Policy", "default-src 'none'")
        exchange.responseHeaders.add("Referrer-Policy", "no-referrer")
        exchange.sendResponseHeaders(if (redirect == Redirect.Ignored) 404 else 200, page.size.toLong())
        exchange.responseBody.write(page)
        exchange.responseBody.close()
        if (redirect != Redirect.Ignored) found.complete(redirect)
    }

    private inline fun HttpExchange.use(block: (HttpExchange) -> Unit) = try {
        block(this)
    } finally {
        close()
    }

    private companion object {
        const val PATH = "/callback"
    }
}
