"""The SECURITY DEFINER functions: which there are, who owns them, who may call them, and which release made them.

`BEGIN ATOMIC` binds a function's body to the objects it names when it is made, so no `search_path` can redirect it.
Some make or drop partitions, which that form cannot express and only the tables' owner may do.
A function's first form is `<name>.sql`; a later release that changes it adds `<name>.<revision>.sql` and keeps the
signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DEFINERS", "Definer", "earlier", "made_in", "source"]

_FIRST = "0001"


@dataclass(frozen=True, slots=True)
class Definer:
    """One function: its signature, the role it runs as, the roles that may call it, and the revision of this form.

    One that returns more columns than its form before has to be made anew: no other function's body may name it.
    """

    signature: str
    owner: str
    callers: Sequence[str]
    revision: str = _FIRST
    returns_more: bool = False

    @property
    def name(self) -> str:
        """Return the name, which is the file's too."""
        return self.signature.partition("(")[0]


_HISTORY = (  # in the order of their making: a body may only name what exists
    Definer(
        "claim_due(integer, double precision, double precision, integer, integer, integer)", "hub_claim", ["hub_worker"]
    ),
    Definer("write_results(jsonb, boolean, text)", "hub_record", []),
    Definer("record_results(jsonb)", "hub_record", ["hub_worker"]),
    Definer("record_result(jsonb)", "hub_record", ["hub_api"]),
    Definer("audit_link(text, text, text, uuid, text)", "hub_audit", ["hub_keep"]),
    Definer("audit_append(text, text, uuid, text)", "hub_audit", ["hub_api"]),
    Definer("outbox_claim(integer, double precision)", "hub_deliver", ["hub_worker"]),
    Definer("outbox_settle(uuid[], text, timestamptz, text)", "hub_deliver", ["hub_worker"]),
    Definer("ensure_partitions(integer)", "hub_owner", ["hub_worker", "hub_maintenance"]),
    Definer("drop_partitions(timestamptz)", "hub_owner", ["hub_maintenance"]),
    Definer("purge_deleted(timestamptz, integer)", "hub_keep", ["hub_maintenance"]),
    Definer("purge_delivered(timestamptz, integer)", "hub_keep", ["hub_maintenance"]),
    Definer("purge_idempotency_keys(timestamptz, integer)", "hub_keep", ["hub_maintenance"]),
    Definer("webhook_target(uuid)", "hub_ingress", ["hub_api"], "0002"),
    Definer("purge_webhook_deliveries(timestamptz, integer)", "hub_keep", ["hub_maintenance"], "0002"),
    Definer(
        "claim_due(integer, double precision, double precision, integer, integer, integer)",
        "hub_claim",
        ["hub_worker"],
        "0003",
        returns_more=True,
    ),
    Definer("write_results(jsonb, boolean, text)", "hub_record", [], "0003"),
    Definer("claim_looks(integer)", "hub_claim", ["hub_worker"], "0003"),
    Definer("wake(uuid[], text, double precision, double precision)", "hub_claim", ["hub_worker"], "0003"),
    Definer("open_incident(text, uuid, jsonb)", "hub_record", ["hub_worker"], "0003"),
    Definer("close_incident(text, uuid, jsonb)", "hub_record", ["hub_worker"], "0003"),
    Definer("open_incidents()", "hub_record", ["hub_worker"], "0003"),
    Definer("outbox_claim(integer, double precision)", "hub_deliver", ["hub_worker"], "0004"),
    Definer("route_events(text[], integer)", "hub_deliver", ["hub_worker"], "0004"),
    Definer("claim_deliveries(integer, double precision, text[])", "hub_deliver", ["hub_worker"], "0004"),
    Definer("settle_deliveries(uuid[], text, timestamptz, text)", "hub_deliver", ["hub_worker"], "0004"),
    Definer("dead_letters(timestamptz, uuid, integer)", "hub_deliver", ["hub_worker"], "0004"),
    Definer("replay_dead_letters(uuid[], text)", "hub_deliver", ["hub_worker"], "0004"),
    Definer("purge_delivered(timestamptz, integer)", "hub_keep", ["hub_maintenance"], "0004"),
    Definer("purge_dead_letters(timestamptz, integer)", "hub_keep", ["hub_maintenance"], "0004"),
    Definer("ensure_hour_partitions(integer)", "hub_owner", ["hub_maintenance"], "0005"),
    Definer("drop_hour_partitions(timestamptz)", "hub_owner", ["hub_maintenance"], "0005"),
    Definer("roll_up_checks(integer)", "hub_keep", ["hub_maintenance"], "0005"),
    Definer("chain_heads(text, integer)", "hub_audit", ["hub_maintenance"], "0005"),
    Definer(
        "claim_due(integer, double precision, double precision, integer, integer, integer)",
        "hub_claim",
        ["hub_worker"],
        "0006",
    ),
    Definer("take_claims(uuid[], uuid[], double precision)", "hub_claim", ["hub_worker"], "0006"),
    Definer("give_back(uuid[], uuid[])", "hub_claim", ["hub_worker"], "0006"),
    Definer("note_rests(uuid[], timestamptz[])", "hub_record", ["hub_worker"], "0006"),
    Definer("purge_rests()", "hub_keep", ["hub_worker"], "0006"),
    Definer("write_results(jsonb, boolean, text)", "hub_record", [], "0007"),
    Definer("write_results(jsonb, boolean, text)", "hub_record", [], "0008"),
    Definer(
        "claim_deliveries(integer, double precision, text[])", "hub_deliver", ["hub_worker"], "0008", returns_more=True
    ),
    Definer("count_integrations()", "hub_claim", ["hub_worker"], "0008"),
    Definer("waiting_checks()", "hub_claim", ["hub_worker"], "0008"),
    Definer("waiting_deliveries()", "hub_deliver", ["hub_worker"], "0008"),
    Definer(
        "claim_due(integer, double precision, double precision, integer, integer, integer)",
        "hub_claim",
        ["hub_worker"],
        "0009",
    ),
    Definer(
        "claim_due(integer, double precision, double precision, integer, integer, integer)",
        "hub_claim",
        ["hub_worker"],
        "0010",
    ),
    Definer("write_results(jsonb, boolean, text)", "hub_record", [], "0010"),
    Definer("failing_by(text)", "hub_claim", ["hub_worker"], "0010"),
)

DEFINERS = tuple({one.signature: one for one in _HISTORY}.values())
"""Each function in its newest form."""


def made_in(revision: str) -> Sequence[Definer]:
    """Return the functions a revision makes or changes."""
    return [one for one in _HISTORY if one.revision == revision]


def earlier(definer: Definer) -> Definer | None:
    """Return a function's form before this one, None for its first."""
    forms = [one for one in _HISTORY if one.signature == definer.signature]
    place = forms.index(definer)
    return forms[place - 1] if place else None


def source(definer: Definer) -> str:
    """Return the function's SQL."""
    suffix = "" if definer.revision == _FIRST or earlier(definer) is None else f".{definer.revision}"
    return (Path(__file__).parent / f"{definer.name}{suffix}.sql").read_text(encoding="utf-8")
