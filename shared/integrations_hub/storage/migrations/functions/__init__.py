"""The SECURITY DEFINER functions: which there are, who owns them and who may call them.

`BEGIN ATOMIC` binds a function's body to the objects it names when it is made, so no `search_path` can redirect it.
Two make or drop partitions, which that form cannot express and only the tables' owner may do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DEFINERS", "Definer", "source"]


@dataclass(frozen=True, slots=True)
class Definer:
    """One function: its signature, the role it runs as, and the roles that may call it."""

    signature: str
    owner: str
    callers: Sequence[str]

    @property
    def name(self) -> str:
        """Return the name, which is the file's too."""
        return self.signature.partition("(")[0]


DEFINERS = (  # in the order of their making: a body may only name what exists
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
)


def source(definer: Definer) -> str:
    """Return the function's SQL."""
    return (Path(__file__).parent / f"{definer.name}.sql").read_text(encoding="utf-8")
