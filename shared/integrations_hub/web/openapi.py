"""The OpenAPI 3.1 document of a sequence of routes: what the functions declare, and nothing written twice.

https://spec.openapis.org/oas/v3.1.0. The same routes give the same document, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from integrations_hub.web.openapi_parts import HEADERS, PROBLEM, PROBLEM_HEADERS, REQUEST_HEADERS, Json
from integrations_hub.web.problem import MEDIA_TYPE
from integrations_hub.web.routing import NoBody, Route
from integrations_hub.web.scopes import SCOPES

__all__ = ["openapi_document"]

_Schemas: TypeAlias = Mapping[tuple[Any, JsonSchemaMode], Json]

# What is no model's: one that is not as it was given is answered 400.
_READ_BY_HAND = {"Idempotency-Key", "If-Match", "page_token"}
_TEXT: Json = {"type": "string"}


def openapi_document(routes: Sequence[Route], *, title: str, version: str) -> Json:
    """Return the document.

    Raises:
        ValueError: two routes share a name or a method and path.
    """
    for key in ("operation name", "method and path"):
        seen = [route.name if key == "operation name" else (route.method, route.path) for route in routes]
        if len(set(seen)) != len(seen):
            raise ValueError(f"two routes share a {key}")
    schemas, components = _schemas(routes)
    paths: dict[str, Json] = {}
    for route in sorted(routes, key=lambda route: (route.path, route.method)):
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas, components)
    queries = {_name(schemas[route.query, "validation"]) for route in routes}
    described = {name: schema for name, schema in sorted(components.items()) if name not in queries}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "servers": [{"url": "/", "description": "Where this document was read."}],
        "paths": paths,
        "components": {
            "schemas": {**described, "Problem": PROBLEM},
            "headers": {name: {"description": text, "schema": {"type": "string"}} for name, text in HEADERS.items()},
            "securitySchemes": {"bearer": _bearer()},
        },
    }


def _bearer() -> Json:
    scopes = " ".join(f"`{scope}`: {text}" for scope, text in SCOPES.items())
    return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": f"Scopes: {scopes}"}


def _schemas(routes: Sequence[Route]) -> tuple[_Schemas, dict[str, Json]]:
    """Return a reference for each model in each direction, and the definitions they refer to."""
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
    for route in routes:
        wanted[route.query, "validation"] = None
        wanted[route.body, "validation"] = None
        wanted.update({(model, "serialization"): None for model in _models(route.answers.values())})
    ordered = sorted(wanted, key=lambda pair: (pair[0].__name__, pair[0].__module__, pair[1]))
    references, definitions = models_json_schema(ordered, ref_template="#/components/schemas/{model}")
    components = dict(definitions.get("$defs", {}))
    components.pop("NoBody", None)
    return references, components


def _models(answers: Iterable[type[BaseModel] | str | None]) -> list[type[BaseModel]]:
    return [answer for answer in answers if isinstance(answer, type)]


def _operation(route: Route, schemas: _Schemas, components: Mapping[str, Json]) -> Json:
    first, *rest = route.name.split("_")
    operation: Json = {
        "operationId": first + "".join(word.capitalize() for word in rest),
        "summary": route.summary,
        "security": [{"bearer": [route.scope]}] if route.scope else [],
        "parameters": _parameters(route, components[_name(schemas[route.query, "validation"])]),
        "responses": {**_answers(route, schemas), **_problems(route)},
    }
    if route.body is not NoBody:
        content = {"application/json": {"schema": schemas[route.body, "validation"]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameters(route: Route, query: Json) -> list[Json]:
    in_path = [word[1:-1] for word in route.path.split("/") if word.startswith("{")]
    uuid = {"type": "string", "format": "uuid"}
    required = query.get("required", [])
    return [
        *(_parameter("path", name, uuid if name.endswith("_id") else {"type": "string"}) for name in in_path),
        *(
            _parameter("query", name, _in_query(schema), required=name in required)
            for name, schema in query.get("properties", {}).items()
        ),
        *(
            {"name": name, "in": "header", "required": False, **REQUEST_HEADERS.get(name, {"schema": _TEXT})}
            for name in route.request_headers
        ),
    ]


def _in_query(schema: Json) -> Json:
    """Leave out the null a model's default is: a query parameter is absent or text, never null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    kept = {name: value for name, value in schema.items() if name != "anyOf" and (name, value) != ("default", None)}
    return {**kept, **kinds[0]}


def _parameter(place: str, name: str, schema: Json, *, required: bool = True) -> Json:
    return {"name": name, "in": place, "required": required, "schema": schema}


def _answers(route: Route, schemas: _Schemas) -> Json:
    answers: Json = {}
    for status, answer in sorted(route.answers.items()):
        described: Json = {"description": HTTPStatus(status).phrase, "headers": _headers(route.headers)}
        if isinstance(answer, str):
            described["content"] = {answer: {"schema": {} if answer == "application/json" else _TEXT}}
        elif answer is not None:
            described["content"] = {"application/json": {"schema": schemas[answer, "serialization"]}}
            described["content"].update({other: {"schema": _TEXT} for other in route.other_media_types})
        answers[str(status)] = described
    return answers


def _problems(route: Route) -> Json:
    """Return the problems every such route can answer, and those this one declares."""
    statuses = {422, 500, *route.problems}
    statuses |= {401, 403, 503} if route.scope else set()
    statuses |= {404} if "{" in route.path else set()
    statuses |= {413} if route.method in {"POST", "PUT", "PATCH"} else set()
    statuses |= {400} if route.body is not NoBody or _READ_BY_HAND & _sent(route) else set()
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "headers": _headers(PROBLEM_HEADERS.get(status, ())),
            "content": content,
        }
        for status in sorted(statuses)
    }


def _sent(route: Route) -> set[str]:
    return {*route.request_headers, *route.query.model_fields}


def _headers(names: tuple[str, ...]) -> Json:
    """Refer to the headers described once; one of a route's own is described by its name alone."""
    return {
        name: {"$ref": f"#/components/headers/{name}"} if name in HEADERS else {"schema": _TEXT}
        for name in ("X-Request-Id", *names)
    }


def _name(reference: Json) -> str:
    return str(reference["$ref"]).rpartition("/")[2]
