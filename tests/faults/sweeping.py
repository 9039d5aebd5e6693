"""Sweep workers that may be killed: a process that forks one per line on its input and writes each one's pid.

python -m tests.faults.sweeping DSN LEASE_S
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from integrations_hub.connector.egress import EgressPolicy
from integrations_hub.connector.probe import Credential
from integrations_hub.connector.results import CredentialFacts
from integrations_hub.connector.transport import Transport
from integrations_hub.errors import StorageUnavailable
from integrations_hub.health.incidents import Incidents
from integrations_hub.health.worker import CheckWorker
from integrations_hub.loop import BackgroundLoop
from integrations_hub.plugins.in_process import InProcessHost
from integrations_hub.plugins.registry import Plugins
from integrations_hub.plugins.slots import Caps
from integrations_hub.storage.connections import Connections
from integrations_hub.storage.sweep import PostgresSweep

PLUGINS = Plugins()
PLUGINS.get("in-memory")  # found before forking, which is what takes long


class NoSecrets:
    """A `CredentialSource` nobody asks."""

    async def credential(self, tenant: str, auth_ref_uri: str, target: str) -> Credential:
        raise NotImplementedError

    async def facts(self, tenant: str, auth_ref_uri: str) -> CredentialFacts:
        raise NotImplementedError


def sweep_until_killed(dsn: str, lease_s: float) -> None:
    """Sweep as a deployment does, without end, waiting for a database that is away."""
    store = PostgresSweep(Connections(dsn, size=2))
    transport = Transport(EgressPolicy(()))
    host = InProcessHost(PLUGINS, NoSecrets(), transport, BackgroundLoop(), caps=Caps(8, 8, 8))
    worker = CheckWorker(store, host, Incidents(store, host), 8, lambda: datetime.now(UTC))
    while True:
        with suppress(StorageUnavailable):
            worker.run(lambda room: store.claim_due(min(room, 5), lease_s), 60.0)
        signal.sigtimedwait([signal.SIGUSR1], 0.02)


def main() -> None:
    """Fork workers on demand; the kernel takes those that die."""
    dsn, lease_s = sys.argv[1], float(sys.argv[2])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - for as long as the process lives
            sweep_until_killed(dsn, lease_s)
        print(pid, flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
