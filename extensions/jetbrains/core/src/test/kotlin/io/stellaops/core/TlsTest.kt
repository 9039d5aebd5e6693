package io.stellaops.core

import com.sun.net.httpserver.HttpsConfigurator
import com.sun.net.httpserver.HttpsServer
import io.stellaops.core.http.BadCaFile
import io.stellaops.core.http.Transport
import io.stellaops.core.http.Unreachable
import io.stellaops.core.http.javaTrust
import io.stellaops.core.http.trusting
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.net.InetAddress
import java.net.InetSocketAddress
import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyStore
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext

/** TLS against a server with a certificate of its own, made by the JDK's keytool. */
class TlsTest {
    @TempDir
    lateinit var folder: Path
    private var server: HttpsServer? = null

    @AfterEach
    fun stop() {
        server?.stop(0)
    }

    /** A key and its certificate for a name: the store, and a PEM file. */
    private fun certificate(name: String): Pair<Path, String> {
        val store = folder.resolve("${folder.toFile().list()!!.size}.p12")
        val pem = "$store.pem"
        val kept = listOf("-keystore", "$store", "-storepass", PASSWORD, "-alias", "server")
        keytool(
            listOf("-genkeypair", "-keyalg", "EC", "-dname", "CN=test", "-ext", "san=$name", "-storetype", "PKCS12") +
                kept,
        )
        keytool(listOf("-exportcert", "-rfc", "-file", pem) + kept)
        return store to pem
    }

    /** A server for a name, and its certificate as a PEM file. */
    private fun serve(name: String): Pair<String, String> {
        val (store, pem) = certificate(name)
        val keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm())
        val password = PASSWORD.toCharArray()
        keys.init(KeyStore.getInstance("PKCS12").apply { load(Files.newInputStream(store), password) }, password)
        val address = InetSocketAddress(InetAddress.getByAddress(byteArrayOf(127, 0, 0, 1)), 0)
        server = HttpsServer.create(address, 8).apply {
            httpsConfigurator =
                HttpsConfigurator(SSLContext.getInstance("TLS").apply { init(keys.keyManagers, null, null) })
            createContext("/") { it.use { exchange -> exchange.sendResponseHeaders(204, -1) } }
            start()
        }
        return "https://127.0.0.1:${server!!.address.port}/" to pem
    }

    private fun keytool(arguments: List<String>) {
        val tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString()
        val run = ProcessBuilder(listOf(tool) + arguments).redirectErrorStream(true).start()
        val said = run.inputStream.readAllBytes().decodeToString()
        check(run.waitFor() == 0) { said }
    }

    private fun refusal(transport: Transport, url: String): String =
        assertThrows(Unreachable::class.java) { runBlocking { transport.send(url) } }.message!!

    @Test
    fun `a certificate is trusted by the CA file, and by nothing else`() {
        val (url, pem) = serve("ip:127.0.0.1")
        val trusted = Transport(proxy = null, ssl = trusting(javaTrust(), pem))
        assertEquals(204, runBlocking { trusted.send(url) }.status)
        val (_, other) = certificate("ip:127.0.0.1")
        for (stranger in listOf(Transport(proxy = null), Transport(proxy = null, ssl = trusting(javaTrust(), other)))) {
            val refused = refusal(stranger, url)
            assertTrue(refused.startsWith("no trusted connection: ") && "certification path" in refused, refused)
        }
    }

    @Test
    fun `a trusted certificate of another name is refused`() {
        val (url, pem) = serve("ip:127.0.0.2")
        val refused = refusal(Transport(proxy = null, ssl = trusting(javaTrust(), pem)), url)
        assertTrue("127.0.0.1" in refused, refused)
    }

    @Test
    fun `a file without a certificate is named`() {
        val empty = Files.writeString(folder.resolve("empty.pem"), "nothing\n").toString()
        for (file in listOf(empty, folder.resolve("missing.pem").toString())) {
            val said = assertThrows(BadCaFile::class.java) { trusting(javaTrust(), file) }.message!!
            assertTrue(file in said, said)
        }
    }

    private companion object {
        const val PASSWORD = "only-for-this-test"
    }
}
