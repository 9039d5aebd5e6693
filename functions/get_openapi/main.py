"""GET /api/v1/integrations/openapi.json: the OpenAPI 3.1 document of this API, as `make openapi` wrote it."""

from __future__ import annotations

from pathlib import Path

from integrations_hub.web import Call, NoBody, NoQuery, Response, document, expose

_DOCUMENT = Path(__file__).with_name("openapi.json").read_bytes()


def get_openapi(call: Call[NoQuery, NoBody]) -> Response:
    """Read the OpenAPI document."""
    return document(call.request, _DOCUMENT)


lambda_handler, http = expose(
    get_openapi,
    "GET",
    "/api/v1/integrations/openapi.json",
    scope=None,
    answers={200: "application/json", 304: None},
    headers=("ETag",),
    request_headers=("If-None-Match",),
)
