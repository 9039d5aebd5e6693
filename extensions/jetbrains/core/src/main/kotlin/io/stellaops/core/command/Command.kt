package io.stellaops.core.command

import io.stellaops.core.platform.Promotion
import io.stellaops.core.platform.Release
import io.stellaops.core.present.Row
import io.stellaops.core.present.Statuses
import io.stellaops.core.state.Snapshot

/**
 * A command of `parity.json`.
 *
 * @property kinds the items whose menu has it
 * @property scope without it in the token it is hidden
 * @property signedIn only then, only before, or always
 */
enum class Command(
    val id: String,
    val kinds: Set<String> = emptySet(),
    val scope: String? = null,
    val signedIn: Boolean? = null,
    val onlyOnItems: Boolean = false,
) {
    SIGN_IN("stellaOps.signIn", signedIn = false),
    SIGN_OUT("stellaOps.signOut", signedIn = true),
    SELECT_TENANT("stellaOps.selectTenant", signedIn = true),
    REFRESH("stellaOps.refresh"),
    PROMOTE("stellaOps.promoteRelease", setOf("release", "environment"), "promotion:write", true),
    APPROVE("stellaOps.approvePromotion", setOf("promotion"), "promotion:approve", true),
    REJECT("stellaOps.rejectPromotion", setOf("promotion"), "promotion:approve", true),
    OPEN_IN_BROWSER(
        "stellaOps.openInBrowser",
        setOf("release", "environment", "promotion", "deployment", "integration"),
        signedIn = true,
        onlyOnItems = true,
    ),
    SHOW_RELEASE("stellaOps.showReleaseDetails", setOf("release", "deployment"), "release:read", true),
    CHECK("stellaOps.checkIntegration", setOf("integration"), "integration:operate", true),
    SHOW_HISTORY("stellaOps.showHealthHistory", setOf("integration"), "integration:read", true),
    OPEN_STELLA_YAML("stellaOps.openStellaYaml"),
    OPEN_SETTINGS("stellaOps.openSettings"),
    SHOW_LOG("stellaOps.showLog"),
    ;

    /** Whether it is offered now at all. */
    fun offered(of: Snapshot): Boolean = when {
        signedIn != null && signedIn != (of.identity != null) -> false
        else -> of.may(scope)
    }

    /** Whether the menu of an item has it. */
    fun offeredOn(row: Row, of: Snapshot): Boolean = offered(of) && row.kind in kinds && when (this) {
        APPROVE, REJECT -> Statuses.decidable((row.target as Promotion).status)
        OPEN_IN_BROWSER -> row.page != null
        PROMOTE -> (row.target as? Release)?.let { Statuses.promotable(it.status) } ?: true
        else -> true
    }

    companion object {
        /** The command of an id. */
        fun of(id: String): Command = entries.single { it.id == id }
    }
}
