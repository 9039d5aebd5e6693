"""No test is skipped in silence: each is listed at the end, and with HUB_REQUIRE=all each is a failure."""

import os
from collections.abc import Generator
from typing import TypeVar

import pytest

REQUIRE = "HUB_REQUIRE"
ReportT = TypeVar("ReportT", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return refused(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return refused(report)


def refused(report: ReportT) -> ReportT:
    """Turn a skip into a failure where everything is required."""
    if report.skipped and os.environ.get(REQUIRE) == "all" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{REQUIRE}=all, but this was skipped: {reason(report)}"
    return report


def reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return the sentence of a skip."""
    said = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return said.removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    terminalreporter.section(f"skipped: {len(skipped)}")
    for report in skipped:
        terminalreporter.write_line(f"{report.nodeid}: {reason(report)}")
