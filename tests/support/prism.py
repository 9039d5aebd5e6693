"""Prism, which nobody of this project wrote, between a client and a server: what a provider's own document refuses is
a failure of the test, whoever of the two said it. https://docs.stoplight.io/docs/prism

    with prism_proxy(document, fake.url) as prism:
        ...  # ask prism.url instead of fake.url
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from urllib.request import urlopen

from tests.support.node_tools import node_modules

__all__ = ["ContractViolated", "Prism", "prism_mock", "prism_proxy"]

_LISTENING = re.compile(r"Prism is listening on (http://127\.0\.0\.1:\d+)")
_LAST = "/the-last-request-of-all"
_PATIENCE_S = 120


class ContractViolated(AssertionError):
    """What was refused, a line each; with `errors=False` the lines name the fields."""


@dataclass
class Prism:
    """One running Prism: where it listens and what it has said so far."""

    process: subprocess.Popen[str]
    url: str = ""
    log: list[str] = field(default_factory=list)
    listening: Event = field(default_factory=Event)
    drained: Event = field(default_factory=Event)

    def read(self) -> None:
        """Take in what it says, until it ends."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.log.append(line.rstrip())
            listening = _LISTENING.search(line)
            if listening:
                self.url = listening[1]
                self.listening.set()
            if _LAST in line:
                self.drained.set()
        self.listening.set()
        self.drained.set()

    def stop(self) -> None:
        """End it once it has written down all it was asked: it answers first and writes later."""
        if self.url:
            with suppress(OSError), urlopen(self.url + _LAST, timeout=10):  # a 404 is one as well
                pass
            self.drained.wait(_PATIENCE_S)
        self.process.terminate()
        self.process.wait(10)

    @property
    def violations(self) -> list[str]:
        """Return what it refused; its warnings are left out: few providers' documents name every status."""
        said = (line for line in self.log if _LAST not in line)
        return [line for line in said if "✖" in line or "Selected route not found" in line]


@contextmanager
def prism_proxy(document: Path, upstream: str, *, errors: bool = True) -> Iterator[Prism]:
    """Pass requests on to `upstream` and answers back, and refuse those that do not fit the OpenAPI document.

    With `errors=False` nothing is refused, and the log tells more of what would have been.

    Raises:
        ContractViolated: at the end, when something did not fit.
    """
    with _running("proxy", *(["--errors"] if errors else []), str(document), upstream) as prism:
        yield prism
    if prism.violations:
        raise ContractViolated("\n".join(["does not fit the provider's own document:", *prism.violations]))


@contextmanager
def prism_mock(document: Path) -> Iterator[Prism]:
    """Answer requests by the OpenAPI document alone, and refuse those that do not fit it."""
    with _running("mock", "--errors", str(document)) as prism:
        yield prism


@contextmanager
def _running(*arguments: str) -> Iterator[Prism]:
    command = [str(node_modules("prism") / ".bin" / "prism"), *arguments, "-h", "127.0.0.1", "-p", "0"]
    plain = {**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "0"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=plain)
    prism = Prism(process)
    reader = Thread(target=prism.read, daemon=True)
    reader.start()
    try:
        prism.listening.wait(_PATIENCE_S)
        assert prism.url, f"prism did not start: {prism.log}"
        yield prism
    finally:
        prism.stop()
        reader.join(10)
        assert process.stdout
        process.stdout.close()
