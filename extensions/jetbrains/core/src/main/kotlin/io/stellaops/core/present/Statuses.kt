package io.stellaops.core.present

import io.stellaops.core.Words

/** What a status is like; it chooses the icon. No group is told by colour alone: each has an icon and a word. */
enum class Group { WAITING, UNDERWAY, DONE, STOPPED, FAILED, OTHER }

/** What a status is shown as. Every set is open: one that is not listed is shown as it is written. */
data class Shown(val label: String, val group: Group)

/** Which statuses there are known to be; `api/vectors/statuses.json`. */
object Statuses {
    private val promotions = mapOf(
        "pending" to Group.UNDERWAY,
        "awaiting_approval" to Group.WAITING,
        "pending_approval" to Group.WAITING,
        "pending_gate" to Group.UNDERWAY,
        "approved" to Group.UNDERWAY,
        "deploying" to Group.UNDERWAY,
        "deployed" to Group.DONE,
        "rejected" to Group.STOPPED,
        "cancelled" to Group.STOPPED,
        "failed" to Group.FAILED,
        "rolled_back" to Group.FAILED,
    )
    private val releases = mapOf("draft" to Group.UNDERWAY, "finalized" to Group.DONE, "deprecated" to Group.STOPPED)
    private val healths = mapOf(
        "healthy" to Group.DONE,
        "degraded" to Group.WAITING,
        "unhealthy" to Group.FAILED,
        "unknown" to Group.OTHER,
    )
    private val steps = mapOf("passed" to Group.DONE, "degraded" to Group.WAITING, "failed" to Group.FAILED)
    private val deployments = setOf("deploying", "deployed", "failed", "rolled_back")

    fun promotion(status: String): Shown = shown(promotions, status)

    fun release(status: String?): Shown = shown(releases, status.orEmpty())

    fun health(status: String): Shown = shown(healths, status)

    fun step(status: String): Shown = shown(steps, status)

    /** Whether Approve and Reject are offered. */
    fun decidable(status: String): Boolean = promotions[status] == Group.WAITING

    /** Whether it is listed under Deployments. */
    fun deployment(status: String): Boolean = status in deployments

    /** Whether it stands below its environment: neither done nor stopped. */
    fun open(status: String): Boolean = promotion(status).group in setOf(Group.WAITING, Group.UNDERWAY, Group.OTHER)

    /** Whether a release can be promoted; the platform has the last word on a status that is not known. */
    fun promotable(status: String?): Boolean = status == null || releases[status].let { it == null || it == Group.DONE }

    private fun shown(of: Map<String, Group>, status: String): Shown {
        val group = of[status] ?: return Shown(status.ifEmpty { "—" }, Group.OTHER)
        return Shown(Words.of("status.$status"), group)
    }
}
