"""Each case is sent to the Lambda face and to the functions-framework face; the answers are the same, byte for byte."""

import importlib.util
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from functions_framework import create_app

SOURCE = Path(__file__).with_name("two_faces_function.py")
ID = "0a0b0c0d-0000-4000-8000-000000000001"
THING = f"/api/v1/things/{ID}"
READER = {"Authorization": "Bearer acme~read"}
WRITER = {"Authorization": "Bearer acme~write"}
JSON = {**WRITER, "Content-Type": "application/json"}
TRACE = {"X-Request-Id": "case-1", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}


class Case(NamedTuple):
    face: str
    method: str
    path: str
    status: int
    headers: Mapping[str, str] = MappingProxyType({})
    query: str = ""
    body: bytes = b""


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


CASES = {
    "read": Case("read", "GET", THING, 200, READER, "page_size=7"),
    "read with a trailing slash": Case("read", "GET", THING + "/", 200, READER),
    "head": Case("read", "HEAD", THING, 200, READER),
    "scheme in another case": Case("read", "GET", THING, 200, {"authorization": "bEARER acme~read"}),
    "tenant headers are not believed": Case(
        "read",
        "GET",
        THING,
        200,
        {**READER, "X-Tenant-Id": "other", "X-StellaOps-Tenant": "other", "X-Stella-Scopes": "integration:admin"},
    ),
    "no token": Case("read", "GET", THING, 401),
    "another scheme": Case("read", "GET", THING, 401, {"Authorization": "Basic YTpi"}),
    "two tokens": Case("read", "GET", THING, 401, {"Authorization": "Bearer acme~read, Bearer other~read"}),
    "giant token": Case("read", "GET", THING, 401, {"Authorization": "Bearer " + "a" * 16384}),
    "no tenant": Case("read", "GET", THING, 403, {"Authorization": "Bearer ~read"}),
    "tenant outside the grammar": Case("read", "GET", THING, 403, {"Authorization": "Bearer -a~read"}),
    "wrong scope": Case("read", "GET", THING, 403, WRITER),
    "no uuid": Case("read", "GET", "/api/v1/things/1", 404, READER),
    "nothing there": Case("read", "GET", "/api/v1/nothing", 404, READER),
    "another method": Case("read", "DELETE", THING, 405, READER),
    "options": Case("read", "OPTIONS", THING, 405),
    "strange method": Case("read", "BREW", THING, 405),
    "unknown parameter": Case("read", "GET", THING, 422, READER, "page=7"),
    "parameter twice": Case("read", "GET", THING, 422, READER, "page_size=7&page_size=8"),
    "parameter with nul": Case("read", "GET", THING, 422, READER, "page_size=%00"),
    "parameter not utf-8": Case("read", "GET", THING, 422, READER, "page_size=%FF"),
    "not modified": Case("read", "GET", THING, 304, {**READER, "If-None-Match": "*"}),
    "written": Case("write", "POST", "/api/v1/things", 201, JSON, body=b'{"name":"a"}'),
    "written in unicode": Case("write", "POST", "/api/v1/things", 201, JSON, body='{"name":"ü😀"}'.encode()),
    "conflict with members": Case("write", "POST", "/api/v1/things", 409, JSON, body=b'{"name":"taken"}'),
    "limit": Case("write", "POST", "/api/v1/things", 429, JSON, body=b'{"name":"busy"}'),
    "bug": Case("write", "POST", "/api/v1/things", 500, JSON, body=b'{"name":"bug"}'),
    "split header": Case("write", "POST", "/api/v1/things", 500, JSON, body=b'{"name":"split"}'),
    "no json": Case("write", "POST", "/api/v1/things", 400, JSON, body=b"{"),
    "no utf-8": Case("write", "POST", "/api/v1/things", 400, JSON, body=b'{"name":"\xff"}'),
    "duplicate key": Case("write", "POST", "/api/v1/things", 400, JSON, body=b'{"name":"a","name":"b"}'),
    "another type of content": Case(
        "write", "POST", "/api/v1/things", 400, {**WRITER, "Content-Type": "text/plain"}, body=b"{}"
    ),
    "a form": Case(
        "write",
        "POST",
        "/api/v1/things",
        400,
        {**WRITER, "Content-Type": "application/x-www-form-urlencoded"},
        body=b"name=a",
    ),
    "invalid body": Case("write", "POST", "/api/v1/things", 422, JSON, body=b'{"name":7,"more":1}'),
    "too large": Case("write", "POST", "/api/v1/things", 413, JSON, body=b" " * (256 * 1024 + 1)),
    "as large as may be": Case("write", "POST", "/api/v1/things", 201, JSON, body=b'{"name":"a"}'.ljust(256 * 1024)),
    "size before token": Case("write", "POST", "/api/v1/things", 413, body=b" " * (256 * 1024 + 1)),
    "deleted": Case("delete", "DELETE", THING, 204, WRITER),
    "bytes": Case("bytes", "POST", "/api/v1/bytes", 200, body=bytes(range(256))),
    "no bytes": Case("bytes", "POST", "/api/v1/bytes", 200),
    "too many bytes": Case("bytes", "POST", "/api/v1/bytes", 413, body=b"x" * 1001),
    "encoded path": Case("type", "GET", "/api/v1/by-type/caf%C3%A9", 200),
    "encoded slash": Case("type", "GET", "/api/v1/by-type/a%2Fb", 404),
    "encoded nul": Case("type", "GET", "/api/v1/by-type/a%00", 404),
    "encoded percent": Case("type", "GET", "/api/v1/by-type/a%2525", 200),
    "path not utf-8": Case("type", "GET", "/api/v1/by-type/%FF", 200),
    "liveness at any face's root": Case("read", "GET", "/healthz", 200),
    "liveness by head": Case("read", "HEAD", "/healthz/", 200),
    "liveness by post": Case("read", "POST", "/healthz", 404),
}


