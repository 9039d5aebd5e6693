package io.stellaops.core

import io.stellaops.core.http.Answer
import io.stellaops.core.json.Members
import io.stellaops.core.platform.Promotion
import io.stellaops.core.platform.Release
import io.stellaops.core.platform.Reply
import io.stellaops.core.platform.listReply
import io.stellaops.core.platform.oneReply
import io.stellaops.core.platform.promotionOf
import io.stellaops.core.platform.releaseOf
import io.stellaops.core.present.Statuses
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory

/** The answer a case describes. */
fun answerOf(case: Members): Answer {
    val headers = case.child("headers")
    return Answer(
        case.int("status")!!,
        headers?.names().orEmpty().associate { it.lowercase() to headers!!.text(it)!! },
        case.text("body").orEmpty(),
    )
}

class AnswerVectorsTest {
    private val read = mapOf<String, (Answer) -> Reply<Any>>(
        "listReleases" to { listReply(it, ::releaseOf) },
        "getRelease" to { oneReply(it, ::releaseOf) },
        "createPromotion" to { oneReply(it, ::promotionOf) },
    )

    @TestFactory
    fun `answers are read as they are meant`() = each(shared("api/vectors/answers.json").children("cases")) { case ->
        val wanted = case.child("expect")!!
        when (val reply = read.getValue(case.text("operation")!!)(answerOf(case))) {
            is Reply.Got -> {
                assertEquals("ok", wanted.text("kind"))
                val items = reply.value as? List<*> ?: listOf(reply.value)
                assertEquals(wanted.texts("ids"), items.map { (it as? Release)?.id ?: (it as Promotion).id })
                assertEquals(wanted.int("total"), reply.total)
            }

            is Reply.Refused -> {
                assertEquals(wanted.text("kind"), reply.kind.word)
                assertEquals(wanted.text("code"), reply.code)
                assertEquals(wanted.text("message"), reply.message)
                assertEquals(wanted.text("traceId"), reply.traceId)
                assertEquals(wanted.int("retryAfterSeconds"), reply.retryAfterSeconds)
                assertTrue(reply.sentence.isNotEmpty())
            }
        }
    }

    @Test
    fun `statuses are shown as they are meant`() {
        val vectors = shared("api/vectors/statuses.json")
        for (of in listOf("promotion", "release", "health")) {
            vectors.children(of).forEach { status(of, it, it.text("label")!!) }
        }
        vectors.children("unknown").forEach { status(it.text("of")!!, it, it.text("shown")!!) }
    }

    private fun status(of: String, one: Members, label: String) {
        val status = one.text("status").orEmpty()
        val shown = when (of) {
            "promotion" -> Statuses.promotion(status)
            "release" -> Statuses.release(status)
            else -> Statuses.health(status)
        }
        assertEquals(label to one.text("group"), shown.label to shown.group.name.lowercase())
        if (of == "promotion") {
            assertEquals(one.flag("decidable"), Statuses.decidable(status), status)
            assertEquals(one.flag("deployment"), Statuses.deployment(status), status)
        }
        if (of == "release") assertEquals(one.flag("promotable"), Statuses.promotable(status), status)
    }
}
