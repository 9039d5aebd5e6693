"""Getting at a colleague's secret through the API: by a server of one's own, by an echo, by what is left behind."""

from __future__ import annotations

import json
import re
import shlex
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.support.greedy_provider import Answered, GreedyProvider, greedy_provider
from tests.support.hub import Client, Hub

ROBOT, PASSWORD = "robot$colleague", "not-a/real+'secret' \"1\" " + "of-the-colleague" * 4
REF = "authref://file/harbor"
FORMS: dict[str, Callable[[str, str], str]] = {
    "as it is": lambda login, _: login,
    "the header": lambda _, header: header,
    "base64": lambda login, _: b64encode(login.encode()).decode(),
    "base64 of the password": lambda login, _: b64encode(login.partition(":")[2].encode()).decode(),
    "wrapped base64": lambda login, _: "\n".join(re.findall(".{1,60}", b64encode(login.encode()).decode())),
    "a wrapped value": lambda login, _: "\r\n  ".join(re.findall(".{1,30}", login)),
    "in a URL": lambda login, _: f"https://{quote(login, safe='')}@evil.example/?q={quote(login)}",
    "in JSON": lambda login, _: json.dumps({"errors": [{"message": login}]}),
    "in JSON's JSON": lambda login, _: json.dumps(json.dumps(login)),
    "in a shell's word": lambda login, _: f"curl -u {shlex.quote(login)}",
    "in Python's": lambda login, _: repr(login),
}


@pytest.fixture
def thief() -> Iterator[GreedyProvider]:
    with greedy_provider() as provider:
        yield provider


@pytest.fixture
def tenant(hub: Hub) -> str:
    """Have a secret, which is not bound to any host."""
    name = f"tenant-{uuid4().hex[:12]}"
    store(hub, name, "harbor", username=ROBOT, password=PASSWORD)
    return name


@pytest.fixture
def colleague(hub: Hub, tenant: str) -> Client:
    return hub.client(tenant)


def store(hub: Hub, tenant: str, path: str, **fields: object) -> None:
    folder = hub.state / "secrets" / tenant
    folder.mkdir(exist_ok=True)
    (folder / path).write_text(json.dumps(fields))


def draft(endpoint: str, ref: str = REF, name: str = "mine") -> dict[str, Any]:
    return {"type": "harbor", "name": name, "config": {"endpoint": endpoint}, "authRefUri": ref}


def test_the_attack_is_real(colleague: Client, thief: GreedyProvider) -> None:
    """Who may write may point a secret that is bound to no host at any server: that is what `allowed_hosts` is for."""
    answer = colleague.call("POST", "/test", json=draft(thief.url))

    assert answer.status == 200
    assert set(thief.given) == {f"{ROBOT}:{PASSWORD}"}


@pytest.mark.parametrize(
    "scopes",
    [["integration:read"], ["integration:read", "integration:operate"], ["integration:admin", "integration:audit"]],
)
def test_without_write_nobody_points_a_colleagues_secret_at_a_server_of_his_own(
    hub: Hub, tenant: str, thief: GreedyProvider, scopes: list[str]
) -> None:
    colleague = hub.client(tenant)
    kept = colleague.call("POST", json=draft("https://harbor.example.invalid")).json()
    intruder = hub.client(tenant, scopes, subject="intruder")
    swapped = {**draft(thief.url), "name": kept["name"]}

    for method, path in (("POST", "/test"), ("POST", ""), ("PUT", f"/{kept['id']}")):
        answer = intruder.call(method, path, json=swapped, headers={"If-Match": '"1"'})
        assert answer.status == 403, (method, path)

    assert thief.asked == []
    assert colleague.call("GET", f"/{kept['id']}").json()["config"] == kept["config"]


