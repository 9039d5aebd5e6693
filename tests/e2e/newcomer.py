"""A newcomer's hands: a fresh copy of the checkout, commands typed into it, and what they print."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from tests.architecture.house import ROOT, files

__all__ = ["Checkout", "Session"]


class Checkout:
    """A copy of what is tracked or about to be, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for path in files():
            copy = folder / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy, follow_symlinks=False)

    def environment(self) -> dict[str, str]:
        """Return ours without what belongs to this test run: a newcomer has none of it."""
        ours = ("VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "HUB_REQUIRE")
        return {name: value for name, value in os.environ.items() if name not in ours and "PYTEST" not in name}

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command that ends by itself."""
        command = ["make", *words]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment(), capture_output=True, text=True, timeout=600, check=False
        )

    def processes(self) -> list[psutil.Process]:
        """Return what still runs out of this copy."""
        return [
            process
            for process in psutil.process_iter(["cmdline"])
            if any(str(self.folder) in word for word in process.info["cmdline"] or [])
        ]


class Session:
    """`make run`, or another target that stays, in a window of its own, and the lines in it."""

    def __init__(self, checkout: Checkout, *words: str, target: str = "run") -> None:
        self._changed = threading.Condition()
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            ["make", target, *words],
            cwd=checkout.folder,
            env=checkout.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def until(self, pattern: str, seconds: float = 60, *, after: int = 0) -> re.Match[str]:
        """Wait for a line; fail with what was printed instead."""
        ends = time.monotonic() + seconds
        with self._changed:
            while True:
                for line in self.lines[after:]:
                    if match := re.search(pattern, line):
                        return match
                if not self._changed.wait(max(0.0, ends - time.monotonic())) or self.process.poll() is not None:
                    raise AssertionError(f"{pattern!r} did not appear in:\n" + "\n".join(self.lines))

    def url(self) -> str:
        return self.until("^hub ready: (.+)$", 600)[1]

    def calls(self) -> Sequence[str]:
        """Return the three calls as they were printed, each with the line that sets the token."""
        self.until("Ctrl-C stops")
        export = next(line for line in self.lines if line.startswith("export TOKEN="))
        return [f"{export}\n{line}" for line in self.lines if line.startswith("curl ")]

    def interrupt(self, number: int = signal.SIGINT) -> int:
        """Press Ctrl-C: everything in the window gets the signal."""
        os.killpg(self.process.pid, number)
        return self.ended()

    def ended(self) -> int:
        status = self.process.wait(60)
        self._reader.join(60)
        return status

    def close(self) -> None:
        """End what a failed test left."""
        if self.process.poll() is None:
            self.interrupt(signal.SIGTERM)
        self._reader.join(60)
        if self.process.stdout:
            self.process.stdout.close()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()
