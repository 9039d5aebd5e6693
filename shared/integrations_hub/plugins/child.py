"""One child process as the hub sees it: lines in, lines out, bounded in every way, and gone afterwards."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from asyncio.subprocess import Process, SubprocessStreamProtocol
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.redaction import Redactor, Secret, one_line
from integrations_hub.connector.wire import MAX_LINE

__all__ = ["Child", "broken", "started_child"]

_log = logging.getLogger(__name__)

_MOST_SAID = 16 << 20  # bytes over all lines
_MOST_ERRORS = 256 << 10  # bytes of standard error; more is a flood
_MOST_LOGGED = 4096  # characters of it
_END_S = 2.0
_REMEDY = "This is a fault of the connector's: see the hub's log."


def broken(evidence: str) -> CheckFailed:
    """Return the verdict on a child that did not do its part."""
    return CheckFailed(Reason.CONNECTOR_CRASHED, f"the connector {evidence}", _REMEDY)


class Child:
    """A running child. Its first line is its handshake."""

    def __init__(self, process: Process, transport: asyncio.SubprocessTransport, plugin_id: str) -> None:
        """Hold the process, whose three streams are pipes, and what holds the pipes."""
        self.redactor = Redactor(())
        assert process.stdin
        assert process.stdout
        self._process, self._transport, self._plugin_id = process, transport, plugin_id
        self._incoming, self._outgoing = process.stdout, process.stdin
        self._said = 0
        self._errors = bytearray()
        self._reading = asyncio.create_task(self._read_errors())

    async def send(self, line: bytes) -> None:
        """Say one line. That a child no longer listens shows when it is listened to."""
        with suppress(ConnectionError):
            self._outgoing.write(line)
            await self._outgoing.drain()

    async def line(self) -> bytes:
        """Return the next line the child says.

        Raises:
            CheckFailed: `connector_crashed`: it ended, or says too much.
        """
        try:
            line = await self._incoming.readuntil()
        except asyncio.IncompleteReadError:
            raise await self._ended() from None
        except asyncio.LimitOverrunError:
            raise broken(f"said more than {MAX_LINE} bytes in one line") from None
        self._said += len(line)
        if self._said > _MOST_SAID:
            raise broken(f"said more than {_MOST_SAID} bytes")
        return line

    async def end(self) -> None:
        """End the child and whatever it left behind; return when there is nothing of it."""
        self._outgoing.close()
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_END_S):
                await self._process.wait()
                await self._reading
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self._process.wait()
        finally:
            self._transport.close()  # what it said and nobody listened to keeps its pipe open

    def hide(self, secrets: Iterable[Secret]) -> None:
        """Take these secrets out of whatever the child says, from now on."""
        self.redactor = Redactor(secrets)

    def log_errors(self) -> None:
        """Log what the child wrote to standard error, without the secrets of the call."""
        # as a whole: a secret of several lines is not recognised line by line
        if text := one_line(self.redactor.redact(self._errors.decode("utf-8", "replace")), _MOST_LOGGED):
            _log.warning("the connector wrote: %s", text, extra={"pluginId": self._plugin_id})

    async def _ended(self) -> CheckFailed:
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_S):
                await self._process.wait()
        if len(self._errors) > _MOST_ERRORS:
            return broken(f"wrote more than {_MOST_ERRORS} bytes to standard error")
        code = self._process.returncode
        return broken("ended without an answer" + (f" (exit code {code})" if code else ""))

    def _signal(self, number: signal.Signals) -> None:
        """Signal the supervisor, which ends everything below it; SIGKILL goes to the whole group."""
        with suppress(ProcessLookupError):
            if self._process.returncode is None:
                self._process.send_signal(number)
            if number is signal.SIGKILL:
                os.killpg(self._process.pid, number)

    async def _read_errors(self) -> None:
        assert self._process.stderr
        while chunk := await self._process.stderr.read(4096):
            self._errors += chunk
            if len(self._errors) > _MOST_ERRORS:
                self._signal(signal.SIGTERM)
                return


@asynccontextmanager
async def started_child(command: Sequence[str], plugin_id: str) -> AsyncIterator[Child]:
    """Start a child with an empty environment, a session of its own and no descriptor but its three pipes; end it.

    Raises:
        CheckFailed: `connector_crashed`: it could not be started.
    """
    loop = asyncio.get_running_loop()
    try:
        transport, protocol = await loop.subprocess_exec(
            lambda: SubprocessStreamProtocol(MAX_LINE, loop), *command, env={}, cwd="/", start_new_session=True
        )
    except OSError as error:
        raise broken(f"could not be started: {os.strerror(error.errno or 0).lower()}") from None
    child = Child(Process(transport, protocol, loop), transport, plugin_id)
    try:
        yield child
    finally:
        await asyncio.shield(child.end())
        child.log_errors()
