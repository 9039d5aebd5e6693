package io.stellaops.core.present

import io.stellaops.core.Words
import io.stellaops.core.platform.Health
import io.stellaops.core.platform.Integration
import io.stellaops.core.platform.Release
import io.stellaops.core.state.Snapshot

/** A release as a page of text. */
fun releasePage(release: Release, of: Snapshot): String = buildString {
    appendLine(release.title)
    line("status", Statuses.release(release.status).label)
    line("createdAt", release.createdAt?.let(::time))
    line("createdBy", release.createdBy)
    for (component in release.components) {
        appendLine()
        appendLine(component.name)
        line("image", component.image)
        line("digest", component.digest)
        line(
            "integration",
            component.registryIntegrationId?.let { id ->
                of.integrations.items.find { it.id == id }?.name
                    ?: id
            },
        )
    }
    val runsIn = of.environments.items.filter { it.currentRelease?.id == release.id }
    appendLine()
    line("runsIn", runsIn.joinToString { it.displayName }.ifEmpty { "—" })
}

/** The health history of an integration as a page of text. */
fun healthPage(integration: Integration, health: Health): String = buildString {
    appendLine("${integration.name} · ${integration.type} · ${Statuses.health(health.latest.status).label}")
    line("reason", health.latest.reason)
    line("error", health.latest.errorMessage)
    line("remedy", health.latest.remedy)
    for (step in health.latest.steps) {
        appendLine(
            "  ${step.name.padEnd(STEP)} ${Statuses.step(step.status).label.padEnd(WORD)} ${step.evidence.orEmpty()}",
        )
    }
    appendLine()
    for (window in health.windows) {
        val uptime = window.uptimePercent?.let { "%.2f %%".format(java.util.Locale.ROOT, it) } ?: "—"
        val slow = window.p95Ms?.let { Words.of("milliseconds", it.toLong()) } ?: "—"
        appendLine(Words.of("health.window", window.hours, uptime, slow, window.checks))
    }
    appendLine()
    for (check in health.history) {
        val at = check.checkedAt?.let(::time).orEmpty()
        val took = check.latencyMs?.let { Words.of("milliseconds", it.toLong()) }.orEmpty()
        appendLine(
            "$at  ${Statuses.health(
                check.status,
            ).label.padEnd(WORD)} ${took.padStart(WORD)}  ${check.reason.orEmpty()}",
        )
    }
}

private fun StringBuilder.line(name: String, value: String?) {
    if (!value.isNullOrEmpty()) appendLine("  " + Words.of("detail", Words.of("detail.$name"), value))
}

private const val STEP = 14
private const val WORD = 10
