"""A pytest plugin that comes with the hub: it says at the end which cases of the conformance kit were left out.

It stands outside of `testing` because pytest imports it at every start, and that package brings a server.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

__all__ = ["pytest_runtest_setup", "pytest_terminal_summary"]

_PROPERTY = "conformance cases left out"
_CASE = "test_says_what_it_is"  # the case that every connector has


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note with one case of each kit what its class has left out; a property travels between processes."""
    kind = getattr(item, "cls", None)
    left_out = getattr(kind, "left_out", None)
    if item.name == _CASE and kind and left_out:
        counted = Counter(left_out.values()).items()
        said = [f"{kind.__name__}: {n} {'case' if n == 1 else 'cases'}: {why}" for why, n in counted]
        item.user_properties += [(_PROPERTY, one) for one in said]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    properties = [pair for report in reports for pair in getattr(report, "user_properties", ())]
    said = dict.fromkeys(sentence for name, sentence in properties if name == _PROPERTY)
    if said:
        terminalreporter.section("conformance kit: left out")
        for sentence in said:
            terminalreporter.write_line(sentence)
