"""A quota that is used up, as different providers' header fields tell it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from integrations_hub.connector.answer import Headers, quota_rest_s

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
SOON = str(int(NOW.timestamp()) + 90)


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({}, None),
        ({"RateLimit-Remaining": "1", "RateLimit-Reset": "60"}, None),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "60"}, 60.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": SOON}, 90.0),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": SOON, "Date": "Tue, 01 Jan 2030 12:01:00 GMT"}, 30.0),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "99999"}, 21_600.0),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "9" * 40}, 21_600.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1000000001"}, 0.0),
        ({"RateLimit-Remaining": "0"}, None),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "soon"}, None),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "²"}, None),
        ({"RateLimit-Remaining": "76;w=21600"}, None),
    ],
)
def test_for_how_long_it_is_used_up(fields: dict[str, str], seconds: float | None) -> None:
    assert quota_rest_s(Headers(fields.items()), now=NOW) == seconds
