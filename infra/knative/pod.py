"""What every pod of the hub looks like: what it is given, how it is confined, and the labels the network goes by."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from knative.given import EVERY, SECRETS, Given

__all__ = ["HOME", "IMAGE", "Manifest", "container", "has_database", "labels", "volumes"]

Manifest = dict[str, Any]

IMAGE = "integrations-hub"  # the overlays name the registry and the version
HOME = "/srv/hub"  # where the image has the functions and what they need
_SETTINGS = "integrations-hub"
_TMP = "/tmp"  # noqa: S108 - in its own pod
_DISPENSABLE = {"EVENT_WEBHOOK_SECRET", "OTEL_EXPORTER_OTLP_HEADERS", "RECEIPT_KEY"}
_TOKEN = "/var/run/secrets/integrations-hub"  # noqa: S105 - a folder


def container(given: Given, fixed: dict[str, str], memory: str) -> Manifest:
    """Return a container: what is fixed in its environment, and references to what the deployment sets."""
    return {
        "name": "function",
        "image": IMAGE,
        "env": [
            *_values({"HOME": _TMP, **fixed}),
            *_references(given, fixed),
        ],  # gunicorn's control socket lies in its home
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"cpu": "1", "memory": memory}},
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65532,
            "runAsGroup": 65532,
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumeMounts": [
            {"name": "tmp", "mountPath": _TMP},
            *([{"name": "token", "mountPath": _TOKEN, "readOnly": True}] if _logs_in(given) else []),
        ],
    }


def volumes(given: Given) -> Sequence[Manifest]:
    """Return the volumes of a container: a little memory to write to, and the token it logs in with, if it does."""
    token = {"path": "token", "audience": "integrations-hub-secrets", "expirationSeconds": 3600}
    return [
        {"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}},
        *([{"name": "token", "projected": {"sources": [{"serviceAccountToken": token}]}}] if _logs_in(given) else []),
    ]


def labels(given: Given, component: str) -> Manifest:
    """Return what the network policies and the overlays select by."""
    reached = [
        *(["database"] if has_database(given) else []),
        *(["authority"] if "ISSUER_URL" in given.variables else []),
        *given.reaches,
    ]
    return {
        "app.kubernetes.io/part-of": "integrations-hub",
        "app.kubernetes.io/component": component,
        **{f"integrations-hub/reaches-{one}": "true" for one in reached},
    }


def has_database(given: Given) -> bool:
    """Tell whether it connects to PostgreSQL."""
    return any(name.endswith("DATABASE_URL") for name in given.variables)


def _logs_in(given: Given) -> bool:
    return "secret-backends" in given.reaches


def _values(fixed: dict[str, str]) -> Sequence[Manifest]:
    return [{"name": name, "value": value} for name, value in fixed.items()]


def _references(given: Given, fixed: Container[str]) -> Sequence[Manifest]:
    """Return references: every other value is in a Secret or in the ConfigMap; what neither holds is not set."""
    names = [name for name in (*EVERY, *given.variables) if name not in fixed]
    return [{"name": name, "valueFrom": _reference(name)} for name in names]


def _reference(name: str) -> Manifest:
    if name in SECRETS:
        return {"secretKeyRef": {"name": SECRETS[name], "key": name, "optional": name in _DISPENSABLE}}
    return {"configMapKeyRef": {"name": _SETTINGS, "key": name, "optional": name != "ISSUER_URL"}}
