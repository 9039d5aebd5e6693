"""Keeps the cages: starts a child, judges the walls it reports, and only then lets anything be said to it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from integrations_hub.catalog.plugin import Isolation, Strangers
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.wire import ProtocolBroken, read_handshake
from integrations_hub.plugins.cage.kernel import SET_DUMPABLE, prctl
from integrations_hub.plugins.cage.readable import PACKAGES
from integrations_hub.plugins.cage.walls import REMEDY, missing_walls
from integrations_hub.plugins.child import Child, broken, started_child
from integrations_hub.plugins.strangers import Stranger

__all__ = ["Keeper", "unconfined"]

_PROGRAM = (
    "import sys; sys.path += sys.argv[3:]; "  # without site: what is installed beside the SDK is not the child's
    "from integrations_hub.plugins.cage.program import main; main()"
)
_ALLOW = "or set UNCONFINED_PLUGINS=allow, which lets such a connector do whatever the hub may"
_ON_LAMBDA = "A stranger's connector does not run inside the hub's functions on Lambda"
_REMEDY_ON_LAMBDA = (
    "Give it a function of its own (PLUGIN_FUNCTIONS), or allow-list it after a review (PLUGIN_ALLOW_LIST)."
)
# nothing of the connector's has run, and nobody has asked the provider
_NOT_READY = "the connector's process was not ready in time"
_REMEDY_NOT_READY = "This machine is too busy: give the hub more CPU, or lower ISOLATED_CONCURRENCY."
_NO_ROOM = "the connector found no room among the isolated ones in time"
_REMEDY_NO_ROOM = "Raise ISOLATED_CONCURRENCY as far as this machine's CPU and memory allow, or run more workers."
_WAIT_S = 25.0  # for a slot: with a check's own 20 s it stays within a claim's lease
_MEASURE_S = 10.0
_SUPERVISED_S = 1.0  # the hub ends a child in time; its supervisor does when the hub cannot


def unconfined(evidence: str, remedy: str) -> CheckFailed:
    """Return the verdict on a call that cannot be confined."""
    return CheckFailed(Reason.CONNECTOR_UNCONFINED, evidence, remedy)


class Keeper:
    """Starts children, at most `concurrency` at once.

    `allow_unconfined`: run strangers' connectors where walls are missing. `on_lambda`: never run them. `command` is
    what to start instead of Python with the cage's program.
    """

    def __init__(
        self,
        *,
        concurrency: int,
        allow_unconfined: bool = False,
        on_lambda: bool = False,
        command: Sequence[str] | None = None,
    ) -> None:
        """Start nothing yet."""
        self._slots = asyncio.Semaphore(concurrency)
        self._allow_unconfined = allow_unconfined
        self._on_lambda = on_lambda
        self._command = command
        self._isolation: Isolation | None = None

    @asynccontextmanager
    async def child(self, stranger: Stranger, seconds: float) -> AsyncIterator[Child]:
        """Start a child for one call of a stranger's connector, behind its walls and ready for its job; end it.

        The seconds run from when there is room for it.

        Raises:
            CheckFailed: `connector_unconfined`, or `connector_crashed`, as of a child that was not ready in time.
            TimeoutError: the seconds are over, and the child was at work.
        """
        if self._on_lambda:
            raise unconfined(_ON_LAMBDA, _REMEDY_ON_LAMBDA)
        at_work = False
        try:
            async with (
                self._slot(),
                asyncio.timeout(seconds),
                started_child(self._started(str(stranger.folder), seconds), stranger.plugin_id) as child,
            ):
                missing = missing_walls(await _walls(child), is_root=os.geteuid() == 0)
                if missing and not self._allow_unconfined:
                    raise unconfined(f"walls around it are missing here: {', '.join(missing)}", _remedy(missing))
                at_work = True
                yield child
        except TimeoutError:
            if at_work:
                raise
            raise CheckFailed(Reason.CONNECTOR_CRASHED, _NOT_READY, _REMEDY_NOT_READY) from None

    async def isolation(self) -> Isolation:
        """Tell which walls stand around strangers here, by raising them around a child that has nothing to do."""
        if self._on_lambda:
            return Isolation(Strangers.REFUSED, (), (), f"{_ON_LAMBDA}. {_REMEDY_ON_LAMBDA}")
        if self._isolation is None:
            self._isolation = await self._measured()
        return self._isolation

    async def _measured(self) -> Isolation:
        walls: frozenset[str] = frozenset()
        with suppress(CheckFailed, TimeoutError):
            async with asyncio.timeout(_MEASURE_S), started_child(self._started("", _MEASURE_S), "the cage") as child:
                walls = await _walls(child)
        missing = missing_walls(walls, is_root=os.geteuid() == 0)
        strangers = Strangers.CONFINED
        if missing:
            strangers = Strangers.UNCONFINED if self._allow_unconfined else Strangers.REFUSED
        return Isolation(strangers, tuple(sorted(walls)), missing, _remedy(missing) if missing else None)

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(_WAIT_S):
                await self._slots.acquire()
        except TimeoutError:
            raise CheckFailed(Reason.CONNECTOR_CRASHED, _NO_ROOM, _REMEDY_NO_ROOM) from None
        try:
            yield
        finally:
            self._slots.release()

    def _started(self, folder: str, seconds: float) -> Sequence[str]:
        with suppress(OSError):
            prctl(SET_DUMPABLE, 0)  # of the hub: its memory and environment are nobody's to read
        return self._command or [
            sys.executable,
            *("-I", "-S", "-B", "-X", "utf8", "-c", _PROGRAM),
            folder,
            f"{seconds + _SUPERVISED_S:.3f}",
            *_folders(),
        ]


async def _walls(child: Child) -> frozenset[str]:
    """Read a child's handshake.

    Raises:
        CheckFailed: `connector_crashed`: it is none.
    """
    try:
        return read_handshake(await child.line())
    except ProtocolBroken as lie:
        raise broken(f"does not keep to the protocol: {lie}") from None


def _folders() -> Sequence[str]:
    """Return the folders the SDK's packages lie in."""
    origins = (spec.origin for name in PACKAGES if (spec := find_spec(name)) and spec.origin)
    files = map(Path, origins)
    return sorted({str(file.parent.parent if file.name == "__init__.py" else file.parent) for file in files})


def _remedy(missing: Sequence[str]) -> str:
    wanted = "; ".join(REMEDY[wall] for wall in REMEDY if wall in missing)
    return f"{wanted[:1].upper()}{wanted[1:]}; {_ALLOW}."
