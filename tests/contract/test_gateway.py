"""The local gateway over real HTTP: three functions and a job of our own, each in its folder's `main.py`."""

import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from local.gateway import Function, Gateway, load_functions
from local.server import RunningServer, listen, serve

READ = '''
from integrations_hub.web import Call, NoBody, NoQuery, Response, expose, json_answer

def handler(call):
    """Give back where the call arrived."""
    return json_answer(200, {{"function": "{name}", "params": dict(call.request.path_params)}})

lambda_handler, http = expose(handler, "{method}", "{path}", scope=None)
'''
ECHO = '''
from integrations_hub.web import Response, expose

def handler(call):
    """Give back the body."""
    return Response(200, {"Content-Type": "application/octet-stream"}, call.raw_body)

lambda_handler, http = expose(handler, "POST", "/things/echo", scope=None)
'''
DELETE = '''
from integrations_hub.web import Response, expose

def handler(call):
    """Delete a thing."""
    return Response(204)

lambda_handler, http = expose(handler, "DELETE", "/things/{thing}", scope=None, answers={204: None})
'''
JOB = '''
from pathlib import Path
from integrations_hub.web import expose_job

def note_tick(event):
    """Write the event's data down."""
    Path(event.data["path"]).write_text(event.id)
    return {}

lambda_handler, cloud_event = expose_job(note_tick)
'''


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> list[Function]:
    folder = tmp_path_factory.mktemp("some functions")
    sources = {
        "echo_thing": ECHO,
        "get_summary": READ.format(name="get_summary", method="GET", path="/things/summary"),
        "get_thing": READ.format(name="get_thing", method="GET", path="/things/{thing}"),
        "note_tick": JOB,
        "put_thing": READ.format(name="put_thing", method="PUT", path="/things/{thing}"),
    }
    for name, source in sources.items():
        (folder / name).mkdir()
        (folder / name / "main.py").write_text(source)
    return list(load_functions(folder))


@pytest.fixture(scope="module")
def gateway(functions: list[Function]) -> Iterator[RunningServer]:
    running = serve(listen(0), Gateway(functions), request_s=1)
    yield running
    running.stop()


@pytest.fixture
def client(gateway: RunningServer) -> Iterator[HTTPConnection]:
    with closing(HTTPConnection(gateway.url.removeprefix("http://"), timeout=10)) as connection:
        yield connection


def ask(
    connection: HTTPConnection, method: str, path: str, body: bytes | None = None
) -> tuple[int, Any, dict[str, str]]:
    connection.request(method, path, body)
    answer = connection.getresponse()
    text = answer.read()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    return answer.status, json.loads(text) if text and "json" in headers["content-type"] else text, headers


@pytest.mark.parametrize(
    ("method", "path", "function", "params"),
    [
        ("GET", "/things/7", "get_thing", {"thing": "7"}),
        ("GET", "/things/7/", "get_thing", {"thing": "7"}),
        ("GET", "/things/caf%C3%A9", "get_thing", {"thing": "café"}),
        ("PUT", "/things/7", "put_thing", {"thing": "7"}),
        ("GET", "/things/summary", "get_summary", {}),
        ("GET", "/things/summary/", "get_summary", {}),
    ],
)
def test_each_function_answers_its_own_route(
    client: HTTPConnection, method: str, path: str, function: str, params: dict[str, str]
) -> None:
    status, body, _ = ask(client, method, path)
    assert (status, body) == (200, {"function": function, "params": params})


def test_an_answer_without_a_body_has_no_type(tmp_path: Path) -> None:
    (tmp_path / "delete_thing").mkdir()
    (tmp_path / "delete_thing" / "main.py").write_text(DELETE)
    running = serve(listen(0), Gateway(load_functions(tmp_path)))
    with closing(HTTPConnection(running.url.removeprefix("http://"), timeout=10)) as client:
        status, body, headers = ask(client, "DELETE", "/things/7")
    running.stop()
    assert (status, body) == (204, b"")
    assert not {"content-type", "content-length"} & {*headers}


@pytest.mark.parametrize("path", ["/", "/things", "/things/7/more", "/things//7", "/robots.txt", "/healthz"])
def test_an_unknown_path_is_a_problem(client: HTTPConnection, path: str) -> None:
    status, body, headers = ask(client, "GET", path)
    assert (status, body["code"], headers["content-type"]) == (404, "not_found", "application/problem+json")
    assert body["instance"] == path
    assert headers["x-request-id"]


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/things/7", "GET, HEAD, PUT"),
        ("PUT", "/things/summary", "GET, HEAD"),
        ("BREW", "/things/echo", "POST"),
    ],
)
def test_another_method_of_a_known_path_is_told_which_there_are(
    client: HTTPConnection, method: str, path: str, allow: str
) -> None:
    status, body, headers = ask(client, method, path)
    assert (status, headers["allow"]) == (405, allow)
    assert body["status"] == 405


