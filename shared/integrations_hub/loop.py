"""One event loop per process, in a thread of its own, started when it is first needed.

It owns the shared HTTP session, caches and single flights; synchronous handlers hand it coroutines and wait. Many
times the throughput of a loop per call, and nothing is opened at import.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock, Thread
from typing import Any, TypeVar

__all__ = ["BackgroundLoop"]

T = TypeVar("T")
_THREADS = 64


class BackgroundLoop:
    """An asyncio loop on a daemon thread."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = Lock()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine on the loop; its future may be waited for in any other thread."""
        return asyncio.run_coroutine_threadsafe(work, self._running())

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                # name lookups run here: a few that hang must not keep the others waiting
                self._loop.set_default_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="hub-loop"))
                Thread(target=self._loop.run_forever, name="hub-loop", daemon=True).start()
            return self._loop
