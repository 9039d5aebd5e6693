package io.stellaops.core.platform

import io.stellaops.core.json.Members
import java.time.Instant

/** One step of a health check. */
data class Step(
    val name: String,
    val status: String,
    val milliseconds: Double?,
    val evidence: String?,
    val remedy: String?,
)

/** One integration of the hub, as far as it is shown. */
data class Integration(
    val id: String,
    val name: String,
    val type: String,
    val status: String,
    val reason: String?,
    val lastCheckedAt: Instant?,
    val nextCheckAt: Instant?,
    val paused: Boolean,
    val credentialEndsAt: Instant?,
    val webUrl: String? = null,
)

/** One check's outcome. */
data class Check(
    val status: String,
    val reason: String?,
    val checkedAt: Instant?,
    val latencyMs: Double?,
    val errorMessage: String?,
    val steps: List<Step>,
) {
    /** What a person can do about it: the remedy of the step that failed. */
    val remedy: String? get() = steps.firstNotNullOfOrNull { step -> step.remedy?.takeIf { step.status != "passed" } }
}

/** How well an integration did in the last so many hours. */
data class Window(val hours: Int, val checks: Int, val uptimePercent: Double?, val p95Ms: Double?)

/** The latest check, the windows and the last checks, the newest first. */
data class Health(val latest: Check, val windows: List<Window>, val history: List<Check>)

/** Reads an integration; null where it lacks what every integration has. */
fun integrationOf(of: Members): Integration? {
    return Integration(
        id = of.text("id") ?: return null,
        name = of.text("name") ?: return null,
        type = of.text("type").orEmpty(),
        status = of.text("status").orEmpty(),
        reason = of.text("reason"),
        lastCheckedAt = of.time("lastCheckedAt"),
        nextCheckAt = of.time("nextCheckAt"),
        paused = of.flag("paused"),
        credentialEndsAt = of.child("credential")?.time("endsAt"),
        webUrl = of.text("webUrl"),
    )
}

/** Reads a check. */
fun checkOf(of: Members): Check = Check(
    status = of.text("status").orEmpty(),
    reason = of.text("reason"),
    checkedAt = of.time("checkedAt"),
    latencyMs = of.number("latencyMs"),
    errorMessage = of.text("errorMessage"),
    steps = of.children("steps").mapNotNull(::stepOf),
)

private fun stepOf(of: Members): Step? {
    return Step(
        of.text("name") ?: return null,
        of.text("status").orEmpty(),
        of.number("durationMs"),
        of.text("evidence"),
        of.text("remedy"),
    )
}

/** Reads what `getIntegrationHealth` answers; null where the latest check is missing. */
fun healthOf(of: Members): Health? {
    return Health(
        latest = checkOf(of.child("latest") ?: return null),
        windows = of.children("windows").mapNotNull {
            Window(
                it.int("hours") ?: return@mapNotNull null,
                it.int("checks") ?: 0,
                it.number("uptimePercent"),
                it.number("latencyP95Ms"),
            )
        },
        history = of.children("history").map(::checkOf),
    )
}
