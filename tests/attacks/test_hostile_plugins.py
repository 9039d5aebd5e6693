"""Whatever a stranger's connector does, its call ends in time and as data, tells no secret, and leaves nothing."""

from __future__ import annotations

import gc
import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from integrations_hub.catalog.plugin import PluginState
from integrations_hub.connector.answer import Headers
from integrations_hub.connector.contract import Delivery, EventRejected
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.from_hub import Describe
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.wire import MAX_LINE, handshake
from integrations_hub.plugins.cage.keeper import Keeper
from integrations_hub.plugins.grants import NoGrants
from tests.support.cages import TOKEN, Cage, OneSecret, cage_of, evidence, install_hostile, left_behind

pytestmark = pytest.mark.usefixtures("closed_cages")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plugins")
    install_hostile(folder)
    return folder


@pytest.fixture(scope="module")
def cage(folder: Path) -> Cage:
    return cage_of(folder, check_s=30, egress="127.0.0.0/8")  # no attack's time: what a busy machine may take


@pytest.fixture(scope="module")
def short_of_time(folder: Path) -> Cage:
    return cage_of(folder, check_s=5)


@pytest.fixture(autouse=True)
def nothing_is_left(folder: Path):
    yield
    assert left_behind(folder) == []
    gc.collect()  # a pipe the hub forgot to close is this test's failure, not that of whoever runs next


@pytest.mark.parametrize(
    "attack", ["hang", "recurse", "hang_blocking", "hang_in_thread", "loop", "ignore_being_cancelled"]
)
def test_a_connector_that_does_not_end_is_ended(short_of_time: Cage, attack):
    result = short_of_time.attack(attack)
    # who recurses is ended by its memory or by its time, whichever is over first
    assert result.reason is Reason.TIMEOUT or (attack == "recurse" and result.reason is Reason.CONNECTOR_CRASHED)


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        ("take_memory", "MemoryError"),
        ("take_descriptors", "OSError"),
        ("fork_bomb", "PermissionError"),
        ("flood_output", "to standard error"),
        ("flood_errors", "to standard error"),
        ("flood_the_hub", "protocol"),
        ("say_huge_line", f"more than {MAX_LINE} bytes"),
        ("leave_at_once", "without an answer"),
        ("leave_with_code", "exit code 3"),
        ("leave_politely", "SystemExit"),
        ("leave_by_fault", "exit code 139"),
        ("leave_in_the_middle_of_a_line", "without an answer"),
        ("leave_by_interrupt", "KeyboardInterrupt"),
        ("leave_by_own_exception", "without an answer"),
    ],
)
def test_a_connector_that_breaks_down_or_floods_has_crashed(cage: Cage, attack, said):
    result = cage.attack(attack)
    assert result.reason is Reason.CONNECTOR_CRASHED
    assert said in evidence(result)
    assert TOKEN not in repr(result)


CHECKED = (
    '{"kind":"checked","steps":[%s],"latency_ms":%s,"credential_ends_at":%s,"certificate_ends_at":null,'
    '"retry_after_s":%s,"end":%s}'
)
STEP = '{"name":"%s","status":"%s","duration_ms":%s,"evidence":%s,"reason":"%s","remedy":""}'


def checked(step: str = "", latency: str = "1.0", ends: str = "null", wish: str = "null", end: str = "null") -> str:
    return CHECKED % (step, latency, ends, wish, end)


def step(name="product", status="passed", duration="1.0", evidence='"fine"', reason="ok") -> str:
    return STEP % (name, status, duration, evidence, reason)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "no JSON",
        "{",
        "[]",
        "null",
        "1e999",
        '"checked"',
        "[" * 100_000,
        '{"kind":"nothing"}',
        '{"kind":"checked"}',
        handshake(["system-calls", "files", "limits", "own-user"]).decode(),
        '{"kind":"described","type":"harbor","category":"scm","version":"1","capabilities":[],"credential":"none","config_schema":{}}',
        '{"kind":"ready","endpoint":{"url":"https://hostile.example","ca_bundle":null}}',
        '{"kind":"grant","fields":{}}',
        '{"kind":"send","number":-1,"beyond":[],"method":"GET","path":"","params":null,"headers":[],"auth":null,"content":null}',
        '{"kind":"send","number":1,"beyond":[],"method":"GET / HTTP/1.1\\r\\n","path":"","params":null,"headers":[],"auth":null,"content":null}',
        '{"kind":"send","number":1,"beyond":[],"method":"GET","path":"","params":null,"headers":[{"name":"a","value":"b\\r\\nc: d","secret":false}],"auth":null,"content":null}',
        checked(step(status="splendid")),
        checked(step(name="unknown")),
        checked(step(reason="bored")),
        checked(step(duration="NaN")),
        checked(step(duration="Infinity")),
        checked(step(duration='"1"')),
        checked(step(evidence="7")),
        checked(step(evidence='"\\ud800"')),
        checked(",".join([step()] * 17)),
        checked(latency="NaN"),
        checked(latency="1e999"),
        checked(latency="true"),
        checked(latency="-1"),
        checked(ends='"tomorrow"'),
        checked(ends='"2026-01-01T00:00:00"'),
        checked(ends='"9999-12-31T23:59:59-12:00"'),
        checked(wish="NaN"),
        checked(end='"late"'),
        checked()[:-1] + ',"more":1}',
    ],
    ids=lambda line: line[:60] or "an empty line",
)
def test_a_line_that_is_not_the_protocols_is_a_crash(cage: Cage, line):
    result = cage.attack("say_raw", line=line + "\n")
    assert result.reason is Reason.CONNECTOR_CRASHED
    assert result.latency_ms >= 0


