"""A test receipt fits one tenant, one body, ten minutes, and one key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations_hub.catalog.receipts import Receipts
from integrations_hub.catalog.views import IntegrationDraft
from integrations_hub.errors import Invalid

NOW = datetime(2030, 1, 1, tzinfo=UTC)
KEY = b"an obviously fake receipt key 01"


def draft(**changes) -> IntegrationDraft:
    return IntegrationDraft.model_validate({"type": "harbor", "name": "a", "config": {"b": 1}, **changes})


def at(moment: datetime, key: bytes | None = KEY) -> Receipts:
    return Receipts(key, lambda: moment)


def test_a_receipt_fits_what_was_tested():
    receipt = at(NOW).issue("acme", draft())
    assert at(NOW + timedelta(minutes=9)).verify("acme", draft(), receipt) is True


def test_no_receipt_is_no_proof_and_no_error():
    assert at(NOW).verify("acme", draft(), None) is False


def test_without_a_key_none_is_issued():
    assert at(NOW, None).issue("acme", draft()) is None


RECEIPT = at(NOW).issue("acme", draft())


@pytest.mark.parametrize(
    ("moment", "tenant", "body", "receipt", "key"),
    [
        (NOW + timedelta(minutes=11), "acme", draft(), RECEIPT, KEY),
        (NOW, "globex", draft(), RECEIPT, KEY),
        (NOW, "acme", draft(config={"b": 2}), RECEIPT, KEY),
        (NOW, "acme", draft(authRefUri="authref://vault/x"), RECEIPT, KEY),
        (NOW, "acme", draft(), RECEIPT, b"another obviously fake key 00001"),
        (NOW, "acme", draft(), RECEIPT, None),
        (NOW, "acme", draft(), RECEIPT[:-1], KEY),
        (NOW, "acme", draft(), "9" * 12 + RECEIPT[RECEIPT.index(".") :], KEY),
        (NOW, "acme", draft(), "", KEY),
        (NOW, "acme", draft(), ".", KEY),
        (NOW, "acme", draft(), "é.é", KEY),
        (NOW, "acme", draft(), "9" * 5000 + ".x", KEY),
        (NOW, "acme", draft(), "-1.x", KEY),
    ],
)
def test_anything_else_is_refused(moment, tenant, body, receipt, key):
    with pytest.raises(Invalid):
        at(moment, key).verify(tenant, body, receipt)
