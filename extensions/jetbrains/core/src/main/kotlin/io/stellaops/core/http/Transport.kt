package io.stellaops.core.http

import io.stellaops.core.Settings
import io.stellaops.core.Words
import io.stellaops.core.cleaned
import kotlinx.coroutines.suspendCancellableCoroutine
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.net.ConnectException
import java.net.ProxySelector
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.net.http.HttpTimeoutException
import java.nio.ByteBuffer
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionException
import java.util.concurrent.CompletionStage
import java.util.concurrent.Flow
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLException
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/** No answer came; the message says why, in words for people and with nothing that was sent. */
class Unreachable(message: String, cause: Throwable? = null) : IOException(message, cause)

/** What came back; header names are lower-cased. */
data class Answer(val status: Int, val headers: Map<String, String>, val body: String) {
    /** The seconds of `Retry-After`, null where it is missing or a date. */
    val retryAfterSeconds: Int? get() = headers["retry-after"]?.trim()?.toIntOrNull()?.takeIf { it >= 0 }
}

/**
 * Sends requests without blocking a thread: a cancelled coroutine ends its request.
 *
 * Redirects are not followed, so that a token stays with the server it is for. Proxy and certificates are the caller's.
 *
 * @param proxy the proxy of the IDE
 * @param ssl the certificates the IDE trusts, with those of the settings
 * @param patience how long one request may take
 */
class Transport(
    proxy: ProxySelector? = ProxySelector.getDefault(),
    ssl: SSLContext? = null,
    private val patience: Duration = Duration.ofSeconds(20),
) {
    private val settings: HttpClient.Builder = HttpClient.newBuilder()
        .connectTimeout(Duration.ofSeconds(5))
        .followRedirects(HttpClient.Redirect.NEVER)
        .apply { proxy?.let(::proxy) }
        .apply { ssl?.let(::sslContext) }
    private val client: HttpClient = settings.build()

    /**
     * Sends one request; a body makes it a POST. A POST is sent once and never again, so that it has a connection of its
     * own: one that was kept may have ended at the other side.
     *
     * @throws Unreachable no whole answer came, or the URL may not be sent anything
     */
    suspend fun send(url: String, headers: Map<String, String> = emptyMap(), body: String? = null): Answer {
        if (!Settings.allowed(url.substringBefore('?'))) throw Unreachable(Words.of("settings.badUrl", url.take(200)))
        val request = HttpRequest.newBuilder(URI(url)).timeout(patience)
        headers.forEach(request::header)
        if (body != null) request.POST(HttpRequest.BodyPublishers.ofString(body))
        return suspendCancellableCoroutine { waiting ->
            val sender = if (body == null) client else settings.build()
            val sent = sender.sendAsync(request.build()) { Limited() }
            waiting.invokeOnCancellation { sent.cancel(true) }
            sent.whenComplete { answer, fault ->
                if (fault != null) waiting.resumeWithException(unreachable(fault)) else waiting.resume(read(answer))
            }
        }
    }

    private fun read(answer: HttpResponse<ByteArray>): Answer {
        val headers = answer.headers().map().entries.associate { (name, values) -> name.lowercase() to values.first() }
        return Answer(answer.statusCode(), headers, String(answer.body(), Charsets.UTF_8))
    }

    private fun unreachable(fault: Throwable): Unreachable {
        val cause = if (fault is CompletionException) fault.cause ?: fault else fault
        val told = generateSequence(cause) { it.cause }.firstNotNullOfOrNull { it.message }
        val why = when {
            cause is Unreachable -> return cause

            cause is HttpTimeoutException -> Words.of("offline.timeout")

            // the real sentence of TLS: it says which certificate is wrong
            cause is SSLException -> Words.of("offline.tls", cleaned(told.orEmpty()))

            cause is ConnectException -> Words.of("offline.refused")

            else -> cleaned(told ?: cause.javaClass.simpleName)
        }
        return Unreachable(why, cause)
    }

    /** Keeps a body of at most 8 MiB; a larger one is refused while it comes. */
    private class Limited : HttpResponse.BodySubscriber<ByteArray> {
        private val whole = CompletableFuture<ByteArray>()
        private val bytes = ByteArrayOutputStream()
        private lateinit var subscription: Flow.Subscription

        override fun getBody(): CompletionStage<ByteArray> = whole

        override fun onSubscribe(subscription: Flow.Subscription) {
            this.subscription = subscription
            subscription.request(Long.MAX_VALUE)
        }

        override fun onNext(parts: List<ByteBuffer>) {
            for (part in parts) {
                val piece = ByteArray(part.remaining())
                part.get(piece)
                bytes.write(piece)
            }
            if (bytes.size() > LARGEST) {
                subscription.cancel()
                whole.completeExceptionally(Unreachable(Words.of("offline.tooLarge")))
            }
        }

        override fun onError(fault: Throwable) {
            whole.completeExceptionally(fault)
        }

        override fun onComplete() {
            whole.complete(bytes.toByteArray())
        }
    }

    private companion object {
        const val LARGEST = 8 * 1024 * 1024
    }
}

/** A URL below a server's own address. */
fun below(server: String, path: String): String = server.trim().trimEnd('/') + path
