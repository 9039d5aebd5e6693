"""What starts the jobs: the schedules, and the Triggers of the Broker `work`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from integrations_hub.dispatch.cloudevents_sink import CHECK_DUE
from knative.pod import Manifest
from knative.service import kebab

__all__ = ["SCHEDULES", "connector_trigger", "kick_trigger", "ping_source"]

SCHEDULES: Mapping[str, str] = MappingProxyType(
    {"deliver_events": "* * * * *", "maintain_storage": "17 * * * *", "sweep_health": "* * * * *"}
)
_KICK = "hub.events_waiting"
_PART_OF = {"app.kubernetes.io/part-of": "integrations-hub"}


def ping_source(name: str) -> Manifest:
    """Return the schedule of a job."""
    return {
        "apiVersion": "sources.knative.dev/v1",
        "kind": "PingSource",
        "metadata": {"name": kebab(name), "labels": _PART_OF},
        "spec": {
            "schedule": SCHEDULES[name],
            "contentType": "application/json",
            "data": "{}",
            "sink": {"ref": _service(kebab(name))},
        },
    }


def connector_trigger(type_: str) -> Manifest:
    """Return what hands a connector the checks of its type. A claim is good for some minutes: few repeats, soon."""
    name = f"run-connector-{type_}"
    return _trigger(name, name, {"type": CHECK_DUE, "connectortype": type_}, {"retry": 3, **_backoff("PT2S")})


def kick_trigger() -> Manifest:
    """Return what starts a delivery as soon as there is something to deliver; the schedule is its net."""
    return _trigger("deliver-events", "deliver-events", {"type": _KICK}, {"retry": 1, **_backoff("PT1S")})


def _backoff(delay: str) -> Manifest:
    return {"backoffPolicy": "exponential", "backoffDelay": delay}


def _trigger(name: str, service: str, attributes: Mapping[str, str], delivery: Manifest) -> Manifest:
    return {
        "apiVersion": "eventing.knative.dev/v1",
        "kind": "Trigger",
        "metadata": {"name": name, "labels": _PART_OF},
        "spec": {
            "broker": "work",
            "filter": {"attributes": dict(attributes)},
            "subscriber": {"ref": _service(service)},
            "delivery": delivery,
        },
    }


def _service(name: str) -> Manifest:
    return {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": name}
