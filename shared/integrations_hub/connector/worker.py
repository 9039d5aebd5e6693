"""The child: loads one connector, does one task with it, says what came of it, and ends.

It runs a stranger's code, so it promises nothing: the hub judges every line. `plugins.cage` raises the walls around
it first; what is here only keeps a well-meaning connector's life as simple as it is inside the hub.
"""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

from integrations_hub.connector import operations
from integrations_hub.connector.contract import Connector, ConnectorConfig, EventRejected
from integrations_hub.connector.errors import CheckFailed, ConfigInvalid
from integrations_hub.connector.from_child import Crashed, Failed, Invalid, Late, Rejected, Unproven
from integrations_hub.connector.from_hub import (
    Check,
    Describe,
    Discover,
    Job,
    SetUpWebhook,
    Task,
    Validate,
    VerifyEvent,
)
from integrations_hub.connector.messages import Failure, Message
from integrations_hub.connector.remote import HubLine
from integrations_hub.connector.wire import handshake

__all__ = ["OPERATIONS", "NotAConnector", "perform", "serve"]

_LONGEST_LINE = 1 << 23  # of the hub's: an answer of 1 MiB in base64, with room
_GRACE_S = 0.1  # a check that ends by itself when its time is up can tell its steps
AnyConnector = Connector[ConnectorConfig]
Operation = Callable[[AnyConnector, Any, operations.Line, float], Awaitable[Message]]

OPERATIONS: Mapping[type[Task], Operation] = {
    Describe: operations.describe,
    Validate: operations.validate,
    Check: operations.check,
    Discover: operations.discover,
    SetUpWebhook: operations.set_up_webhook,
    VerifyEvent: operations.verify_event,
}


class NotAConnector(Exception):
    """An entry point names something else."""


def serve(loop: asyncio.AbstractEventLoop, walls: Sequence[str]) -> NoReturn:
    """Shake hands over standard output, do the one job standard input names, and end the process."""
    output = os.dup(1)
    os.dup2(2, 1)  # what a connector prints goes to the log
    os.write(output, handshake(walls))
    try:
        loop.run_until_complete(_serve(loop, output))
    except BaseException:  # noqa: BLE001 - whatever it was, standard error is where it is told
        traceback.print_exc()
    os._exit(0)  # nothing a connector has registered to run at the end runs


async def _serve(loop: asyncio.AbstractEventLoop, output: int) -> None:
    incoming = asyncio.StreamReader(limit=_LONGEST_LINE)
    pipe = os.fdopen(0, "rb", buffering=0)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(incoming), pipe)
    line = HubLine(incoming, output)
    job = await line.job()
    answer = await perform(job, lambda: _load(job.plugin), line)
    with suppress(Exception):  # a connector may have put anything in their place
        sys.stdout.flush()
        sys.stderr.flush()
    line.say(answer)  # the last: once it is said, the hub ends this process


async def perform(job: Job, load: Callable[[], AnyConnector], line: operations.Line) -> Message:
    """Have a connector do its one task, and return what came of it, whatever that is."""
    try:
        connector = load()
        ends = asyncio.get_running_loop().time() + job.seconds
        async with asyncio.timeout_at(ends + _GRACE_S):
            return await OPERATIONS[type(job.task)](connector, job.task, line, ends)
    except BaseException as raised:  # noqa: BLE001 - whatever a connector raises is data
        return _told(raised)


def _told(raised: BaseException) -> Message:
    match raised:
        case NotAConnector():
            return Rejected()
        case ConfigInvalid():
            return Invalid(violations=raised.violations)
        case EventRejected():
            return Unproven()
        case CheckFailed():
            return Failed(failure=Failure.of(raised))
        case TimeoutError():
            return Late()
    traceback.print_exception(raised)
    return Crashed(error=type(raised).__name__)


def _load(plugin: str) -> AnyConnector:
    module, _, name = plugin.partition(":")
    found: object = import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    if not (isinstance(found, type) and issubclass(found, Connector)):
        raise NotAConnector
    connector: AnyConnector = found()
    return connector
