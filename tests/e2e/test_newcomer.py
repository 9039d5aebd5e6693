"""What a newcomer does, in order, in a fresh copy under a folder whose name holds a space: README's words, typed."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psutil
import pytest

from local.server import listen
from tests.architecture.house import ROOT
from tests.e2e.newcomer import Checkout, Session
from tests.support.sign_in import Ide

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed; the printed calls use it"),
]
DATA = "my data"
README = (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def checkout() -> Iterator[Checkout]:
    with tempfile.TemporaryDirectory(prefix="new comer ") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's own user passes through it when the tests run as root
        yield Checkout(Path(folder))


@pytest.fixture(scope="module")
def port() -> int:
    with listen(0) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def session(checkout: Checkout, port: int) -> Iterator[Session]:
    with closing(Session(checkout, f"PORT={port}", f"DATA_DIR={DATA}")) as running:
        running.url()
        yield running


def log(checkout: Checkout) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (checkout.folder / DATA / "hub.log").read_text().splitlines()]


def delivered(checkout: Checkout, name: str, severity: str) -> list[dict[str, Any]]:
    """Return what the outbox delivered to the log about an integration, once there is something."""
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        sent = [json.loads(line["event"]) for line in log(checkout) if "event" in line]
        if found := [one for one in sent if one["severity"] == severity and one["data"].get("name") == name]:
            return found
        time.sleep(0.2)
    return []


def documents(text: str) -> list[Any]:
    """Return JSON documents that stand behind each other."""
    found, at = [], 0
    while at < len(text):
        document, at = json.JSONDecoder().raw_decode(text, at)
        found.append(document)
    return found


def shell(command: str) -> Any:
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def test_the_url_is_the_one_that_was_asked_for(session: Session, port: int) -> None:
    assert session.url() == f"http://127.0.0.1:{port}"


def test_the_three_calls_work_as_they_were_printed(session: Session) -> None:
    listed, summary, checked = map(shell, session.calls())
    assert [one["name"] for one in listed["items"]] == [
        "harbor",
        "harbor-slow",
        "harbor-wrong-secret",
        "rehearsal-flapping",
    ]
    assert summary["total"] == 4
    assert (checked["status"], checked["reason"]) == ("healthy", "ok")


def test_health_is_told_with_a_reason_and_what_to_do(session: Session) -> None:
    session.until(r"^harbor \(harbor\): healthy, ok \d+ ms$")
    session.until(r"^harbor-slow \(harbor\): healthy, ok \d{4} ms$")
    session.until(r"^harbor-wrong-secret \(harbor\): unhealthy, credential_rejected \d+ ms - .*robot.+\.$")


def test_an_outage_is_seen_and_alerted_once_and_so_is_the_recovery(checkout: Checkout, session: Session) -> None:
    session.until(r"^harbor \(harbor\): healthy")
    down, up = session.until(r"To see an outage: (make .+), and after half a minute: (make .+)").groups()
    seen = len(session.lines)
    assert "connect_error" in checkout.make(*shlex.split(down)[1:]).stdout
    session.until(r"^harbor \(harbor\): unhealthy, connect_error .+ - Check host and port", after=seen)
    seen = len(session.lines)
    assert checkout.make(*shlex.split(up)[1:]).returncode == 0
    session.until(r"^harbor \(harbor\): healthy, ok", after=seen)
    assert [event["data"]["to"] for event in delivered(checkout, "harbor", "recovery")] == ["healthy"]
    assert [event["data"]["reason"] for event in delivered(checkout, "harbor", "alert")] == ["connect_error"]


def test_readmes_integration_is_tried_registered_checked_and_told_of(session: Session) -> None:
    snippet = re.findall(
        r"^```sh\n(.*?)^```$", README.partition("\n## Write a connector\n")[0], re.MULTILINE | re.DOTALL
    )[0]
    export = session.calls()[0].splitlines()[0]
    typed = snippet.replace("http://127.0.0.1:8700", session.url())
    said = subprocess.run(["sh", "-e", "-c", f"{export}\n{typed}"], capture_output=True, text=True, check=True).stdout
    tried, checked, health, audit = documents(said)
    assert (tried["status"], checked["status"], health["latest"]["status"]) == ("healthy", "healthy", "healthy")
    assert [one["action"] for one in audit["items"]] == ["integration.created"]
    assert audit["items"][0]["details"]["name"] == "mine"


def test_another_token_is_for_the_tenant_and_scopes_that_were_named(checkout: Checkout, session: Session) -> None:
    made = checkout.make("token", "TENANT=acme", "SCOPES=integration:read integration:audit", f"DATA_DIR={DATA}")
    token = made.stdout.strip()
    claims = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    assert (claims["stellaops:tenant"], claims["scope"]) == ("acme", "integration:read integration:audit")
    request = Request(session.url() + "/api/v1/integrations", headers={"Authorization": f"Bearer {token}"})
    with urlopen(request, timeout=10) as answer:
        assert json.load(answer)["items"] == []


def test_a_second_hub_on_the_same_data_is_refused_with_a_sentence(checkout: Checkout, session: Session) -> None:
    refused = checkout.make("run", "PORT=0", f"DATA_DIR={DATA}")
    assert refused.returncode != 0
    assert re.search(rf"A hub already runs on .*{DATA} as process \d+, at {session.url()}\. Stop it", refused.stderr)


def test_a_port_in_use_is_refused_with_a_sentence(checkout: Checkout, session: Session, port: int) -> None:
    refused = checkout.make("run", f"PORT={port}", "DATA_DIR=other data")
    assert refused.returncode != 0
    assert f"Port {port} cannot be used (Address already in use). Choose another: make run PORT=" in refused.stderr
    assert session.process.poll() is None


def test_a_folder_that_cannot_be_written_is_refused_with_a_sentence(checkout: Checkout) -> None:
    (checkout.folder / "a file").touch()
    refused = checkout.make("run", "PORT=0", "DATA_DIR=a file/data")
    assert refused.returncode != 0
    assert re.search(r"The data folder .+/a file/data cannot be used \(Not a directory\)\. Make it", refused.stderr)
    assert "Traceback" not in refused.stderr


def test_ctrl_c_stops_everything_and_a_second_start_finds_the_same_data(
    checkout: Checkout, session: Session, port: int
) -> None:
    before = shell(session.calls()[0])["items"]
    session.interrupt()
    assert session.lines[-1] == "stopping"
    assert checkout.processes() == []
    with closing(Session(checkout, f"PORT={port}", f"DATA_DIR={DATA}")) as again:
        after = shell(again.calls()[0])["items"]
        again.interrupt(signal.SIGTERM)
        assert again.lines[-1] == "stopping"
    same = ("id", "version", "createdAt", "config")
    assert [[one[name] for name in same] for one in after] == [[one[name] for name in same] for one in before]
    assert checkout.processes() == []


def test_after_a_crash_the_hub_says_what_to_do_and_doing_it_helps(checkout: Checkout) -> None:
    with closing(Session(checkout, "PORT=0", "DATA_DIR=crashed", "DEMO=no")) as crashed:
        crashed.url()
        crashed.interrupt(signal.SIGKILL)
    assert "no hub runs" in checkout.make("token", "DATA_DIR=crashed").stderr.lower()
    refused = checkout.make("run", "PORT=0", "DATA_DIR=crashed").stderr
    orphan = re.search(r"PostgreSQL already runs on .+ as process \d+\..+: kill (\d+)", refused)
    assert orphan, refused
    server = psutil.Process(int(orphan[1]))
    server.terminate()  # as `kill` does
    psutil.wait_procs([server], timeout=30)
    with closing(Session(checkout, "PORT=0", "DATA_DIR=crashed", "DEMO=no")) as again:
        assert "/plugins" in again.calls()[2]
        again.interrupt()
    assert checkout.processes() == []


def test_the_ide_demo_is_signed_in_to_as_an_extension_does_and_ctrl_c_stops_it(checkout: Checkout) -> None:
    demo = ("DATA_DIR=ide", "PORT=0", "PLATFORM_PORT=0")
    with closing(Session(checkout, *demo, target="ide-demo")) as session:
        session.url()
        session.until("Ctrl-C stops")
        platform, hub, authority = (
            session.until(rf"^stellaOps\.{name}Url +(http://127\.0\.0\.1:\d+)$")[1]
            for name in ("platform", "hub", "authority")
        )
        ide = Ide(authority, [])
        page = ide.question(tenant="")  # the page offers the tenant of the demonstration
        token = ide.redeem(ide.browser.decide(page, person="bob").sent_back()["code"])[1]["access_token"]
        releases = ask(f"{platform}/api/v1/releases", token)["data"]
        held_by = {part["registryIntegrationId"] for release in releases for part in release["components"]}
        harbor = next(one for one in ask(f"{hub}/api/v1/integrations", token)["items"] if one["name"] == "harbor")
        assert held_by == {harbor["id"]}
        waiting = ask(f"{platform}/api/v1/promotions?status=awaiting_approval", token)["data"][0]
        approved = ask(f"{platform}/api/v1/promotions/{waiting['id']}/approve", token, data=b"")["data"]
        assert approved["status"] == "approved"
        checked = ask(f"{hub}/api/v1/integrations/{harbor['id']}/health-check", token, data=b"")
        assert checked["status"] == "healthy"
        in_use = checkout.make("ide-demo", "DATA_DIR=ide 2", "PORT=0", f"PLATFORM_PORT={platform.rpartition(':')[2]}")
        assert "Choose another: make ide-demo PLATFORM_PORT=" in in_use.stderr
        session.interrupt()
        assert session.lines[-1] == "stopping"
    assert checkout.processes() == []


def ask(url: str, token: str, data: bytes | None = None) -> Any:
    with urlopen(Request(url, data, {"Authorization": f"Bearer {token}"}), timeout=30) as answer:
        return json.load(answer)
