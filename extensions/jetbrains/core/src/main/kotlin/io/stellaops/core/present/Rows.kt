package io.stellaops.core.present

import io.stellaops.core.Words
import io.stellaops.core.platform.Check
import io.stellaops.core.platform.Component
import io.stellaops.core.platform.Decision
import io.stellaops.core.platform.Environment
import io.stellaops.core.platform.FreezeWindow
import io.stellaops.core.platform.Integration
import io.stellaops.core.platform.Promotion
import io.stellaops.core.platform.Release
import io.stellaops.core.platform.Step
import io.stellaops.core.state.Snapshot
import java.time.Instant

/** What each view lists. */
class Rows(private val of: Snapshot, private val now: Instant) {
    /** The rows of a view. */
    fun of(view: View): List<Row> = when (view) {
        View.RELEASES -> of.releases.items.map(::release)
        View.ENVIRONMENTS -> of.environments.items.map(::environment)
        View.DEPLOYMENTS -> deployments()
        View.INTEGRATIONS -> of.integrations.items.map(::integration)
    }

    private fun release(release: Release) = Row(
        "release",
        release.id,
        Statuses.release(release.status).group,
        linkedMapOf(
            "name" to release.name,
            "version" to release.version,
            "status" to Statuses.release(release.status).label,
        ),
        linkedMapOf(
            "components" to release.components.joinToString { it.name },
            "createdAt" to release.createdAt?.let(::time),
            "createdBy" to release.createdBy,
        ),
        release,
        release.components.map { component(release, it) },
    )

    private fun component(release: Release, component: Component) = Row(
        "component",
        "${release.id}/${component.name}",
        Group.OTHER,
        linkedMapOf("name" to component.name, "image" to component.image),
        linkedMapOf(
            "digest" to component.digest,
            "integration" to component.registryIntegrationId?.let { id ->
                of.integrations.items.find { it.id == id }?.name ?: id
            },
        ),
        component,
    )

    private fun environment(environment: Environment): Row {
        val frozen = environment.frozen(now)
        return Row(
            "environment",
            environment.id,
            if (frozen) {
                Group.STOPPED
            } else if (environment.currentRelease == null) {
                Group.OTHER
            } else {
                Group.DONE
            },
            linkedMapOf(
                "displayName" to environment.displayName,
                "currentRelease" to (environment.currentRelease?.title ?: Words.of("environment.empty")),
                "isProduction" to Words.of("environment.production").takeIf { environment.isProduction },
                "frozen" to Words.of("environment.frozen").takeIf { frozen },
            ),
            linkedMapOf(
                "deployedAt" to environment.currentRelease?.deployedAt?.let(::time),
                "requiredApprovals" to environment.requiredApprovals?.toString(),
                "approvers" to environment.approvers.joinToString(),
                "freezeWindows" to environment.freezeWindows.joinToString("; ", transform = ::window),
            ),
            environment,
            of.promotions.items
                .filter { it.isFor(environment) && Statuses.open(it.status) }
                .map(::promotion),
        )
    }

    private fun window(window: FreezeWindow) =
        listOfNotNull("${time(window.from)} – ${time(window.until)}", window.reason).joinToString(" ")

    private fun promotion(promotion: Promotion) = Row(
        "promotion",
        promotion.id,
        Statuses.promotion(promotion.status).group,
        linkedMapOf(
            "releaseName" to promotion.releaseName,
            "releaseVersion" to promotion.releaseVersion,
            "status" to Statuses.promotion(promotion.status).label,
            "approvals of requiredApprovals" to
                promotion.requiredApprovals?.let { Words.of("promotion.approvals", promotion.approvals.size, it) },
        ),
        linkedMapOf(
            "reason" to promotion.reason,
            "requestedBy" to promotion.requestedBy,
            "requestedAt" to promotion.requestedAt?.let(::time),
            "approvals" to decisions(promotion.approvals),
            "gates" to promotion.gates.joinToString { gate ->
                listOfNotNull(gate.name, gate.reason, gate.until?.let(::time)).joinToString(" ")
            },
        ),
        promotion,
    )

    private fun deployments(): List<Row> {
        val order = of.environments.items.withIndex().associate { (n, environment) -> environment.name to n }
        return of.promotions.items
            .filter { Statuses.deployment(it.status) }
            .sortedWith(
                compareBy<Promotion> { order[it.targetEnvironmentName] ?: Int.MAX_VALUE }
                    .thenBy { it.targetEnvironmentName }
                    .thenByDescending { it.statusChangedAt ?: Instant.EPOCH },
            )
            .map(::deployment)
    }

    private fun deployment(promotion: Promotion) = Row(
        "deployment",
        promotion.id,
        Statuses.promotion(promotion.status).group,
        linkedMapOf(
            "releaseName" to promotion.releaseName,
            "releaseVersion" to promotion.releaseVersion,
            "targetEnvironmentName" to promotion.targetEnvironmentName,
            "status" to Statuses.promotion(promotion.status).label,
            "age of statusChangedAt" to promotion.statusChangedAt?.let { age(it, now) },
        ),
        linkedMapOf(
            "requestedBy" to promotion.requestedBy,
            "approvals" to decisions(promotion.approvals),
            "failureReason" to promotion.failureReason,
        ),
        promotion,
    )

    private fun decisions(decisions: List<Decision>) =
        decisions.joinToString { listOfNotNull(it.by, it.comment?.let { word -> "“$word”" }).joinToString(" ") }

    private fun integration(integration: Integration): Row {
        val check = of.checks[integration.id]
        return Row(
            "integration",
            integration.id,
            Statuses.health(integration.status).group,
            linkedMapOf(
                "name" to integration.name,
                "type" to integration.type,
                "status" to Statuses.health(integration.status).label,
                "age of lastCheckedAt" to (integration.lastCheckedAt?.let { age(it, now) } ?: Words.of("age.never")),
            ),
            linkedMapOf(
                "reason" to integration.reason,
                "remedy" to check?.remedy,
                "credential.endsAt" to integration.credentialEndsAt?.let(::time),
                "nextCheckAt" to integration.nextCheckAt?.let(::time),
                "paused" to Words.of("yes").takeIf { integration.paused },
            ),
            integration,
            steps(integration, check),
        )
    }

    private fun steps(integration: Integration, check: Check?) = check?.steps.orEmpty().map { step(integration, it) }

    private fun step(integration: Integration, step: Step) = Row(
        "step",
        "${integration.id}/${step.name}",
        Statuses.step(step.status).group,
        linkedMapOf(
            "name" to step.name,
            "status" to Statuses.step(step.status).label,
            "milliseconds" to step.milliseconds?.let { Words.of("milliseconds", it.toLong()) },
        ),
        linkedMapOf("evidence" to step.evidence, "remedy" to step.remedy),
        step,
    )
}

private fun Promotion.isFor(environment: Environment) =
    targetEnvironmentId?.let { it == environment.id } ?: (targetEnvironmentName == environment.name)
