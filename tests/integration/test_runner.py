"""The parts of `make run` that its end-to-end test does not reach, on a real hub."""

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from local.runner.api import Api, ApiRefused
from local.runner.data_folder import CannotStart, DataFolder, Running, free_port
from local.runner.demo import drafts, register
from local.runner.display import Row, Watcher, show
from local.server import listen
from tests.support.hub import Hub, outside_folder, running_hub

INFRA = Path(__file__).parents[2] / "infra"
URLS = {"harbor": "http://127.0.0.1:4711", "slowHarbor": "http://127.0.0.1:4712"}


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    with outside_folder() as folder, running_hub(folder, MINIMUM_CHECK_INTERVAL="5") as running:
        yield running


@pytest.fixture
def data(tmp_path: Path) -> Iterator[DataFolder]:
    with DataFolder(tmp_path / "data") as held:
        yield held


def api_of(hub: Hub, tenant: str) -> Api:
    return Api(hub.url, lambda: hub.token(tenant))


def test_a_port_is_the_same_at_every_start_until_a_stranger_has_it(data: DataFolder) -> None:
    first = data.port("authority")
    assert data.port("authority") == first
    with listen(first):
        second = data.port("authority")
    assert second != first
    assert data.port("authority") == second


def test_a_free_port_is_the_wanted_one_when_it_is_free() -> None:
    with listen(0) as taken:
        wanted = int(taken.getsockname()[1])
        assert free_port(wanted) != wanted
    assert free_port(wanted) == wanted


def test_the_receipt_key_is_made_once(data: DataFolder) -> None:
    assert len(data.receipt_key()) >= 32
    assert data.receipt_key() == data.receipt_key()


def test_a_damaged_state_file_is_a_sentence(data: DataFolder) -> None:
    (data.path / "state.json").write_text("{half")
    with pytest.raises(CannotStart, match=r"state\.json is damaged\. Remove that file"):
        data.port("authority")


@pytest.mark.parametrize("wrong", [{"LOG_LEVEL": "loud"}, {"EVENT_WEBHOOK_URL": "http://not-a-real-secret-1.example"}])
def test_a_wrong_setting_is_a_sentence(wrong: dict[str, str]) -> None:
    with outside_folder() as folder:
        command = [sys.executable, "-m", "local.runner", "--data-dir", str(folder), "run", "--port", "0"]
        environment = {**os.environ, **wrong, "PYTHONPATH": str(INFRA)}
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout.replace("stopping\n", "")) == (1, "")
    assert ended.stderr.startswith(f"settings: {next(iter(wrong))}: ")
    assert "Traceback" not in ended.stderr
    assert "not-a-real-secret" not in ended.stderr


def test_one_hub_per_folder(data: DataFolder) -> None:
    with pytest.raises(CannotStart, match="is starting or stopping"), DataFolder(data.path):
        pass
    data.announce(Running(7, "http://127.0.0.1:1", "http://127.0.0.1:2"))
    assert DataFolder(data.path).running().pid == 7
    with pytest.raises(CannotStart, match=r"process 7, at http://127\.0\.0\.1:1"), DataFolder(data.path):
        pass


def test_what_a_dead_hub_announced_is_not_believed(tmp_path: Path) -> None:
    with DataFolder(tmp_path) as held:
        held.announce(Running(7, "http://127.0.0.1:1", "http://127.0.0.1:2"))
        announced = (tmp_path / "running.json").read_bytes()
    (tmp_path / "running.json").write_bytes(announced)
    with pytest.raises(CannotStart, match="No hub runs on"):
        DataFolder(tmp_path).running()


def test_secrets_and_state_are_ours_alone(data: DataFolder) -> None:
    data.write_secret("acme", "robot", {"password": "not-a-real-secret-1"})
    data.receipt_key()
    for path in (data.secrets / "acme" / "robot" / "password", data.path / "state.json"):
        assert path.stat().st_mode & 0o077 == 0


def test_the_demonstration_is_registered_once(hub: Hub, data: DataFolder) -> None:
    api = api_of(hub, "demo-once")
    register(api, data, "demo-once", URLS)
    first = api.page()
    register(api, data, "demo-once", URLS)
    assert api.page() == first
    assert [one["name"] for one in first] == sorted(draft["name"] for draft in drafts(URLS))


def test_a_harbor_that_moved_is_corrected_and_a_persons_change_is_kept(hub: Hub, data: DataFolder) -> None:
    api = api_of(hub, "demo-moved")
    register(api, data, "demo-moved", URLS)
    theirs = api.find("harbor-slow")
    assert theirs is not None
    draft = {**drafts(URLS)[1], "config": {"endpoint": "https://registry.example.com"}}
    api.call("PUT", f"/{theirs['id']}", draft, {"If-Match": f'"{theirs["version"]}"'})
    register(api, data, "demo-moved", {**URLS, "harbor": "http://127.0.0.1:4713"})
    endpoints = {one["name"]: one["config"].get("endpoint", "") for one in api.page()}
    assert endpoints["harbor"].startswith("http://127.0.0.1:4713/")
    assert endpoints["harbor-wrong-secret"].startswith("http://127.0.0.1:4713/")
    assert endpoints["harbor-slow"].startswith("https://registry.example.com")


def test_the_table_tells_health_by_word_and_mark(hub: Hub) -> None:
    client = hub.client("table")
    client.register("well")
    client.register("ill", config={"script": [{"do": "unhealthy", "reason": "credential_rejected"}]})
    hub.sweep()
    stopped, screen = threading.Event(), io.StringIO()
    stopped.set()
    show(Watcher(api_of(hub, "table")), stopped, Console(file=screen, force_terminal=True, width=150, no_color=True))
    for words in ("healthy", "ok", "unhealthy", "credential_rejected", "change the script", "s ago", " ms"):
        assert words in screen.getvalue()


def test_the_table_says_when_the_hub_does_not_answer() -> None:
    stopped, screen = threading.Event(), io.StringIO()
    stopped.set()
    away = Watcher(Api(f"http://127.0.0.1:{free_port(0)}", lambda: "no token"))
    show(away, stopped, Console(file=screen, force_terminal=True, width=150))
    assert "the hub does not answer" in screen.getvalue()


def test_a_refusal_is_told_in_the_hubs_own_words(hub: Hub) -> None:
    with pytest.raises(ApiRefused, match=r"422: .+"):
        api_of(hub, "refused").call("POST", "", json.loads("{}"))


def test_ages_are_told_as_a_person_would() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    ages = [None, now, now - timedelta(seconds=119), now - timedelta(minutes=5), now + timedelta(seconds=3)]
    told = [Row("a", "b", "c", "d", at, None, "").age(now) for at in ages]
    assert told == ["never", "0 s ago", "119 s ago", "5 min ago", "0 s ago"]
