package io.stellaops.core

import io.stellaops.core.http.Transport
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.time.Duration

/** Connections, as the server at their other end sees them. */
@Timeout(60)
class TransportTest {
    private val server = ServerSocket(0, 8, InetAddress.getByAddress(byteArrayOf(127, 0, 0, 1)))
    private val url = "http://127.0.0.1:${server.localPort}/"

    private fun Socket.readLine(): String =
        generateSequence { getInputStream().read().toChar() }.takeWhile { it != '\n' }.joinToString("")

    private fun Socket.answer(status: Int) {
        while (readLine().isNotBlank()) Unit
        getOutputStream().write("HTTP/1.1 $status OK\r\nContent-Length: 0\r\n\r\n".toByteArray())
    }

    @Test
    fun `a cancelled request ends its connection`() = runBlocking {
        val transport = Transport(proxy = null, patience = Duration.ofHours(1))
        server.use { silent ->
            val request = launch(Dispatchers.IO) { transport.send(url) }
            silent.accept().use { connection ->
                connection.soTimeout = 10_000 // a read cannot be interrupted
                connection.readLine() // the request is there
                request.cancelAndJoin()
                while (connection.getInputStream().read() >= 0) Unit // and now nobody waits for the answer
            }
        }
    }

    @Test
    fun `what changes something is not sent on a connection that may have ended`() = runBlocking {
        server.use { server ->
            val transport = Transport(proxy = null)
            val looked = async(Dispatchers.IO) { transport.send(url).status }
            server.accept().use { kept ->
                kept.answer(200)
                assertEquals(200, looked.await())
                launch(Dispatchers.IO) {
                    runCatching { kept.getInputStream().read() } // whatever comes here is lost
                    kept.close()
                }
                val changed = async(Dispatchers.IO) { transport.send(url, body = "a=b").status }
                val fresh = async(Dispatchers.IO) { server.accept().use { it.answer(201) } }
                assertEquals(201, changed.await())
                fresh.await()
            }
        }
    }
}
