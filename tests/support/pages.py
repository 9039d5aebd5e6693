"""The operator's pages: their blocks of commands, and the marks of those that cannot be run here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

__all__ = ["DOCS", "Block", "blocks"]

DOCS = Path(__file__).resolve().parents[2] / "infra" / "docs"
_CHAPTER = re.compile(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```sh(?: (needs-[a-z]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ASSIGNED = re.compile(r"^[A-Z_]+=\$\((.*)\)$")  # an assignment that keeps what a command prints
# what every shell has teaches nothing, and is not counted as a command
_SHELL = re.compile(r"^(?:\s*$|\w+=|\w+\(\)|(?:cd|do|done|echo|export|for|mkdir|read|rm|umask)\b)")


@dataclass(frozen=True)
class Block:
    """One block of a page's chapter; `needs` is its mark: "" when a test runs it, else `needs-aws`, `needs-cluster`, …"""

    chapter: str
    needs: str
    text: str

    @cached_property
    def commands(self) -> Sequence[str]:
        """Return its commands, each on one line."""
        lines = [_ASSIGNED.sub(r"\1", line.strip()) for line in self.text.replace("\\\n", " ").splitlines()]
        return [re.sub(r"\s+", " ", line) for line in lines if not _SHELL.match(line)]


def blocks(page: str) -> Sequence[Block]:
    """Return the blocks of a page, in order."""
    text = (DOCS / page).read_text()
    return [Block(title, *found) for title, chapter in _CHAPTER.findall(text) for found in _BLOCK.findall(chapter)]
