"""What a connector's failure means to a caller who asked for something else than a check."""

from __future__ import annotations

import math

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.errors import Extras, HubError, Invalid, ProviderFailed, Unavailable

__all__ = ["refusal_of"]

_AWAY = {Reason.SECRET_UNAVAILABLE, Reason.EGRESS_DOWN, Reason.RATE_LIMITED}


def refusal_of(failure: CheckFailed) -> HubError:
    """Return `Invalid` for what the caller can correct, `Unavailable` for what passes, else `ProviderFailed`.

    The last two carry `reason`, `step` and `remedy` as members, in the words of a check.
    """
    sentence = f"{failure.evidence[:1].upper()}{failure.evidence[1:]}. {failure.remedy}".strip()
    if failure.reason is Reason.INVALID_CONFIG:
        return Invalid(sentence)
    members = {"reason": failure.reason, "step": failure.step, "remedy": failure.remedy}
    headers = {"Retry-After": str(math.ceil(failure.retry_after_s))} if failure.retry_after_s is not None else {}
    kind = Unavailable if failure.reason in _AWAY else ProviderFailed
    return kind(sentence, extras=Extras(headers=headers, members=members))
