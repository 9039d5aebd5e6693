package io.stellaops.core.signin

import java.security.MessageDigest
import java.security.SecureRandom
import java.util.Base64

private val random = SecureRandom()
private val base64 = Base64.getUrlEncoder().withoutPadding()

/** 256 random bits, written for a URL. */
fun unguessable(): String = base64.encodeToString(ByteArray(32).also(random::nextBytes))

/** The challenge of a verifier by S256 (RFC 7636 §4.2). */
fun challengeOf(verifier: String): String =
    base64.encodeToString(MessageDigest.getInstance("SHA-256").digest(verifier.toByteArray(Charsets.US_ASCII)))
