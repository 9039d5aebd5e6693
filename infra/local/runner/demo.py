"""The demonstration: simulated Harbors over real HTTP, and a tenant that has four integrations with them."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.runner.api import Api
from local.runner.data_folder import DataFolder
from local.simulated_harbor import Project, Robot, SimulatedHarbor

__all__ = ["Harbors", "drafts", "register"]

_ROBOT = "robot$hub"
_RIGHT, _WRONG = "not-a-real-secret-1", "not-a-real-secret-2"
_SLOW_S = 0.5  # for each request, of which a check makes five
_INTERVAL_S = 10
_COMPARED = ("type", "config", "authRefUri", "checkIntervalSeconds", "failureThreshold")


def _harbor(latency_s: float = 0.0) -> SimulatedHarbor:
    projects = [Project("library", public=True, repositories=("hello",)), Project("payments", repositories=("api",))]
    return SimulatedHarbor(robots=[Robot(_ROBOT, _RIGHT)], projects=projects, latency_s=latency_s)


@dataclass(slots=True)
class Harbors:
    """Two simulated Harbors; the first is down while the data folder says so (`make harbor-down`)."""

    data: DataFolder
    urls: dict[str, str] = field(default_factory=dict)
    _servers: dict[str, SimulatedHarbor] = field(default_factory=dict)
    _ports: dict[str, int] = field(default_factory=dict)

    def start(self) -> None:
        """Start both, at the addresses they had before."""
        self.data.outage.unlink(missing_ok=True)
        for name, latency_s in (("harbor", 0.0), ("slowHarbor", _SLOW_S)):
            self._servers[name] = _harbor(latency_s)
            self._ports[name] = self.data.port(name)
            self.urls[name] = self._servers[name].start(self._ports[name])

    def follow(self, stopped: threading.Event) -> None:
        """Stop and start the first as the data folder says, until stopped."""
        down = False
        while not stopped.wait(0.2):
            wanted = self.data.outage.exists()
            if wanted and not down:
                self._servers["harbor"].stop()
            elif down and not wanted:
                self._servers["harbor"].start(self._ports["harbor"])
            down = wanted
            for server in self._servers.values():
                server.requests.clear()  # kept for tests; here nobody reads them

    def stop(self) -> None:
        """Stop both."""
        for server in self._servers.values():
            server.stop()


def drafts(urls: Mapping[str, str]) -> Sequence[dict[str, Any]]:
    """Return what the demonstration registers."""
    harbor, slow = (
        {"type": "harbor", "config": {"endpoint": urls[name], "project": "payments"}}
        for name in ("harbor", "slowHarbor")
    )
    flapping = {"script": [{"do": "flap", "period": 4}]}
    named: Sequence[dict[str, Any]] = (
        {"name": "harbor", **harbor, "authRefUri": "authref://file/harbor-robot"},
        {"name": "harbor-slow", **slow, "authRefUri": "authref://file/harbor-robot"},
        {"name": "harbor-wrong-secret", **harbor, "authRefUri": "authref://file/harbor-wrong-robot"},
        {"name": "rehearsal-flapping", "type": "in-memory", "config": flapping, "authRefUri": None},
    )
    common = {"tags": ["demo"], "checkIntervalSeconds": _INTERVAL_S, "failureThreshold": 2}
    return [{**draft, **common} for draft in named]


def register(api: Api, data: DataFolder, tenant: str, urls: Mapping[str, str]) -> None:
    """Register what is missing, and correct an address that moved; what a person changed otherwise is left alone.

    Raises:
        ApiRefused: the hub refuses one of them.
    """
    data.write_secret(tenant, "harbor-robot", {"username": _ROBOT, "password": _RIGHT})
    data.write_secret(tenant, "harbor-wrong-robot", {"username": _ROBOT, "password": _WRONG})
    for draft in drafts(urls):
        known = api.find(draft["name"])
        if known is None:
            api.call("POST", "", draft)
        elif _moved(known, draft):
            api.call("PUT", f"/{known['id']}", draft, {"If-Match": f'"{known["version"]}"'})


def _moved(known: Mapping[str, Any], draft: Mapping[str, Any]) -> bool:
    """Tell whether a simulated Harbor of the demonstration has another port than it had."""
    before, now = known["config"].get("endpoint", ""), draft["config"].get("endpoint", "")
    return bool(now) and str(before).startswith("http://127.0.0.1:") and not str(before).startswith(f"{now}/")
