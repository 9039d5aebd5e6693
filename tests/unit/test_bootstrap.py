"""The composition root builds each part once, also when many threads ask first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from integrations_hub import bootstrap


def test_threads_that_ask_at_the_same_moment_get_the_same_part(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    for _ in range(50):
        bootstrap.reset()
        ready = Barrier(8)

        def ask(_: int, ready: Barrier = ready) -> object:
            ready.wait()
            return bootstrap.health()

        with ThreadPoolExecutor(8) as threads:
            assert len({id(part) for part in threads.map(ask, range(8))}) == 1
    bootstrap.reset()


def test_after_a_reset_a_part_is_built_anew(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    before = bootstrap.catalog_reader()
    assert bootstrap.catalog_reader() is before
    bootstrap.reset()
    assert bootstrap.catalog_reader() is not before
    bootstrap.reset()
