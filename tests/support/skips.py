"""No test is skipped in silence: each is listed at the end, and with HUB_REQUIRE=all each is a failure.

The one exception is `skip_not_shipped`: no command brings what is missing, so no machine can be required to have it.
"""

import os
from collections.abc import Generator
from typing import NoReturn, TypeVar

import pytest

REQUIRE = "HUB_REQUIRE"
NOT_SHIPPED = "not shipped: "
ReportT = TypeVar("ReportT", pytest.TestReport, pytest.CollectReport)


def skip_not_shipped(what: str) -> NoReturn:
    """Skip a test of what the project may not publish, such as a document under another licence."""
    pytest.skip(NOT_SHIPPED + what)


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
    if not report.skipped or hasattr(report, "wasxfail") or reason(report).startswith(NOT_SHIPPED):
        return report
    if os.environ.get(REQUIRE) == "all":
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
