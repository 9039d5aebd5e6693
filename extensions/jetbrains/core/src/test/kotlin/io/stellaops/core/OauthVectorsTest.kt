package io.stellaops.core

import io.stellaops.core.signin.Grant
import io.stellaops.core.signin.Redirect
import io.stellaops.core.signin.TokenAnswer
import io.stellaops.core.signin.redirect
import io.stellaops.core.signin.tokenAnswer
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.TestFactory

class OauthVectorsTest {
    private val vectors = shared("api/vectors/oauth.json")

    @TestFactory
    fun `token answers are read as they are meant`() = each(vectors.children("tokens")) { case ->
        val wanted = case.child("expect")!!
        val grant = Grant.entries.single { it.word == case.text("grant") }
        val read = tokenAnswer(grant, case.text("path")!!, answerOf(case), vectors.texts("asked"), vectors.text("kept"))
        val (outcome, message) = when (read) {
            is TokenAnswer.SignedIn -> "signed-in" to null
            is TokenAnswer.SignedOut -> "signed-out" to read.message
            is TokenAnswer.Offline -> "offline" to null
            is TokenAnswer.Failed -> "failed" to read.message
            is TokenAnswer.Try -> "try" to null
            is TokenAnswer.Wait -> "wait" to null
            TokenAnswer.Refused -> "refused" to null
            TokenAnswer.Expired -> "expired" to null
        }
        assertEquals(wanted.text("outcome"), outcome)
        wanted.text("message")?.let { assertEquals(it, message) }
        if (read is TokenAnswer.SignedIn) {
            assertEquals(wanted.texts("scopes"), read.scopes)
            assertEquals(wanted.int("expiresInSeconds"), read.expiresInSeconds)
            assertEquals(wanted.text("refreshToken"), read.refreshToken)
        }
        if (read is TokenAnswer.Offline) assertEquals(wanted.int("retryAfterSeconds"), read.retryAfterSeconds)
        if (read is TokenAnswer.Try) assertEquals(wanted.text("path"), read.path)
        if (read is TokenAnswer.Wait) assertEquals(wanted.int("addSeconds"), read.addSeconds)
    }

    @TestFactory
    fun `redirects are read as they are meant`() = each(vectors.children("redirects")) { case ->
        val wanted = case.child("expect")!!
        val read = redirect(case.text("query")!!, "s-1", vectors.text("issuer")!!, case.flag("issPromised"))
        val outcome = when (read) {
            is Redirect.Code -> "code"
            Redirect.Refused -> "refused"
            is Redirect.Failed -> "failed"
            Redirect.Ignored -> "ignored"
        }
        assertEquals(wanted.text("outcome"), outcome)
        wanted.text("code")?.let { assertEquals(it, (read as Redirect.Code).code) }
        wanted.text("message")?.let { assertEquals(it, (read as Redirect.Failed).message) }
    }
}
