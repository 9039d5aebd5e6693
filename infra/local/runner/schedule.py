"""The schedule: what a cloud's scheduler does, done by threads that post CloudEvents to the jobs' own applications."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import uuid4

from integrations_hub import bootstrap
from local.gateway import Function

__all__ = ["Schedule", "tick"]

_log = logging.getLogger(__name__)
_EVERY_S = {"sweep_health": 1.0, "deliver_events": 60.0, "maintain_storage": 3600.0}
_KICKED = "deliver_events"
_LOOK_S = 1.0  # how long a stop may wait for who waits for a kick
_ABREAST = {"sweep_health": 3}  # a slow check must not keep the next ones waiting; claims never overlap
_JOIN_S = 3.0
_OK = 200


def tick(job: Function) -> bool:
    """Post one CloudEvent (binary mode, CloudEvents 1.0) to a job; tell whether it ended well."""
    headers = {
        "Ce-Specversion": "1.0",
        "Ce-Id": str(uuid4()),
        "Ce-Type": "dev.integrations-hub.tick",
        "Ce-Source": "/local/schedule",
        "Ce-Time": datetime.now(UTC).isoformat(),
    }
    return bool(job.app.test_client().post("/", json={}, headers=headers).status_code == _OK)


class Schedule:
    """Runs the jobs, each at its own interval, the first time at once."""

    def __init__(self, functions: Iterable[Function]) -> None:
        """Take the jobs that are scheduled."""
        jobs = [function for function in functions if function.name in _EVERY_S]
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(job,), name=job.name, daemon=True)
            for job in jobs
            for _ in range(_ABREAST.get(job.name, 1))
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin nothing more; what is under way gets a few seconds, and its claims come back by themselves."""
        self._stopped.set()
        ends = time.monotonic() + _JOIN_S
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))

    def _run(self, job: Function) -> None:
        while not self._stopped.is_set():
            if not tick(job):
                _log.warning("%s failed", job.name)
            self._rest(job)

    def _rest(self, job: Function) -> None:
        """Wait until the job's next time; a kick ends it early."""
        if job.name != _KICKED:
            self._stopped.wait(_EVERY_S[job.name])
            return
        ends = time.monotonic() + _EVERY_S[job.name]
        while not self._stopped.is_set() and time.monotonic() < ends and not bootstrap.local_kick().wait(_LOOK_S):
            pass
