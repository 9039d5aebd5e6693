import json
from typing import Any
from uuid import UUID

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import BaseModel, Field

from integrations_hub.web import READ, WRITE, Route
from integrations_hub.web.openapi import openapi_document


class Query(BaseModel):
    page_size: int = Field(50, ge=1, le=500)
    kind: str = Field(alias="type")


class Optional(BaseModel):
    page_token: str | None = Field(None, max_length=9, description="Where to go on.")


class Step(BaseModel):
    name: str


class View(BaseModel):
    id: UUID
    steps: list[Step]


class Draft(BaseModel):
    step: Step


ROUTES = [
    Route(
        name="list_things",
        method="GET",
        path="/things",
        scope=READ,
        query=Query,
        answers={200: View, 304: None},
        headers=("ETag",),
        request_headers=("If-None-Match",),
    ),
    Route(
        name="create_thing",
        method="POST",
        path="/things",
        scope=WRITE,
        body=Draft,
        answers={201: View},
        problems=(409, 429),
        headers=("Location", "RateLimit-Limit"),
    ),
    Route(name="delete_thing", method="DELETE", path="/things/{integration_id}", scope=WRITE, answers={204: None}),
    Route(
        name="show_console", method="GET", path="/console", scope=None, answers={200: "text/html"}, summary="Show it."
    ),
]
DOCUMENT = openapi_document(ROUTES, title="Things", version="1.2.3")


def test_it_is_a_valid_openapi_3_1_document() -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []
    assert DOCUMENT["info"] == {"title": "Things", "version": "1.2.3"}


def test_the_same_routes_in_any_order_give_the_same_bytes() -> None:
    again = openapi_document(ROUTES[::-1], title="Things", version="1.2.3")
    assert json.dumps(again) == json.dumps(DOCUMENT)


def test_operations_are_named_for_their_functions() -> None:
    names = {operation["operationId"] for path in DOCUMENT["paths"].values() for operation in path.values()}
    assert names == {"listThings", "createThing", "deleteThing", "showConsole"}


def test_parameters_come_from_path_query_and_headers() -> None:
    listing, deletion = DOCUMENT["paths"]["/things"]["get"], DOCUMENT["paths"]["/things/{integration_id}"]["delete"]
    assert [(p["name"], p["in"], p["required"]) for p in listing["parameters"]] == [
        ("page_size", "query", False),
        ("type", "query", True),
        ("If-None-Match", "header", False),
    ]
    assert deletion["parameters"] == [
        {"name": "integration_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    ]


def test_bodies_and_answers_refer_to_shared_schemas() -> None:
    creation = DOCUMENT["paths"]["/things"]["post"]
    assert creation["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Draft"}
    assert creation["responses"]["201"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/View"
    }
    assert DOCUMENT["components"]["schemas"].keys() == {"Draft", "View", "Step", "Problem"}
    assert DOCUMENT["paths"]["/console"]["get"]["responses"]["200"]["content"] == {
        "text/html": {"schema": {"type": "string"}}
    }


def test_scopes_are_the_security_of_each_call() -> None:
    assert DOCUMENT["paths"]["/things"]["post"]["security"] == [{"bearer": [WRITE]}]
    assert DOCUMENT["paths"]["/console"]["get"]["security"] == []


def test_problems_are_declared_and_shared() -> None:
    creation, page = (
        DOCUMENT["paths"]["/things"]["post"]["responses"],
        DOCUMENT["paths"]["/console"]["get"]["responses"],
    )
    assert set(creation) == {"201", "400", "401", "403", "409", "413", "422", "429", "500", "503"}
    assert set(page) == {"200", "422", "500"}
    assert creation["409"]["content"] == {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }
    assert "Retry-After" in creation["429"]["headers"]


def test_headers_are_those_the_route_declares() -> None:
    responses = DOCUMENT["paths"]["/things"]["post"]["responses"]
    assert set(responses["201"]["headers"]) == {"X-Request-Id", "Location", "RateLimit-Limit"}
    assert set(responses["409"]["headers"]) == {"X-Request-Id"}


def operation(**changes: object) -> dict[str, Any]:
    route = Route(**{"name": "read_it", "method": "GET", "path": "/it", "scope": None, **changes})
    found: dict[str, Any] = openapi_document([route], title="", version="")["paths"]["/it"]["get"]
    return found


def test_a_query_parameter_is_absent_or_text_never_null() -> None:
    (parameter,) = operation(query=Optional)["parameters"]
    schema = {"description": "Where to go on.", "maxLength": 9, "title": "Page Token", "type": "string"}
    assert parameter == {"name": "page_token", "in": "query", "required": False, "schema": schema}


@pytest.mark.parametrize(
    "changes", [{"query": Optional}, {"request_headers": ("If-Match",)}, {"request_headers": ("Idempotency-Key",)}]
)
def test_what_is_read_by_hand_can_be_a_bad_request(changes: dict[str, object]) -> None:
    assert "400" in operation(**changes)["responses"]
    assert "400" not in operation(request_headers=("If-None-Match",))["responses"]


def test_a_json_answer_can_be_had_as_other_media_types_too() -> None:
    answer = operation(answers={200: View}, other_media_types=("application/x-ndjson",))["responses"]["200"]
    assert answer["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/View"}},
        "application/x-ndjson": {"schema": {"type": "string"}},
    }


def test_request_headers_say_what_they_are() -> None:
    (parameter,) = operation(request_headers=("Idempotency-Key",))["parameters"]
    assert parameter["description"]
    assert parameter["schema"] == {"type": "string", "pattern": "^[!-~]{1,255}$"}


@pytest.mark.parametrize("other", [{"name": "list_things"}, {"method": "GET"}])
def test_two_functions_cannot_share_a_name_or_a_call(other: dict[str, str]) -> None:
    route = Route(**{"name": "other", "method": "PUT", "path": "/things", "scope": None} | other)
    with pytest.raises(ValueError, match="two routes share"):
        openapi_document([*ROUTES, route], title="", version="")