@pytest.mark.parametrize("path", ["/test", ""])
def test_a_bound_secret_goes_to_no_other_server_whoever_asks(
    hub: Hub, tenant: str, thief: GreedyProvider, path: str
) -> None:
    store(hub, tenant, "bound", username=ROBOT, password=PASSWORD, allowed_hosts=["harbor.example"])

    colleague = hub.client(tenant)
    answer = colleague.call("POST", path, json=draft(thief.url, "authref://file/bound"))
    if path == "":
        answer = colleague.call("POST", f"/{answer.json()['id']}/health-check")

    assert answer.json()["reason"] == "secret_unavailable"
    assert thief.given == []
    assert "allowed_hosts" in json.dumps(answer.json())


def test_an_endpoint_swapped_after_the_fact_gets_nothing_of_a_bound_secret(
    hub: Hub, tenant: str, thief: GreedyProvider
) -> None:
    colleague = hub.client(tenant)
    with greedy_provider() as harbor:
        harbor.answer = lambda *_: (200, {"Content-Type": "application/json"}, b'{"harbor_version": "v2.15.2"}')
        host = harbor.url.removeprefix("http://")
        store(hub, tenant, "bound", username=ROBOT, password=PASSWORD, allowed_hosts=[host])
        one = colleague.call("POST", json=draft(harbor.url, "authref://file/bound")).json()
        first = colleague.call("POST", f"/{one['id']}/health-check").json()

        moved = draft(thief.url, "authref://file/bound")
        assert colleague.call("PUT", f"/{one['id']}", json=moved, headers={"If-Match": '"1"'}).status == 200
        second = colleague.call("POST", f"/{one['id']}/health-check").json()

    assert (first["status"], second["reason"]) == ("healthy", "secret_unavailable")
    assert set(harbor.given) == {f"{ROBOT}:{PASSWORD}"}
    assert thief.given == []


@pytest.mark.parametrize("echoed", [(form, status) for form in FORMS for status in (400, 401, 403, 500)])
def test_what_a_hostile_provider_sends_back_reaches_nobody(
    hub: Hub, tenant: str, thief: GreedyProvider, capfd: pytest.CaptureFixture[str], echoed: tuple[str, int]
) -> None:
    form, status = echoed
    colleague = hub.client(tenant)
    thief.answer = lambda login, header: echo(FORMS[form](login, header), status)
    one = colleague.call("POST", json=draft(thief.url)).json()

    told = [
        colleague.call("POST", "/test", json=draft(thief.url, name="other")),
        colleague.call("POST", f"/{one['id']}/health-check"),
        colleague.call("GET", f"/{one['id']}"),
        colleague.call("GET", f"/{one['id']}/health"),
        colleague.call("GET", "/audit"),
    ]

    assert thief.given
    everything = [answer.body.decode() + repr(dict(answer.headers)) for answer in told]
    everything += ["".join(capfd.readouterr()), repr(kept(hub, tenant))]
    for text in everything:
        assert not [piece for piece in pieces() if piece in text]


def echo(text: str, status: int) -> Answered:
    line = re.sub(r"[\r\n]+", " ", text).encode("latin-1", "replace").decode("latin-1")
    headers = {"Content-Type": "application/json", "WWW-Authenticate": f'Basic realm="{line}"', "Location": line}
    return status, headers, text.encode()


def pieces() -> list[str]:
    """Return what must not be seen: the password and its encodings, and any long enough run of either."""
    whole = [
        PASSWORD,
        b64encode(f"{ROBOT}:{PASSWORD}".encode()).decode(),
        b64encode(PASSWORD.encode()).decode(),
        quote(PASSWORD),
    ]
    return [one[at : at + 20] for one in whole for at in range(0, len(one) - 19, 5)]


def kept(hub: Hub, tenant: str) -> list[object]:
    tables = ("integrations", "integration_health", "health_checks", "audit_logs", "outbox")
    return [hub.rows(f"SELECT * FROM hub.{table} WHERE tenant_id = %s", tenant) for table in tables]
