"""The development platform as a command: what it prints, and what it says no to."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from devserver.__main__ import EXAMPLE
from local.server import listen
from tests.architecture.house import ROOT

ISSUER = ("--issuer", "http://127.0.0.1:1")
ENVIRONMENT = {**os.environ, "PYTHONPATH": "infra:extensions"}


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "devserver", *words]
    return subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def running(*words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "devserver", *ISSUER, "--port", "0", *words]
    with subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        try:
            ready = re.match(r"platform ready: (http://127\.0\.0\.1:\d+) ", process.stdout.readline())
            assert ready
            yield ready[1], process
        finally:
            process.terminate()


def test_help_shows_an_example_whose_options_exist() -> None:
    help_ = run("--help").stdout
    assert EXAMPLE in help_
    assert set(re.findall(r"devserver.*(--[a-z-]+)", EXAMPLE)) <= set(re.findall(r"--[a-z-]+", help_))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_stopped(number: signal.Signals) -> None:
    with running() as (url, process):
        with pytest.raises(HTTPError, match="401"):
            urlopen(f"{url}/api/v1/releases", timeout=10)
        process.send_signal(number)
        assert process.wait(20) == 0


def test_its_options_reach_its_answers() -> None:
    with running("--errors", "problem", "--quota", "0") as (url, _):
        with pytest.raises(HTTPError) as refused:
            urlopen(f"{url}/api/v1/releases", timeout=10)
        with refused.value as answer:
            assert (answer.code, answer.headers["Content-Type"]) == (429, "application/problem+json")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--issuer"),
        (("--issuer", "http://elsewhere.example"), "The platform cannot start: "),
        ((*ISSUER, "--port", "70000"), "The platform cannot start: "),
        ((*ISSUER, "--integration", "harbor"), "write NAME=ID"),
        ((*ISSUER, "--delay", "nan"), "write a number of seconds from 0 to 86400"),
        ((*ISSUER, "--deploying-seconds", "-1"), "write a number of seconds from 0 to 86400"),
    ],
)
def test_a_wrong_option_is_a_sentence(words: tuple[str, ...], said: str) -> None:
    refused = run(*words)
    assert refused.returncode != 0
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_port_in_use_is_a_sentence() -> None:
    with listen(0) as taken:
        refused = run(*ISSUER, "--port", str(taken.getsockname()[1]))
    assert (refused.returncode, refused.stderr) == (1, "The platform cannot start: Address already in use.\n")


def test_a_wrong_setting_of_the_hub_beside_it_is_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "devserver.ide_demo", "--data-dir", str(tmp_path / "data"), "--port", "0"]
    loud = {**ENVIRONMENT, "LOG_LEVEL": "loud"}
    refused = subprocess.run(command, cwd=ROOT, env=loud, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith("settings: LOG_LEVEL: ")
    assert "Traceback" not in refused.stderr