def test_a_result_of_its_own_making_is_bounded_and_cleaned(cage: Cage):
    long, evil = '"' + "x" * 60_000 + '"', '"a\\u0000b\\u202ec\\nd"'
    steps = f"{step(duration='-5.0', evidence=evil)},{step(name='quota', duration='1e300', evidence=long)}"
    result = cage.attack("say_raw", line=checked(steps, latency="1e300", wish="1e300") + "\n")
    assert result.reason is Reason.OK
    assert [one.duration_ms for one in result.steps] == [0.0, 60_000.0]
    assert result.steps[0].evidence == "a b c d"
    assert len(result.steps[1].evidence) == 2048
    assert result.latency_ms == 60_000.0
    assert result.retry_after_s == 6 * 3600


@pytest.mark.parametrize(
    "how",
    [
        "secret",
        "'x' * 2040 + secret",
        "__import__('base64').b64encode(secret.encode()).decode()",
        "__import__('urllib.parse').parse.quote(secret)",
        "__import__('json').dumps({secret: secret})",
    ],
)
def test_what_it_says_holds_no_secret_of_the_call(cage: Cage, how):
    said = repr(cage.attack("tell_the_secret", how=how))
    assert TOKEN not in said
    assert "not-a-real" not in said
    assert "bm90LWEt" not in said  # base64 of its beginning


def test_what_it_prints_reaches_the_log_without_the_secret(cage: Cage, caplog):
    caplog.set_level(logging.DEBUG)
    assert cage.attack("print_the_secret").reason is Reason.CONNECTOR_CRASHED
    assert "on output: ***" in caplog.text
    assert "on errors: ***" in caplog.text
    assert "RuntimeError: ***" in caplog.text
    assert TOKEN not in caplog.text


def test_a_name_of_its_own_for_an_exception_says_nothing(cage: Cage):
    assert "not-a-real-secret" not in repr(cage.attack("leave_by_own_exception"))


@pytest.mark.parametrize(
    ("attack", "marks", "reason"),
    [
        ("ask_the_hub", {"path": "https://elsewhere.example/"}, Reason.WRONG_PRODUCT),
        ("ask_the_hub", {"path": "http://169.254.169.254/latest/meta-data"}, Reason.WRONG_PRODUCT),
        ("ask_the_hub_beyond", {"url": "https://elsewhere.example/"}, Reason.WRONG_PRODUCT),
        ("ask_the_hub_beyond", {"url": "http://169.254.169.254/"}, Reason.WRONG_PRODUCT),
        ("ask_without_being_ready", {}, Reason.WRONG_PRODUCT),
        ("ask_the_hub_with_header", {"name": "Host", "value": "metadata"}, Reason.CONNECTOR_CRASHED),
        ("ask_the_hub_with_header", {"name": "Content-Length", "value": "0"}, Reason.CONNECTOR_CRASHED),
        ("ask_the_hub_with_header", {"name": "a", "value": "b\r\nc: d"}, Reason.CONNECTOR_CRASHED),
    ],
)
def test_the_hub_asks_nobody_else_for_it(cage: Cage, attack, marks, reason):
    assert cage.attack(attack, **marks).reason is reason


@pytest.mark.parametrize(
    "endpoint",
    ["http://169.254.169.254", "http://[fd00:ec2::254]/latest", "http://10.0.0.1", "http://[::ffff:169.254.169.254]"],
)
def test_the_hub_asks_no_forbidden_address_for_it(cage: Cage, endpoint):
    assert cage.attack("ask_the_hub", endpoint, path="").reason is Reason.EGRESS_DENIED


@pytest.mark.parametrize("endpoint", ["http://127.1", "http://good.example\\@evil.example", "https://a:b@evil.example"])
def test_an_endpoint_readers_disagree_about_is_none(cage: Cage, endpoint):
    config = {"attack": "ask_the_hub", "marks": {"path": ""}, "backwards": endpoint[::-1]}
    result = cage.check(config, "hostile")
    assert result.reason is Reason.CONNECTOR_CRASHED
    assert "endpoint" in evidence(result)


