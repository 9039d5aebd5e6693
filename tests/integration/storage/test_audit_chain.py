"""The chain as PostgreSQL builds it, verified by somebody who knows only its rule."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
import rfc8785

from integrations_hub.audit.model import AuditAction, AuditEntry
from integrations_hub.caller import Caller
from integrations_hub.storage.audit import PostgresAudit
from tests.support.catalogue import a_caller

AWKWARD = [
    'a "quoted" word',
    "back\\slash and / slash",
    "".join(chr(code) for code in range(1, 32)),
    "\x7f\x80\u2028\u2029\ufeff\uffff",
    "non-BMP \U0001f600\U0010ffff",
    "e\u0301 is not é",
    "",
]


def verified(records) -> int:
    """Recompute every link from the one before; return how many there were."""
    previous = "00" * 32
    for number, record in enumerate(records, 1):
        assert (record.seq, record.prev_hash) == (number, previous)
        link = {
            "tenantId": record.tenant_id,
            "seq": record.seq,
            "timestamp": record.timestamp,
            "actor": record.actor,
            "action": record.action,
            "integrationId": str(record.integration_id) if record.integration_id else None,
            "details": json.loads(record.details),
        }
        assert record.hash == sha256(bytes.fromhex(previous) + rfc8785.dumps(link)).hexdigest()
        previous = record.hash
    return len(records)


@pytest.mark.parametrize("text", AWKWARD)
def test_any_text_hashes_as_rfc_8785_says(database, text):
    # Given
    store = PostgresAudit(database.connections("hub_api"))
    caller = Caller(f"{a_caller().tenant}", f"actor {text}", frozenset())
    # When
    for details in ({text or "empty": text}, {"numbers": [1, 1.5, 1e21, -0.0, 2**53 - 1], "none": None, "yes": True}):
        store.append(caller, AuditEntry(AuditAction.TESTED, None, details))
    # Then
    assert verified(store.page(caller.tenant, None, 0, 10)) == 2


def test_eight_writers_make_one_unbroken_chain(database):
    # Given
    store, caller = PostgresAudit(database.connections("hub_api", 8)), a_caller()
    # When
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.append(caller, AuditEntry(AuditAction.TESTED, None, {"n": n})), range(200)))
    # Then
    records = store.page(caller.tenant, None, 0, 1000)
    assert verified(records) == 200
    assert {json.loads(record.details)["n"] for record in records} == set(range(200))
    assert [record.timestamp for record in records] == sorted(record.timestamp for record in records)
