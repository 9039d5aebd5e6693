package io.stellaops.core.http

import io.stellaops.core.Words
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.security.GeneralSecurityException
import java.security.KeyStore
import java.security.cert.CertificateException
import java.security.cert.CertificateFactory
import java.security.cert.X509Certificate
import javax.net.ssl.SSLContext
import javax.net.ssl.TrustManager
import javax.net.ssl.TrustManagerFactory
import javax.net.ssl.X509TrustManager

/** The CA file cannot be used; the message names it and says what to change. */
class BadCaFile(message: String, cause: Throwable) : IOException(message, cause)

/**
 * Trusts what the IDE trusts and, beside it, the certificates of a PEM file.
 *
 * @throws BadCaFile the file cannot be read or holds no certificate
 */
fun trusting(ide: X509TrustManager, caFile: String): SSLContext {
    val own = try {
        managerOf(Path.of(caFile))
    } catch (fault: IOException) {
        throw BadCaFile(Words.of("settings.badCaFile", caFile), fault)
    } catch (fault: GeneralSecurityException) {
        throw BadCaFile(Words.of("settings.badCaFile", caFile), fault)
    }
    return SSLContext.getInstance("TLS").apply { init(null, arrayOf<TrustManager>(Either(ide, own)), null) }
}

/** What Java trusts by itself. */
fun javaTrust(): X509TrustManager = managerOf(null as KeyStore?)

private fun managerOf(file: Path): X509TrustManager {
    val store = KeyStore.getInstance(KeyStore.getDefaultType()).apply { load(null) }
    val found = Files.newInputStream(file).use { CertificateFactory.getInstance("X.509").generateCertificates(it) }
    if (found.isEmpty()) throw CertificateException("no certificate")
    found.forEachIndexed { n, certificate -> store.setCertificateEntry("ca-$n", certificate) }
    return managerOf(store)
}

private fun managerOf(store: KeyStore?): X509TrustManager {
    val factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm()).apply { init(store) }
    return factory.trustManagers.filterIsInstance<X509TrustManager>().first()
}

private class Either(private val first: X509TrustManager, private val second: X509TrustManager) : X509TrustManager {
    override fun checkClientTrusted(chain: Array<X509Certificate>, type: String) = first.checkClientTrusted(chain, type)

    override fun checkServerTrusted(chain: Array<X509Certificate>, type: String) {
        try {
            second.checkServerTrusted(chain, type)
        } catch (_: CertificateException) {
            first.checkServerTrusted(chain, type)
        }
    }

    override fun getAcceptedIssuers(): Array<X509Certificate> = first.acceptedIssuers + second.acceptedIssuers
}
