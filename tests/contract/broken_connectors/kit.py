"""The conformance kit for the toy provider, and the list of connectors that each break one of its cases."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar

from integrations_hub.connector.testing import ConformanceKit
from tests.contract.broken_connectors.sound import Toy
from tests.contract.broken_connectors.toy_provider import toy_provider

__all__ = ["DEFECTS", "Defect", "ToyKit", "breaks"]

ToyT = TypeVar("ToyT", bound=type[Toy])


class ToyKit(ConformanceKit):
    connector = Toy
    invalid_configs = ({}, {"endpoint": "ftp://toy.example"}, {"endpoint": "https://toy.example", "group": "x" * 201})

    def config(self, endpoint):
        return {"endpoint": endpoint, "group": "a group"}

    def secret(self, canary):
        return {"token": canary}

    def provider(self, secret):
        return toy_provider(secret)

    def sign(self, body, secret):
        digest = hmac.new(secret.encode(), body, sha256).hexdigest()
        return {"X-Toy-Signature": f"sha256={digest}", "X-Toy-Event": "ping", "X-Toy-Delivery": "1"}


@dataclass(frozen=True)
class Defect:
    """A broken connector, the case it fails, and others it cannot but fail too, each with the reason."""

    connector: type[Toy]
    case: str
    also: Mapping[str, str] = field(default_factory=dict)
    kit: Mapping[str, Any] = field(default_factory=dict)


DEFECTS: list[Defect] = []


def breaks(case: str, *, kit: Mapping[str, Any] | None = None, **also: str) -> Callable[[ToyT], ToyT]:
    """Enter a broken connector; `also` says of other cases why they fail with this one."""

    def enter(connector: ToyT) -> ToyT:
        DEFECTS.append(Defect(connector, case, also, kit or {}))
        return connector

    return enter
