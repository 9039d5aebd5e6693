# ruff: noqa: INP001 - a program of its own, in no package
"""Compare what the compiled plugin wants of the IDE with the list of what was confirmed to be there.

    python3 platform_calls.py <platform_calls.txt> <classes of the IDE layer> <those of ide-stubs> <kotlin-compiler.jar>

A reference is a class, a member that is called or read (`interface` where it is called on an interface, which Java
tells apart), or a method that is given a body (`overrides`). What the list says to be in kotlin-compiler.jar, which has
real core classes of the IDE, is looked for there.
"""

from __future__ import annotations

import re
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["Compiled", "problems"]

_IDE = "com/intellij/"
_JAR = "kotlin-compiler.jar"
_PLACE = re.compile(r" <- (kotlin-compiler\.jar|source \S.*|docs \S+|use in sources)$")
_NAMED = re.compile(r"L(com/intellij/[\w/$]+);")
_PRIVATE, _STATIC = 0x2, 0x8
_WIDTHS = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}
_UTF8, _LONG, _DOUBLE, _CLASS, _FIELD, _METHOD, _INTERFACE_METHOD = 1, 5, 6, 7, 9, 10, 11


@dataclass
class Compiled:
    """What a class file says of itself and of others (JVMS §4.1, §4.4)."""

    name: str
    parents: list[str]
    members: dict[str, int]
    """By `name descriptor`, the access flags."""
    classes: set[str]
    calls: set[tuple[str, str, str]]
    """`interface ` or nothing, the class, the member."""

    @classmethod
    def read(cls, content: bytes) -> Compiled:
        """Read the bytes of a class file."""
        pool = _Pool(content)
        _, this, above, interfaces = struct.unpack_from(">HHHH", content, pool.end)
        ids = struct.unpack_from(f">{interfaces}H", content, pool.end + 8)
        members = dict(_members(content, pool.end + 8 + 2 * interfaces, pool))
        parents = [pool.name(index) for index in ((above,) if above else ()) + ids]
        return cls(pool.name(this), parents, members, pool.classes(), pool.calls())


def _members(content: bytes, at: int, pool: _Pool) -> Iterator[tuple[str, int]]:
    for _ in ("fields", "methods"):
        (count,) = struct.unpack_from(">H", content, at)
        at += 2
        for _ in range(count):
            flags, name, kind, attributes = struct.unpack_from(">HHHH", content, at)
            yield f"{pool.text(name)} {pool.text(kind)}", flags
            at += 8
            for _ in range(attributes):
                at += 6 + struct.unpack_from(">I", content, at + 2)[0]


class _Pool:
    """The constants of a class file."""

    def __init__(self, content: bytes) -> None:
        (count,) = struct.unpack_from(">H", content, 8)
        self._entries: dict[int, tuple[int, bytes]] = {}
        at, index = 10, 1
        while index < count:
            tag = content[at]
            at += 1
            if tag == _UTF8:
                width = struct.unpack_from(">H", content, at)[0]
                at += 2
            else:
                width = _WIDTHS[tag]
            self._entries[index] = tag, content[at : at + width]
            at += width
            index += 2 if tag in {_LONG, _DOUBLE} else 1
        self.end = at

    def text(self, index: int) -> str:
        return self._entries[index][1].decode("utf-8", "replace")

    def name(self, index: int) -> str:
        return self.text(struct.unpack(">H", self._entries[index][1])[0])

    def _two(self, index: int) -> tuple[int, int]:
        first, second = struct.unpack(">HH", self._entries[index][1])
        return first, second

    def classes(self) -> set[str]:
        named = {self.name(index) for index, (tag, _) in self._entries.items() if tag == _CLASS}
        texts = (self.text(index) for index, (tag, _) in self._entries.items() if tag == _UTF8)
        return named.union(*map(_NAMED.findall, texts))

    def calls(self) -> set[tuple[str, str, str]]:
        found = set()
        for index, (tag, _) in self._entries.items():
            if tag in {_FIELD, _METHOD, _INTERFACE_METHOD}:
                owner, member = self._two(index)
                name, kind = self._two(member)
                prefix = "interface " if tag == _INTERFACE_METHOD else ""
                found.add((prefix, self.name(owner), f"{self.text(name)} {self.text(kind)}"))
        return found


class _Classes:
    """The classes of some folders and jars; the first that has one wins."""

    def __init__(self, *places: Path) -> None:
        self._readers = [_reader(place) for place in places]
        self.get = cache(self._get)

    def _get(self, name: str) -> Compiled | None:
        found = (content for read in self._readers if (content := read(f"{name}.class")))
        return next((Compiled.read(content) for content in found), None)

    def above(self, one: Compiled) -> Iterator[Compiled]:
        """Yield what a class extends, near and far."""
        for name in one.parents:
            if parent := self.get(name):
                yield parent
                yield from self.above(parent)


def _reader(place: Path) -> Callable[[str], bytes | None]:
    if place.is_dir():
        return lambda name: (place / name).read_bytes() if (place / name).is_file() else None
    jar = zipfile.ZipFile(place)
    names = set(jar.namelist())
    return lambda name: jar.read(name) if name in names else None


def _references(layer: Path, known: _Classes) -> set[str]:
    found = set()
    for path in layer.rglob("*.class"):
        one = Compiled.read(path.read_bytes())
        found |= {name for name in one.classes if name.startswith(_IDE)}
        for prefix, owner, member in one.calls:
            declared = owner if owner.startswith(_IDE) else _inherited(owner, member, known)
            if declared:
                found.add(f"{prefix}{declared} {member}")
        for member, flags in one.members.items():
            if not member.startswith("<") and not flags & (_PRIVATE | _STATIC):
                over = (up for up in known.above(one) if up.name.startswith(_IDE) and member in up.members)
                found |= {f"overrides {up.name} {member}" for up in over}
    return found


def _inherited(owner: str, member: str, known: _Classes) -> str | None:
    """Return the class of the IDE that a class of the plugin has a member from."""
    one = known.get(owner)
    if one is None or member in one.members:
        return None
    return next((up.name for up in known.above(one) if member in up.members and up.name.startswith(_IDE)), None)


def _in_jar(reference: str, jar: _Classes) -> bool:
    owner, _, member = reference.removeprefix("overrides ").removeprefix("interface ").partition(" ")
    one = jar.get(owner)
    return one is not None and (not member or any(member in up.members for up in (one, *jar.above(one))))


def problems(listed: Path, layer: Path, stubs: Path, jar: Path) -> list[str]:
    """Return a sentence for each reference that is not listed, listed in vain, or not where the list says."""
    lines = [line for line in listed.read_text().splitlines() if line and not line.startswith("#")]
    places = dict(line.split(" <- ", 1) for line in lines if " <- " in line)
    wanted = _references(layer, _Classes(layer, stubs, jar))
    real = _Classes(jar)
    return [
        *(f"nowhere confirmed: {one}" for one in sorted(wanted - places.keys())),
        *(f"no longer wanted: {one}" for one in sorted(places.keys() - wanted)),
        *(f"says not where: {line}" for line in lines if not _PLACE.search(line)),
        *(f"not in {_JAR}: {one}" for one, place in places.items() if place == _JAR and not _in_jar(one, real)),
    ]


if __name__ == "__main__":
    sys.exit("\n".join(problems(*map(Path, sys.argv[1:]))) or None)
