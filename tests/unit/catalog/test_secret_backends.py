"""Asking the backends for a sign of life costs them no more than one question in a while, however many ask."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

from integrations_hub.catalog.secret_backends import BackendStatus, SecretBackendService


class Clock:
    now = datetime(2026, 11, 26, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_many_who_ask_at_once_or_soon_after_get_one_answer():
    clock, asked, gate = Clock(), [], Event()

    def probe():
        asked.append(clock.now)
        assert gate.wait(5)
        return {"vault": BackendStatus("vault", len(asked) == 1, None)}

    service = SecretBackendService(probe, clock)
    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(service.list_secret_backends) for _ in range(8)]
        gate.set()
    assert {one.result().items[0].reachable for one in answers} == {True}
    clock.now += timedelta(seconds=4)
    service.list_secret_backends()
    assert len(asked) == 1

    clock.now += timedelta(seconds=1)
    assert service.list_secret_backends().items[0].reachable is False
    clock.now -= timedelta(hours=1)
    service.list_secret_backends()
    assert len(asked) == 3
