"""Whether a delivery is GitLab's, and what it says. Pure.

https://docs.gitlab.com/user/project/integrations/webhooks/#delivery-headers
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from hmac import digest

from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.webhooks import Delivery, EventRejected, ReceivedEvent, equal_in_constant_time
from integrations_hub_gitlab.projects import FULL_PATH
from integrations_hub_gitlab.signing import signing_key

__all__ = ["verify"]

_TOLERANCE_S = 300
_EVENT = re.compile(r"[A-Za-z][A-Za-z ]{0,62}")
_NAME = re.compile(r"[0-9A-Za-z_-]{1,64}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def verify(delivery: Delivery, secret: Secret) -> ReceivedEvent:
    """Return what a delivery says, once its signature proves it, or its token where it is not signed.

    The delivery is known again by `webhook-id`, which is signed, or `Idempotency-Key` (GitLab 17.4), both the same
    when GitLab delivers again. `X-Gitlab-Event-UUID` is no such name: events of one push share it.

    Raises:
        EventRejected: no proof, another's, one that is too old, or no event named.
    """
    fields = delivery.headers
    if not secret.reveal():
        raise EventRejected("the webhook's secret is empty: anybody could prove a delivery by it")
    signed = "webhook-signature" in fields
    if signed:
        _judge_signature(delivery, secret)
    elif not equal_in_constant_time(fields.get("x-gitlab-token", ""), secret.reveal()):
        raise EventRejected("X-Gitlab-Token is not the webhook's secret, and there is no signature")
    kind, name = fields.get("x-gitlab-event", ""), fields.get("webhook-id" if signed else "idempotency-key", "")
    if not _EVENT.fullmatch(kind):
        raise EventRejected("X-Gitlab-Event names no event")
    return ReceivedEvent(kind, name if _NAME.fullmatch(name) else None, _project(delivery.body))


def _judge_signature(delivery: Delivery, secret: Secret) -> None:
    key = signing_key(secret)
    if key is None:
        # never by token alone then: whoever dropped the signature from a delivery could change its body
        raise EventRejected("the delivery is signed, and the webhook's secret is not of the form whsec_… of 32 bytes")
    name, stamp, given = (delivery.headers.get(f"webhook-{field}", "") for field in ("id", "timestamp", "signature"))
    if not _TIMESTAMP.fullmatch(stamp):
        raise EventRejected("webhook-timestamp is no time")
    if abs(delivery.received_at.timestamp() - int(stamp)) > _TOLERANCE_S:
        raise EventRejected("webhook-timestamp is more than five minutes from now: an old delivery, or a wrong clock")
    signed = f"{name}.{stamp}.".encode("utf-8", "surrogateescape") + delivery.body
    expected = f"v1,{b64encode(digest(key, signed, 'sha256')).decode()}"
    # there are several while a secret is being replaced
    if not any(equal_in_constant_time(one, expected) for one in given.split(" ")):
        raise EventRejected("webhook-signature is not by the webhook's secret")


def _project(body: bytes) -> str | None:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    project = document.get("project") if isinstance(document, Mapping) else None
    path = project.get("path_with_namespace") if isinstance(project, Mapping) else None
    return path if isinstance(path, str) and FULL_PATH.fullmatch(path) else None
