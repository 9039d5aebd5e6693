"""The function `test_two_faces.py` sends every case to, once per face; a function like any of ours."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from integrations_hub.errors import Conflict, Extras, TooManyRequests
from integrations_hub.web import (
    READ,
    WRITE,
    Call,
    Caller,
    JobEvent,
    NoBody,
    NoQuery,
    Request,
    Response,
    etag,
    expose,
    expose_job,
    if_none_match,
    json_answer,
)
from integrations_hub.web.authentication import bearer_token
from integrations_hub.web.claims import caller_of


class PageQuery(BaseModel):
    page_size: int = 50


class Draft(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str


def who(request: Request) -> Caller:
    """Believe a token `<tenant>.<scope>`, so that the case is about the faces and not about cryptography."""
    tenant, _, scope = bearer_token(request).partition("~")
    return caller_of({"sub": "tester", "stellaops:tenant": tenant, "scope": f"integration:{scope}"})


def read_thing(call: Call[PageQuery, NoBody]) -> Response:
    """Read a thing."""
    seen = {
        "id": str(call.integration_id),
        "tenant": call.caller.tenant,
        "pageSize": call.query.page_size,
        "text": "ü😀",
        "headers": {name: value for name, value in call.request.headers.items() if name.startswith("x-")},
    }
    answer = json_answer(200, seen)
    tag = etag(7, answer.body)
    if if_none_match(call.request, tag):
        return Response(304, {"ETag": tag})
    return Response(200, {**answer.headers, "ETag": tag}, answer.body)


def write_thing(call: Call[NoQuery, Draft]) -> Response:
    """Write a thing."""
    if call.body.name == "taken":
        raise Conflict("This name is taken.", extras=Extras(members={"by": "another"}))
    if call.body.name == "bug":
        raise RuntimeError("not-a-real-secret-1")
    if call.body.name == "split":
        return Response(200, {"X-Split": "a\r\nSet-Cookie: b"})
    if call.body.name == "busy":
        raise TooManyRequests("Too many.", extras=Extras(headers={"Retry-After": "7", "RateLimit-Remaining": "0"}))
    return json_answer(201, {"name": call.body.name}, {"Location": "/things/1"})


def delete_thing(_call: Call[NoQuery, NoBody]) -> Response:
    """Delete a thing."""
    return Response(204)


def receive_bytes(call: Call[NoQuery, NoBody]) -> Response:
    """Give back the bytes that came."""
    return Response(200, {"Content-Type": "application/octet-stream"}, call.raw_body)


def read_type(call: Call[NoQuery, NoBody]) -> Response:
    """Give back the path parameter."""
    return json_answer(200, {"type": call.path("type")})


THING = "/api/v1/things/{integration_id}"
read_lambda, read_http = expose(read_thing, "GET", THING, scope=READ, query=PageQuery, authenticate=who)
write_lambda, write_http = expose(write_thing, "POST", "/api/v1/things", scope=WRITE, body=Draft, authenticate=who)
delete_lambda, delete_http = expose(delete_thing, "DELETE", THING, scope=WRITE, authenticate=who)
bytes_lambda, bytes_http = expose(receive_bytes, "POST", "/api/v1/bytes", scope=None, max_body=1000)
type_lambda, type_http = expose(read_type, "GET", "/api/v1/by-type/{type}", scope=None)


def tick(event: JobEvent) -> dict[str, object]:
    """Fail when told to."""
    if event.data == {"fail": True}:
        raise RuntimeError("not-a-real-secret-1")
    return {"id": event.id}


tick_lambda, tick_cloud_event = expose_job(tick)
