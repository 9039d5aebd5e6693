package io.stellaops.core.platform

import io.stellaops.core.json.Members
import java.time.Instant

/** One image of a release. */
data class Component(val name: String, val image: String, val digest: String?, val registryIntegrationId: String?)

/** What is promoted as one. */
data class Release(
    val id: String,
    val name: String,
    val version: String?,
    val status: String?,
    val components: List<Component>,
    val createdAt: Instant?,
    val createdBy: String?,
    val webUrl: String? = null,
) {
    /** Name and version, as people say it. */
    val title: String get() = listOfNotNull(name, version).joinToString(" ")
}

/** What runs in an environment now. */
data class CurrentRelease(val id: String, val name: String, val version: String?, val deployedAt: Instant?) {
    /** Name and version, as people say it. */
    val title: String get() = listOfNotNull(name, version).joinToString(" ")
}

/** A time in which nothing is deployed. */
data class FreezeWindow(val from: Instant, val until: Instant, val reason: String?)

/** Where releases are deployed to. */
data class Environment(
    val id: String,
    val name: String,
    val displayName: String,
    val orderIndex: Int?,
    val isProduction: Boolean,
    val requiredApprovals: Int?,
    val approvers: List<String>,
    val currentRelease: CurrentRelease?,
    val freezeWindows: List<FreezeWindow>,
    val webUrl: String? = null,
) {
    /** Whether nothing is deployed at this time. */
    fun frozen(at: Instant): Boolean = freezeWindows.any { it.from <= at && at < it.until }
}

/** One person's word on a promotion. */
data class Decision(val by: String, val at: Instant?, val comment: String?)

/** What a promotion waits for. */
data class Gate(val name: String, val reason: String?, val until: Instant?)

/** A release on its way into an environment. */
data class Promotion(
    val id: String,
    val status: String,
    val releaseId: String?,
    val releaseName: String,
    val releaseVersion: String?,
    val sourceEnvironmentName: String?,
    val targetEnvironmentId: String?,
    val targetEnvironmentName: String,
    val reason: String?,
    val requestedBy: String?,
    val requestedAt: Instant?,
    val requiredApprovals: Int?,
    val approvals: List<Decision>,
    val gates: List<Gate>,
    val statusChangedAt: Instant?,
    val failureReason: String?,
    val webUrl: String? = null,
) {
    /** Name and version of the release, as people say it. */
    val title: String get() = listOfNotNull(releaseName, releaseVersion).joinToString(" ")
}

/** Reads a release; null where it lacks what every release has. */
fun releaseOf(of: Members): Release? {
    return Release(
        id = of.text("id") ?: return null,
        name = of.text("name") ?: return null,
        version = of.text("version"),
        status = of.text("status"),
        components = of.children("components").mapNotNull(::componentOf),
        createdAt = of.time("createdAt"),
        createdBy = of.text("createdBy"),
        webUrl = of.text("webUrl"),
    )
}

private fun componentOf(of: Members): Component? {
    return Component(
        name = of.text("name") ?: return null,
        image = of.text("image") ?: return null,
        digest = of.text("digest"),
        registryIntegrationId = of.text("registryIntegrationId"),
    )
}

/** Reads an environment; null where it lacks what every environment has. */
fun environmentOf(of: Members): Environment? {
    val name = of.text("name") ?: return null
    return Environment(
        id = of.text("id") ?: return null,
        name = name,
        displayName = of.text("displayName") ?: name,
        orderIndex = of.int("orderIndex"),
        isProduction = of.flag("isProduction"),
        requiredApprovals = of.int("requiredApprovals"),
        approvers = of.texts("approvers"),
        currentRelease = of.child("currentRelease")?.let(::currentOf),
        freezeWindows = of.children("freezeWindows").mapNotNull(::windowOf),
        webUrl = of.text("webUrl"),
    )
}

private fun currentOf(of: Members): CurrentRelease? {
    return CurrentRelease(
        of.text("id") ?: return null,
        of.text("name") ?: return null,
        of.text("version"),
        of.time("deployedAt"),
    )
}

private fun windowOf(of: Members): FreezeWindow? {
    return FreezeWindow(of.time("from") ?: return null, of.time("until") ?: return null, of.text("reason"))
}

/** Reads a promotion; null where it lacks what every promotion has. */
fun promotionOf(of: Members): Promotion? {
    return Promotion(
        id = of.text("id") ?: return null,
        status = of.text("status") ?: return null,
        releaseId = of.text("releaseId"),
        releaseName = of.text("releaseName") ?: of.text("releaseId").orEmpty(),
        releaseVersion = of.text("releaseVersion"),
        sourceEnvironmentName = of.text("sourceEnvironmentName"),
        targetEnvironmentId = of.text("targetEnvironmentId"),
        targetEnvironmentName = of.text("targetEnvironmentName") ?: of.text("targetEnvironmentId").orEmpty(),
        reason = of.text("reason"),
        requestedBy = of.text("requestedBy"),
        requestedAt = of.time("requestedAt"),
        requiredApprovals = of.int("requiredApprovals"),
        approvals = of.children("approvals").mapNotNull(::decisionOf),
        gates = of.children("gates").mapNotNull {
            Gate(it.text("name") ?: return@mapNotNull null, it.text("reason"), it.time("until"))
        },
        statusChangedAt = of.time("statusChangedAt"),
        failureReason = of.text("failureReason"),
        webUrl = of.text("webUrl"),
    )
}

private fun decisionOf(of: Members): Decision? = of.text("by")?.let { Decision(it, of.time("at"), of.text("comment")) }
