package io.stellaops.core.platform

import io.stellaops.core.Settings
import io.stellaops.core.http.Answer
import io.stellaops.core.http.Transport
import io.stellaops.core.http.Unreachable
import io.stellaops.core.http.below
import io.stellaops.core.json.Json
import io.stellaops.core.json.Members.Companion.membersOf
import io.stellaops.core.signin.Session
import io.stellaops.core.signin.SignedOut
import java.net.URLEncoder

/** The platform and the hub, with the token of whoever is signed in; nothing here throws but cancellation. */
class Servers(
    private val settings: () -> Settings,
    private val transport: () -> Transport,
    private val session: Session,
) {
    /** `listReleases`: the newest first. */
    suspend fun releases(): Reply<List<Release>> = platform("/releases") { listReply(it, ::releaseOf) }

    /** `getRelease`. */
    suspend fun release(id: String): Reply<Release> = platform("/releases/${segment(id)}") { oneReply(it, ::releaseOf) }

    /** `listEnvironments` with their state, in the order releases move through them. */
    suspend fun environments(): Reply<List<Environment>> =
        when (val listed = platform("/environments?includeState=true") { listReply(it, ::environmentOf) }) {
            is Reply.Got -> listed.copy(value = listed.value.sortedBy { it.orderIndex ?: Int.MAX_VALUE })
            is Reply.Refused -> listed
        }

    /** `listPromotions`: the newest first. */
    suspend fun promotions(): Reply<List<Promotion>> = platform("/promotions") { listReply(it, ::promotionOf) }

    /** `createPromotion`. */
    suspend fun promote(releaseId: String, environmentId: String, reason: String): Reply<Promotion> {
        val draft = mapOf("releaseId" to releaseId, "targetEnvironmentId" to environmentId, "reason" to reason)
        return platform("/promotions", draft) { oneReply(it, ::promotionOf) }
    }

    /** `approvePromotion`. */
    suspend fun approve(id: String, comment: String): Reply<Promotion> =
        platform("/promotions/${segment(id)}/approve", mapOf("comment" to comment)) { oneReply(it, ::promotionOf) }

    /** `rejectPromotion`. */
    suspend fun reject(id: String, reason: String): Reply<Promotion> =
        platform("/promotions/${segment(id)}/reject", mapOf("reason" to reason)) { oneReply(it, ::promotionOf) }

    /** `listIntegrations`, every page of it. */
    suspend fun integrations(): Reply<List<Integration>> {
        val all = ArrayList<Integration>()
        var token: String? = null
        repeat(MOST_PAGES) {
            val query = "?page_size=500" + token?.let { "&page_token=" + segment(it) }.orEmpty()
            val page = hub(query) { answer ->
                reply(answer, listing = true) { document ->
                    membersOf(document)?.takeIf { (document as Map<*, *>)["items"] is List<*> }?.let { Reply.Got(it) }
                }
            }
            if (page is Reply.Refused) return page
            val members = (page as Reply.Got).value
            all += members.children("items").mapNotNull(::integrationOf)
            token = members.text("nextPageToken") ?: return Reply.Got(all)
        }
        return Reply.Got(all)
    }

    /** `checkIntegration`: check now. */
    suspend fun check(id: String): Reply<Check> =
        hub("/${segment(id)}/health-check", emptyMap()) { answer -> oneReply(answer) { checkOf(it) } }

    /** `getIntegrationHealth`. */
    suspend fun health(id: String, checks: Int = 50): Reply<Health> =
        hub("/${segment(id)}/health?page_size=$checks") { oneReply(it, ::healthOf) }

    private suspend fun <T> platform(path: String, body: Map<String, String>? = null, read: (Answer) -> Reply<T>) =
        call(settings().platformUrl, "/api/v1$path", body, read)

    private suspend fun <T> hub(path: String, body: Map<String, String>? = null, read: (Answer) -> Reply<T>) =
        call(settings().hubUrl, "/api/v1/integrations$path", body, read)

    private suspend fun <T> call(
        server: String,
        path: String,
        body: Map<String, String>?,
        read: (Answer) -> Reply<T>,
    ): Reply<T> {
        if (server.isBlank()) return Reply.Refused(Kind.NOT_OFFERED)
        return try {
            val token = session.token()
            val first = send(below(server, path), token, body)
            if (first.status != UNAUTHENTICATED) return read(first)
            val second = send(below(server, path), session.tokenAfter(token), body)
            if (second.status == UNAUTHENTICATED) session.forget()
            read(second)
        } catch (_: SignedOut) {
            Reply.Refused(Kind.SIGNED_OUT)
        } catch (fault: Unreachable) {
            Reply.Refused(Kind.UNREACHABLE, message = fault.message)
        }
    }

    private suspend fun send(url: String, token: String, body: Map<String, String>?): Answer {
        val headers = mutableMapOf("Authorization" to "Bearer $token", "Accept" to "application/json")
        if (body == null) return transport().send(url, headers)
        headers["Content-Type"] = "application/json"
        return transport().send(url, headers, if (body.isEmpty()) "" else Json.write(body))
    }

    private fun segment(text: String): String = URLEncoder.encode(text, Charsets.UTF_8).replace("+", "%20")

    private companion object {
        const val UNAUTHENTICATED = 401
        const val MOST_PAGES = 40
    }
}
