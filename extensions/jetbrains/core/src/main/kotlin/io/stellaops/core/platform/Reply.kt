package io.stellaops.core.platform

import io.stellaops.core.Words
import io.stellaops.core.cleaned
import io.stellaops.core.http.Answer
import io.stellaops.core.json.Json
import io.stellaops.core.json.Members
import io.stellaops.core.json.Members.Companion.membersOf
import io.stellaops.core.json.NotJson

/** How an answer of a server is read; `api/vectors/answers.json` names the kinds. */
sealed interface Reply<out T> {
    /** What was asked for; `total` where the server tells it. */
    data class Got<T>(val value: T, val total: Int? = null) : Reply<T>

    /** A refusal or a fault; `message` is the server's own sentence. */
    data class Refused(
        val kind: Kind,
        val code: String? = null,
        val message: String? = null,
        val traceId: String? = null,
        val retryAfterSeconds: Int? = null,
    ) : Reply<Nothing> {
        /** The server's sentence, else ours for the kind. */
        val sentence: String get() = message ?: Words.of("refused.${kind.word}")
    }
}

/** Why there is no answer. */
enum class Kind(val word: String) {
    NOT_OFFERED("not-offered"),
    UNAUTHENTICATED("unauthenticated"),
    FORBIDDEN("forbidden"),
    NOT_FOUND("not-found"),
    CONFLICT("conflict"),
    INVALID("invalid"),
    RATE_LIMITED("rate-limited"),
    SERVER_ERROR("server-error"),
    UNREADABLE("unreadable"),
    UNREACHABLE("unreachable"),
    SIGNED_OUT("signed-out"),
}

/** Reads a listing: bare, in `data`, or in the full envelope. An item that [item] cannot read is left out. */
fun <T> listReply(answer: Answer, item: (Members) -> T?): Reply<List<T>> = reply(answer, listing = true) { document ->
    val list = document as? List<*> ?: (document as? Map<*, *>)?.get("data") as? List<*> ?: return@reply null
    Reply.Got(list.mapNotNull { one -> membersOf(one)?.let(item) }, membersOf(document)?.child("meta")?.int("total"))
}

/** Reads one thing, in the same three shapes. */
fun <T> oneReply(answer: Answer, item: (Members) -> T?): Reply<T> = reply(answer, listing = false) { document ->
    val members = membersOf(document)
    (members?.child("data") ?: members)?.let(item)?.let { Reply.Got(it) }
}

/** Reads an answer with a reader that returns null where the document is not what was asked for. */
fun <T> reply(answer: Answer, listing: Boolean, read: (Any?) -> Reply<T>?): Reply<T> {
    val document = try {
        Json.read(answer.body)
    } catch (_: NotJson) {
        null
    }
    val members = membersOf(document)
    if (answer.status in 200..299) {
        if ((document as? Map<*, *>)?.get("success") == false) return refused(Kind.SERVER_ERROR, answer, members)
        return read(document) ?: Reply.Refused(Kind.UNREADABLE)
    }
    return refused(kindOf(answer.status, listing), answer, members)
}

private fun kindOf(status: Int, listing: Boolean): Kind = when (status) {
    401 -> Kind.UNAUTHENTICATED

    403 -> Kind.FORBIDDEN

    404, 501 -> if (listing) {
        Kind.NOT_OFFERED
    } else if (status == 404) {
        Kind.NOT_FOUND
    } else {
        Kind.SERVER_ERROR
    }

    409, 412 -> Kind.CONFLICT

    400, 413, 422 -> Kind.INVALID

    429 -> Kind.RATE_LIMITED

    in 500..599 -> Kind.SERVER_ERROR

    else -> Kind.UNREADABLE
}

private fun refused(kind: Kind, answer: Answer, members: Members?): Reply.Refused {
    if (kind == Kind.NOT_OFFERED) return Reply.Refused(kind) // no fault: there is nothing to tell of it
    val error = members?.child("error")
    val told = error?.text("message") ?: members?.text("error") ?: members?.text("detail") ?: members?.text("title")
    return Reply.Refused(
        kind,
        code = error?.text("code") ?: members?.text("code"),
        message = told?.let(::cleaned),
        traceId = error?.text("traceId") ?: members?.text("traceId"),
        retryAfterSeconds = answer.retryAfterSeconds,
    )
}