@cache
def function() -> ModuleType:
    spec = importlib.util.spec_from_file_location("two_faces_function", SOURCE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def app(target: str, signature_type: str) -> Flask:
    with pytest.MonkeyPatch.context() as patch:  # create_app leaves its arguments in the environment
        for name in ("FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE"):
            patch.setenv(name, "")
        made: Flask = create_app(target, str(SOURCE), signature_type)
    return made


@cache
def client(face: str) -> FlaskClient:
    return app(f"{face}_http", "http").test_client()


def on_lambda(case: Case, **context: Any) -> Answer:
    try:
        body: dict[str, Any] = {"body": case.body.decode(), "isBase64Encoded": False}
    except UnicodeDecodeError:
        body = {"body": b64encode(case.body).decode(), "isBase64Encoded": True}
    event = {
        "version": "2.0",
        "rawPath": case.path,
        "rawQueryString": case.query,
        "headers": {name.lower(): value for name, value in {**TRACE, **case.headers}.items()},
        "requestContext": {"http": {"method": case.method, "path": case.path}, "stage": "$default", **context},
        **body,
    }
    answer = getattr(function(), f"{case.face}_lambda")(event, None)
    json.dumps(answer)  # the runtime does so
    raw = b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()
    return Answer(answer["statusCode"], {name.lower(): value for name, value in answer["headers"].items()}, raw)


def on_http(case: Case) -> Answer:
    answer = client(case.face).open(
        case.path, method=case.method, headers={**TRACE, **case.headers}, query_string=case.query, data=case.body
    )
    return Answer(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.data)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_both_faces_give_the_same_answer(case: Case) -> None:
    there, here = on_lambda(case), on_http(case)
    here.headers.pop("content-length", None)  # API Gateway counts it itself
    assert there == here
    assert there.status == case.status


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_every_answer_carries(case: Case) -> None:
    answer = on_http(case)
    assert answer.headers["x-request-id"] == "case-1"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] in {"no-store", "private, no-cache"}
    assert b"secret" not in answer.body
    if answer.status >= 400:
        problem = json.loads(answer.body)
        assert answer.headers["content-type"] == "application/problem+json"
        assert (problem["status"], problem["traceId"]) == (case.status, "0af7651916cd43dd8448eb211c80319c")
        assert problem["detail"].endswith((".", ")"))


@pytest.mark.parametrize("name", ["deleted", "not modified"])
def test_an_answer_that_has_no_body_has_no_type(name: str) -> None:
    for answer in (on_lambda(CASES[name]), on_http(CASES[name])):
        assert answer.body == b""
        assert "content-type" not in answer.headers


def test_head_says_how_long_get_would_be() -> None:
    get, head = on_http(CASES["read with a trailing slash"]), on_http(CASES["head"])
    assert head.body == b""
    assert {**head.headers} == {**get.headers}


def test_client_headers_never_name_the_tenant() -> None:
    assert json.loads(on_http(CASES["tenant headers are not believed"]).body)["tenant"] == "acme"


def test_405_says_what_is_allowed() -> None:
    assert on_lambda(CASES["options"]).headers["allow"] == "GET, HEAD"


def test_an_answer_cached_by_tag_is_private_and_asked_for_again() -> None:
    assert on_lambda(CASES["read"]).headers["cache-control"] == "private, no-cache"


def test_a_named_stage_is_not_part_of_the_path() -> None:
    assert on_lambda(CASES["read"]._replace(path=f"/prod{THING}"), stage="prod").status == 200
    assert on_lambda(CASES["read"]._replace(path=f"/product{THING}"), stage="prod").status == 404


def test_cookies_are_not_looked_at() -> None:
    assert on_http(CASES["no token"]._replace(headers={"Cookie": "Authorization=Bearer acme~read"})).status == 401


class Flood:
    """A body that counts what is read of it, and the most at once."""

    def __init__(self) -> None:
        self.taken = self.most = 0

    def read(self, size: int = -1) -> bytes:
        self.taken += size
        self.most = max(self.most, size)
        return b" " * size


def test_a_flood_is_neither_kept_nor_read_to_its_end() -> None:
    flood = Flood()
    environ = {"wsgi.input": flood, "CONTENT_LENGTH": str(64 << 20)}
    answer = client("write").post("/api/v1/things", headers=JSON, environ_overrides=environ)
    assert answer.status_code == 413
    assert 0 < flood.taken < 10 << 20
    assert flood.most <= 256 * 1024 + 1


def test_paths_reach_the_handler_decoded_once() -> None:
    case = CASES["encoded percent"]
    assert json.loads(on_lambda(case).body) == {"type": "a%25"} == json.loads(on_http(case).body)
    assert quote("a%25") == "a%2525"


def tick(data: dict[str, Any]) -> tuple[int, bytes]:
    attributes = {
        "Ce-Specversion": "1.0",
        "Ce-Id": "c-1",
        "Ce-Type": "tick",
        "Ce-Source": "/here",
        "Content-Type": "application/json",
    }
    answer = app("tick_cloud_event", "cloudevent").test_client().post("/", data=json.dumps(data), headers=attributes)
    return answer.status_code, answer.data


def test_a_job_that_ends_well_acknowledges_its_event() -> None:
    assert tick({"fail": False}) == (200, b"OK")


def test_a_job_that_fails_has_the_broker_try_again_and_tells_it_nothing() -> None:
    status, body = tick({"fail": True})
    assert status == 500
    assert b"secret" not in body
