"""What `expose` and its answer promise beyond what `tests/contract/test_two_faces.py` shows of both faces."""

import io
import json
import logging
import threading
import types
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from integrations_hub.errors import StorageUnavailable
from integrations_hub.observability.logs import configure
from integrations_hub.web import READ, Call, Caller, NoBody, NoQuery, Request, Response, Route, expose, json_answer

CALLER = Caller(tenant="acme", subject="ci", scopes=frozenset({READ}))


@pytest.fixture
def log() -> Any:
    logger, stream = logging.getLogger("integrations_hub"), io.StringIO()
    before = logger.handlers[:], logger.level, logger.propagate
    configure(stream=stream, redact=lambda text: text.replace("not-a-real-secret-1", "***"))
    yield stream
    logger.handlers[:], logger.level, logger.propagate = before


def who(_: Request) -> Caller:
    return CALLER


def get(face: Any, path: str, **headers: str) -> dict[str, Any]:
    answer: dict[str, Any] = face(
        {"rawPath": path, "headers": headers, "requestContext": {"http": {"method": "GET"}}}, None
    )
    return answer


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def read_thing(call: Call[NoQuery, NoBody]) -> Response:
    """Read one thing.

    More about it.
    """
    return json_answer(200, {"path": call.request.path})


def test_faces_are_plain_functions_and_carry_their_route() -> None:
    lambda_handler, http = expose(read_thing, "GET", "/things", scope=READ, authenticate=who)
    assert isinstance(lambda_handler, types.FunctionType)
    assert isinstance(http, types.FunctionType)
    assert lambda_handler.route is http.route
    assert http.route == Route(name="read_thing", method="GET", path="/things", scope=READ, summary="Read one thing.")


def test_a_handler_called_handler_takes_its_folders_name() -> None:
    def handler(_: Call[NoQuery, NoBody]) -> Response:
        return Response(204)

    assert expose(handler, "GET", "/things", scope=None)[0].route.name == "web"


def test_a_route_without_scope_asks_nobody_and_has_no_caller(log: io.StringIO) -> None:
    def asks_anyway(call: Call[NoQuery, NoBody]) -> Response:
        return json_answer(200, call.caller.tenant)

    face, _ = expose(asks_anyway, "GET", "/things", scope=None, authenticate=who)
    assert get(face, "/things")["statusCode"] == 500
    assert "LookupError" in lines(log)[0]["exception"]


def test_one_line_per_request_says_who_what_and_how(log: io.StringIO) -> None:
    # Given
    uuid = "0a0b0c0d-0000-4000-8000-000000000001"
    face, _ = expose(read_thing, "GET", "/things/{integration_id}", scope=READ, authenticate=who)
    # When
    get(face, f"/things/{uuid}", **{"x-request-id": "r-1"})
    # Then
    (line,) = lines(log)
    assert line["durationMs"] >= 0
    expected = {
        "message": "request",
        "method": "GET",
        "route": "/things/{integration_id}",
        "status": 200,
        "requestId": "r-1",
        "tenantId": "acme",
        "integrationId": uuid,
        "action": "read_thing",
    }
    assert expected.items() <= line.items()
    assert len(line["traceId"]) == 32


def test_the_cause_of_a_500_is_in_the_log_redacted_and_nowhere_else(log: io.StringIO) -> None:
    def breaks(_: Call[NoQuery, NoBody]) -> Response:
        raise RuntimeError("leaks not-a-real-secret-1")

    face, _ = expose(breaks, "GET", "/things", scope=None)
    answer = get(face, "/things")
    cause, request = lines(log)
    assert (answer["statusCode"], request["status"]) == (500, 500)
    assert "RuntimeError: leaks ***" in cause["exception"]
    assert cause["traceId"] == json.loads(answer["body"])["traceId"]
    assert "not-a-real-secret-1" not in log.getvalue() + str(answer)


def test_a_part_that_is_away_is_a_503_with_its_cause_logged(log: io.StringIO) -> None:
    def away(_: Call[NoQuery, NoBody]) -> Response:
        raise StorageUnavailable("The database does not answer.") from ConnectionResetError("reset")

    answer = get(expose(away, "GET", "/things", scope=None)[0], "/things")
    assert answer["statusCode"] == 503
    assert "ConnectionResetError" in lines(log)[0]["exception"]


def test_what_a_client_sends_cannot_forge_a_log_line(log: io.StringIO) -> None:
    face, _ = expose(read_thing, "GET", "/things", scope=None)
    get(face, "/things\n{}", **{"x-request-id": "a\n{}"})
    assert [line["message"] for line in lines(log)] == ["request"]


def test_a_handler_never_sees_a_malformed_id() -> None:
    def unreached(_: Call[NoQuery, NoBody]) -> Response:
        raise AssertionError

    face, _ = expose(unreached, "GET", "/things/{integration_id}", scope=None)
    assert get(face, "/things/7")["statusCode"] == 404


def test_a_claim_of_another_caller_does_not_outlive_its_request() -> None:
    seen: list[str] = []

    def remember(call: Call[NoQuery, NoBody]) -> Response:
        seen.append(call.caller.tenant)
        return Response(204)

    face, _ = expose(remember, "GET", "/things", scope=READ)
    for tenant in ("a", "b"):
        claims = {"sub": "x", "stellaops:tenant": tenant, "scope": READ}
        face(
            {
                "rawPath": "/things",
                "requestContext": {"http": {"method": "GET"}, "authorizer": {"jwt": {"claims": claims}}},
            },
            None,
        )
    assert seen == ["a", "b"]


def test_requests_at_once_never_mix() -> None:
    # Given a handler that lets every other request in before it answers
    gate = threading.Barrier(8)

    def echo(call: Call[NoQuery, NoBody]) -> Response:
        gate.wait()
        return json_answer(200, [call.caller.tenant, call.request.headers["x-mine"], call.request.request_id])

    face, _ = expose(echo, "GET", "/things", scope=READ)

    def ask(name: str) -> list[list[str]]:
        jwt = {"claims": {"sub": "x", "stellaops:tenant": name, "scope": READ}}
        context = {"http": {"method": "GET"}, "authorizer": {"jwt": jwt}}
        event = {"rawPath": "/things", "headers": {"x-mine": name, "x-request-id": name}, "requestContext": context}
        return [json.loads(face(event, None)["body"]) for _ in range(50)]

    # When
    with ThreadPoolExecutor(8) as pool:
        answers = dict(zip("abcdefgh", pool.map(ask, "abcdefgh"), strict=True))
    # Then
    assert all(answer == [name] * 3 for name, given in answers.items() for answer in given)