def test_the_hub_shows_no_certificate_the_config_does_not_name(folder: Path):
    cage = cage_of(folder)
    config = {"attack": "ask_the_hub", "marks": {"path": ""}, "certificate": "authref://file/colleague"[::-1]}
    result = cage.check(config, "hostile", auth=None)
    assert result.reason is Reason.CONNECTOR_CRASHED
    assert "client certificate" in evidence(result)
    assert cage.secrets.asked == []


def test_the_hub_stays_below_the_endpoint(cage: Cage):
    for path in ("../admin", "a/../../admin", "/../admin"):
        result = cage.attack("ask_the_hub", "https://hostile.example/api", path=path)
        assert result.reason is Reason.WRONG_PRODUCT


def test_a_flood_of_requests_costs_the_call_its_own_time(folder: Path):
    result = cage_of(folder, check_s=5).attack("flood_requests", "http://127.0.0.1:1")
    assert result.reason in {Reason.OK, Reason.TIMEOUT}


def test_a_connector_that_crashes_over_a_delivery_has_proven_nothing(folder: Path, caplog):
    cage = cage_of(folder, secrets=OneSecret(webhook=(TOKEN,)))
    delivery = Delivery(Headers([("X-Event", "push")]), b"{}", datetime.now(UTC))
    call = cage.call("hostile", {"attack": "", "marks": {}})
    with pytest.raises(EventRejected):
        cage.host.verify_event(call, "authref://file/hook", delivery)
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        ("pass", "without an answer"),
        ("import os; os._exit(9)", "exit code 9"),
        ("print('hello', flush=True); input()", "not the handshake"),
        ("print('[' * 100000, flush=True); input()", "not the handshake"),
        ('print(\'{"integrations-hub-connector": 2, "walls": []}\', flush=True); input()', "version 1"),
        ('print(\'{"integrations-hub-connector": true, "walls": []}\', flush=True); input()', "version 1"),
        ('print(\'{"integrations-hub-connector": 1, "walls": [7]}\', flush=True); input()', "walls that cannot be"),
        ("print('x' * 5_000_000, flush=True); input()", "in one line"),
        ("import sys; print('x' * 9, end=''); sys.exit()", "without an answer"),
    ],
)
def test_a_child_that_does_not_shake_hands_is_told_nothing(folder: Path, lie, said):
    liar = cage_of(folder, command=[sys.executable, "-c", lie], allow_unconfined=True)
    (record,) = (one for one in liar.plugins.scan() if one.plugin_id == "hostile-connector")
    assert record.state is PluginState.REJECTED
    assert said in (record.rejected_reason or "")


def test_a_child_that_never_speaks_is_ended_and_the_trusted_do_not_wait_for_it(folder: Path, tmp_path: Path):
    started = tmp_path / "started"
    program = f"import pathlib, time; pathlib.Path({str(started)!r}).touch(); time.sleep(600)"
    cage = cage_of(folder, command=[sys.executable, "-c", program])
    assert cage.plugins.get("harbor") is not None
    assert not started.exists()
    (record,) = (one for one in cage.plugins.scan() if one.plugin_id == "hostile-connector")
    assert "not ready in time" in (record.rejected_reason or "")


def test_a_child_that_is_not_ready_in_time_is_no_verdict_on_the_provider(cage: Cage):
    stranger = cage.plugins.stranger("hostile")
    assert stranger
    asleep = Keeper(concurrency=1, command=[sys.executable, "-c", "import time; time.sleep(600)"])
    asked = replace(cage.calls, keeper=asleep).ask(stranger, Describe(), NoGrants(), 0.5)
    with pytest.raises(CheckFailed) as failed:
        cage.loop.submit(asked).result(20)
    assert failed.value.reason is Reason.CONNECTOR_CRASHED  # `unknown`; a timeout would be a failure of the provider's
    assert "ISOLATED_CONCURRENCY" in failed.value.remedy


def test_many_at_once_keep_nobody_waiting_for_long(folder: Path):
    cage = cage_of(folder, check_s=10, concurrency=3)
    attacks = ["hang", "loop", "flood_output", "leave_at_once", "forget_the_secret", "take_memory"]
    with ThreadPoolExecutor(len(attacks)) as pool:
        results = list(pool.map(cage.attack, attacks))
    assert [one.reason for one in results] == [
        Reason.TIMEOUT,
        Reason.TIMEOUT,
        Reason.CONNECTOR_CRASHED,
        Reason.CONNECTOR_CRASHED,
        Reason.OK,
        Reason.CONNECTOR_CRASHED,
    ]


HUB = """
import sys
from pathlib import Path
from tests.support.cages import cage_of, children_at_work, job
cage_of(Path(sys.argv[1]), check_s=300).host.submit(job("ignore_being_cancelled"))
print(*children_at_work(), flush=True)
input()
"""


def test_a_hub_that_is_killed_takes_its_strangers_along(folder: Path):
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", HUB, str(folder)]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as hub:
        assert hub.stdout
        supervisor, child = map(int, hub.stdout.readline().split())
        assert psutil.pid_exists(supervisor)
        assert psutil.pid_exists(child)
        hub.kill()
    assert left_behind(folder) == []