def test_a_connection_serves_many_requests(client: HTTPConnection) -> None:
    ask(client, "GET", "/things/1")
    first = client.sock
    assert first is not None
    for body in (b"", b"a" * 1000, b"b" * 200_000):
        assert ask(client, "POST", "/things/echo", body)[1] == body
    assert ask(client, "POST", "/nowhere", b"left unread")[0] == 404
    assert ask(client, "HEAD", "/things/1")[1] == b""
    assert ask(client, "GET", "/things/2")[1]["params"] == {"thing": "2"}
    assert client.sock is first


def test_a_request_hidden_in_a_body_is_not_a_request(gateway: RunningServer) -> None:
    hidden = b"GET /things/hidden HTTP/1.1\r\nHost: x\r\n\r\n"
    for framing in (b"Content-Length: abc", b"Content-Length: 0\r\nTransfer-Encoding: chunked", b"Content-Length: -1"):
        assert b"hidden" not in exchange(
            gateway, b"GET /things/1 HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n" + hidden
        )


def test_a_body_far_over_the_limit_is_refused_and_the_connection_ended(
    gateway: RunningServer, client: HTTPConnection
) -> None:
    assert ask(client, "POST", "/things/echo", b"x" * 3_000_000)[0] == 413
    assert ask(client, "GET", "/things/1")[0] == 200
    answer = exchange(gateway, b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"Connection: close" in answer


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"GET /things/1 HT",
        b"GET /things/1 HTTP/1.1\r\nHost: x\r\n",
        b"POST /things/echo HTTP/1.1\r\nContent-Length: 9\r\n\r\n1",
    ],
)
def test_a_client_that_does_not_finish_its_request_is_hung_up_on(gateway: RunningServer, start: bytes) -> None:
    with open_socket(gateway) as client:
        client.sendall(start)
        assert b"HTTP/1.1 200" not in read_all(client)  # ends, where a server that waits for ever would not


def test_a_byte_now_and_then_does_not_prolong_the_wait(gateway: RunningServer) -> None:
    with open_socket(gateway) as client, pytest.raises(OSError, match=r"(?i)pipe|reset"):  # noqa: PT012
        for byte in b"GET /things/1 HTTP/1.1\r\nX-Slow: " + b"a" * 10_000:
            client.send(bytes([byte]))
            time.sleep(0.05)


def test_stopping_lets_an_answer_go_out_and_hangs_up_on_the_idle(tmp_path: Path) -> None:
    (tmp_path / "slow_thing").mkdir()
    slow = READ.format(name="slow_thing", method="GET", path="/slow").replace(
        "    return", "    import time; time.sleep(0.5)\n    return"
    )
    (tmp_path / "slow_thing" / "main.py").write_text(slow)
    running = serve(listen(0), Gateway(load_functions(tmp_path)))
    idle, busy = open_socket(running), open_socket(running)
    busy.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(0.2)
    running.stop()
    with idle, busy:
        assert read_all(busy).startswith(b"HTTP/1.1 200")
        assert read_all(idle) == b""
    with pytest.raises(ConnectionRefusedError):
        open_socket(running)


def test_a_port_in_use_is_refused(gateway: RunningServer) -> None:
    with pytest.raises(OSError, match="in use"):
        listen(int(gateway.url.rpartition(":")[2]))


def test_a_job_is_run_by_a_cloud_event(functions: list[Function], tmp_path: Path) -> None:
    job = next(function for function in functions if function.name == "note_tick")
    headers = {"Ce-Specversion": "1.0", "Ce-Id": "c-1", "Ce-Type": "tick", "Ce-Source": "/here"}
    answer = job.app.test_client().post("/", json={"path": str(tmp_path / "seen")}, headers=headers)
    assert (answer.status_code, (tmp_path / "seen").read_text()) == (200, "c-1")
    assert job.route is None


def test_loading_leaves_no_trace_of_functions_framework(functions: list[Function]) -> None:
    assert functions[0].name == "echo_thing"
    assert "main" not in sys.modules
    assert not any("some functions" in path for path in sys.path)
    assert not {"FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE"} & set(os.environ)


def exchange(gateway: RunningServer, request: bytes) -> bytes:
    with open_socket(gateway) as client:
        client.sendall(request)
        return read_all(client)


def open_socket(gateway: RunningServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(gateway.url.rpartition(":")[2])), timeout=10)


def read_all(client: socket.socket) -> bytes:
    parts = []
    try:
        while part := client.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)
