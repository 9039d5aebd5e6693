"""The Lambda face's letters: API Gateway HTTP API events, payload format 2.0, in and out.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import TypedDict, cast
from urllib.parse import unquote

from integrations_hub.web.messages import Request, Response, incoming

__all__ = ["Answer", "from_event", "to_answer"]


class Answer(TypedDict):
    """What a function returns to API Gateway."""

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: bool


def from_event(event: Mapping[str, object]) -> Request:
    """Read an event: no cookies, and as claims those the gateway's JWT authorizer verified, if it has one."""
    context = _mapping(event.get("requestContext"))
    body = str(event.get("body") or "")
    return incoming(
        method=str(_mapping(context.get("http")).get("method") or "GET"),
        path=_path(str(event.get("rawPath") or "/"), str(context.get("stage") or "$default")),
        headers=((str(name), str(value)) for name, value in _mapping(event.get("headers")).items()),
        query=str(event.get("rawQueryString") or ""),
        body=b64decode(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass"),
        authorizer_claims=_claims(context),
    )


def to_answer(request: Request, response: Response) -> Answer:
    """Write an answer, to HEAD without its body; one that is not UTF-8 goes as base64."""
    body = b"" if request.method == "HEAD" else response.body
    try:
        text, encoded = body.decode(), False
    except UnicodeDecodeError:
        text, encoded = b64encode(body).decode(), True
    return {"statusCode": response.status, "headers": {**response.headers}, "body": text, "isBase64Encoded": encoded}


def _path(raw: str, stage: str) -> str:
    """Drop the stage a named one puts before the path, and decode the rest once, as WSGI servers do."""
    prefix = f"/{stage}"
    if stage != "$default" and (raw == prefix or raw.startswith(f"{prefix}/")):
        raw = raw[len(prefix) :] or "/"
    return unquote(raw)


def _claims(context: Mapping[str, object]) -> Mapping[str, object] | None:
    jwt = _mapping(context.get("authorizer")).get("jwt")
    return _mapping(_mapping(jwt).get("claims")) if jwt else None


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}
