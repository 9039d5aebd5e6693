"""The protocol between the hub and a connector in a process of its own: one JSON object a line, both ways.

The child speaks first: a handshake that names the protocol's version and the walls around it. Only then is it told
what to do (`messages.Job`). It may ask the hub to send requests for it (`messages.Send`), tells where the integration
points to be given the secrets of the call (`messages.Ready`), and ends with one answer. Then it is ended.

Nothing here imports more than the standard library: it stands before the handshake.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

__all__ = ["MAX_LINE", "PROTOCOL", "ProtocolBroken", "handshake", "read_handshake"]

PROTOCOL = 1
MAX_LINE = 1 << 20  # bytes of one line of the child's; it has no reason to say more at once

_NAME = "integrations-hub-connector"
_WALL = re.compile(r"[a-z][a-z-]{0,31}")
_WALLS = 16


class ProtocolBroken(Exception):
    """The other side does not keep to the protocol; the sentence repeats nothing of what it said."""


def handshake(walls: Sequence[str]) -> bytes:
    """Return a child's first line."""
    return json.dumps({_NAME: PROTOCOL, "walls": list(walls)}).encode() + b"\n"


def read_handshake(line: bytes) -> frozenset[str]:
    """Return the walls a child's first line names.

    Raises:
        ProtocolBroken: it is no handshake, or one of another version.
    """
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or set(said) != {_NAME, "walls"}:
        raise ProtocolBroken("its first line is not the handshake")
    if said[_NAME] is not PROTOCOL:
        raise ProtocolBroken(f"its handshake is not of version {PROTOCOL} of the protocol")
    walls = said["walls"]
    if not isinstance(walls, list) or len(walls) > _WALLS or not all(map(_is_wall, walls)):
        raise ProtocolBroken("its handshake names walls that cannot be")
    return frozenset(walls)


def _is_wall(name: object) -> bool:
    return isinstance(name, str) and _WALL.fullmatch(name) is not None
