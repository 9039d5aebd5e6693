"""What a tenant may ask of providers in a minute."""

from __future__ import annotations

from integrations_hub.caller import Caller
from integrations_hub.catalog.ports import CatalogStore
from integrations_hub.errors import Extras, TooManyRequests

__all__ = ["spend"]

_WINDOW_S = 60


def spend(store: CatalogStore, caller: Caller, allowance: str, per_minute: int) -> None:
    """Take one from a tenant's allowance of a kind.

    Raises:
        TooManyRequests: it is spent; the headers say when it refills.
    """
    left, refill_s = store.spend(caller.tenant, allowance, per_minute, _WINDOW_S)
    if left >= 0:
        return
    wait = str(max(1, round(refill_s)))
    limits = {"RateLimit-Limit": str(per_minute), "RateLimit-Remaining": "0", "RateLimit-Reset": wait}
    raise TooManyRequests(
        f"This tenant may ask for {per_minute} {_CALLS[allowance]} a minute. Wait, then repeat.",
        extras=Extras(headers={"Retry-After": wait, **limits}),
    )


_CALLS = {
    "alert-tests": "tests of alert routes",
    "on-demand": "checks and tests",
    "resources": "pages of resources",
    "webhooks": "webhooks to be set up",
}
