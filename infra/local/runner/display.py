"""What a person sees: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from local.runner.api import Api, ApiRefused

__all__ = ["Row", "Watcher", "show"]

_EVERY_S = 1.0
_MINUTES_FROM_S = 120
_STYLES = {"healthy": "green", "degraded": "yellow", "unhealthy": "bold red", "unknown": "dim"}
_SYMBOLS = {"healthy": "✓", "degraded": "▲", "unhealthy": "✗", "unknown": "?"}
_PLAIN_SYMBOLS = {"healthy": "+", "degraded": "!", "unhealthy": "x", "unknown": "?"}


@dataclass(frozen=True, slots=True)
class Row:
    """One integration as a person reads it."""

    name: str
    type: str
    status: str
    reason: str
    checked_at: datetime | None
    latency_ms: float | None
    remedy: str

    def age(self, now: datetime) -> str:
        """Say how long ago the last check was."""
        if self.checked_at is None:
            return "never"
        seconds = max(0, int((now - self.checked_at).total_seconds()))
        return f"{seconds} s ago" if seconds < _MINUTES_FROM_S else f"{seconds // 60} min ago"

    def latency(self) -> str:
        """Say how long the last check took."""
        return "" if self.latency_ms is None else f"{self.latency_ms:.0f} ms"


class Watcher:
    """Reads the tenant's integrations, and of each one's health only what is new."""

    def __init__(self, api: Api) -> None:
        """Watch one hub."""
        self._api = api
        self._latest: dict[str, Mapping[str, Any]] = {}

    def rows(self) -> Sequence[Row]:
        """Return what is known now.

        Raises:
            ApiRefused: the hub does not answer.
        """
        return [self._row(one) for one in self._api.page()]

    def _row(self, one: Mapping[str, Any]) -> Row:
        latest = self._latest.get(one["id"], {})
        if one["lastCheckedAt"] and latest.get("checkedAt") != one["lastCheckedAt"]:
            latest = self._latest[one["id"]] = self._api.call("GET", f"/{one['id']}/health?page_size=1")["latest"]
        checked = one["lastCheckedAt"]
        return Row(
            name=one["name"],
            type=one["type"],
            status="paused" if one["paused"] else one["status"],
            reason=one["reason"] or "not checked yet",
            checked_at=datetime.fromisoformat(checked) if checked else None,
            latency_ms=latest.get("latencyMs"),
            remedy=next((step["remedy"] for step in latest.get("steps", ()) if step["remedy"]), ""),
        )


def show(watcher: Watcher, stopped: threading.Event, console: Console | None = None) -> None:
    """Show the integrations' health until stopped."""
    console = console or Console()
    _live(watcher, stopped, console) if console.is_terminal else _lines(watcher, stopped)


def _live(watcher: Watcher, stopped: threading.Event, console: Console) -> None:
    with Live(console=console, auto_refresh=False, redirect_stderr=False, redirect_stdout=False) as live:
        while True:
            try:
                live.update(_table(watcher.rows()), refresh=True)
            except ApiRefused as refused:
                live.update(Text(f"{refused}; trying again"), refresh=True)
            if stopped.wait(_EVERY_S):
                return


def _lines(watcher: Watcher, stopped: threading.Event) -> None:
    """Print a line whenever something a person would act on has changed."""
    said: dict[str, tuple[str, str]] = {}
    while not stopped.is_set():
        try:
            for row in watcher.rows():
                if said.get(row.name) != (row.status, row.reason):
                    said[row.name] = (row.status, row.reason)
                    print(_line(row), flush=True)
        except ApiRefused as refused:
            print(f"{refused}; trying again", flush=True)
        stopped.wait(_EVERY_S)


def _line(row: Row) -> str:
    what_to_do = f" - {row.remedy}" if row.remedy else ""
    return f"{row.name} ({row.type}): {row.status}, {row.reason} {row.latency()}".rstrip() + what_to_do


def _table(rows: Sequence[Row]) -> Table:
    table = Table(title="integrations, checked every few seconds", title_justify="left", expand=True)
    for column in ("name", "type", "health", "reason", "last check", "latency", "what to do"):
        table.add_column(
            column, no_wrap=column in {"health", "last check", "latency"}, ratio=2 if "do" in column else None
        )
    now = datetime.now(UTC)
    for row in rows:
        health = Text(f"{_symbol(row.status)} {row.status}", _STYLES.get(row.status, ""))
        table.add_row(row.name, row.type, health, row.reason, row.age(now), row.latency(), row.remedy)
    return table


def _symbol(status: str) -> str:
    """Return a mark that does not need colour, nor more characters than the terminal has."""
    try:
        "✓▲✗".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return _PLAIN_SYMBOLS.get(status, " ")
    return _SYMBOLS.get(status, " ")
