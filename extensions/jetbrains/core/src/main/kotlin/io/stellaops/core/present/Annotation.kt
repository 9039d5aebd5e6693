package io.stellaops.core.present

import io.stellaops.core.Words
import io.stellaops.core.platform.Environment
import io.stellaops.core.platform.Integration
import io.stellaops.core.state.Snapshot
import io.stellaops.core.yaml.Analysis
import io.stellaops.core.yaml.Named
import java.time.Instant

/** What stands beside a line of `stella.yaml`; [id] and [commands] are those of `parity.json`. */
data class Annotation(
    val id: String,
    val named: Named,
    val text: String,
    val group: Group,
    val commands: List<String>,
    val target: Any,
)

/** The annotations of a document: one for each environment and each integration that is known. */
fun annotationsOf(analysis: Analysis, of: Snapshot, now: Instant): List<Annotation> =
    analysis.names.mapNotNull { named ->
        when (named.kind) {
            "environment" -> of.environments.items.find { it.name == named.name }?.let { environmentOf(named, it, of) }
            "integration" -> of.integrations.items.find { it.name == named.name }?.let { integrationOf(named, it, now) }
            else -> null
        }
    }

private fun environmentOf(named: Named, environment: Environment, of: Snapshot): Annotation {
    val last = of.promotions.items
        .filter { it.targetEnvironmentName == environment.name && Statuses.deployment(it.status) }
        .maxByOrNull { it.statusChangedAt ?: Instant.EPOCH }
    val shown = last?.let { Statuses.promotion(it.status) } ?: Shown(Words.of("environment.quiet"), Group.OTHER)
    val release = environment.currentRelease?.title ?: Words.of("environment.empty")
    return Annotation(
        "annotation.environment",
        named,
        Words.of("annotation.environment", release, shown.label),
        shown.group,
        listOf("stellaOps.promoteRelease", "stellaOps.showReleaseDetails"),
        environment,
    )
}

private fun integrationOf(named: Named, integration: Integration, now: Instant): Annotation {
    val shown = Statuses.health(integration.status)
    val checked = integration.lastCheckedAt?.let { age(it, now) } ?: Words.of("age.never")
    return Annotation(
        "annotation.integration",
        named,
        Words.of("annotation.integration", integration.type, shown.label, checked),
        shown.group,
        listOf("stellaOps.checkIntegration"),
        integration,
    )
}
