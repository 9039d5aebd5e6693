"""The OpenAPI document: the committed file is what the functions declare, it is valid, and it keeps the house's rules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from integrations_hub.connector.config_safety import find_secrets
from integrations_hub.web.scopes import SCOPES
from local.openapi import DOCUMENT, FUNCTIONS, openapi_text, routes

SPEC: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
LINK = FUNCTIONS.parent / "infra" / "openapi.json"
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path}": operation for path, item in SPEC["paths"].items() for method, operation in item.items()
}
SCHEMAS: dict[str, dict[str, Any]] = SPEC["components"]["schemas"]
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}

each_operation = pytest.mark.parametrize("call", sorted(OPERATIONS))


def test_the_committed_document_is_what_the_functions_declare() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == openapi_text(), "run: make openapi"


def test_infra_links_to_the_one_document() -> None:
    assert LINK.is_symlink()
    assert not LINK.readlink().is_absolute()
    assert LINK.resolve() == DOCUMENT.resolve()


def test_it_is_valid_openapi_3_1() -> None:
    assert list(OpenAPIV31SpecValidator(SPEC).iter_errors()) == []
    assert SPEC["openapi"].startswith("3.1.")
    assert {"title", "version", "license"} <= SPEC["info"].keys()


def test_every_function_with_a_route_is_an_operation_under_its_own_name() -> None:
    assert sorted(operation["operationId"] for operation in OPERATIONS.values()) == sorted(
        camel(route.name) for route in routes()
    )
    assert {route.name for route in routes()} <= {folder.name for folder in FUNCTIONS.iterdir()}


@each_operation
def test_an_operation_says_what_it_does(call: str) -> None:
    summary = OPERATIONS[call]["summary"]
    assert summary[:1].isupper()
    assert summary.endswith(".")
    assert "\n" not in summary


@each_operation
def test_an_operation_says_who_may_call_it(call: str) -> None:
    security = OPERATIONS[call]["security"]
    scopes = [scope for one in security for scope in one["bearer"]]
    assert len(scopes) == len(security) <= 1
    assert set(scopes) <= set(SCOPES)
    assert {"401", "403", "503"} <= OPERATIONS[call]["responses"].keys() or not scopes


@each_operation
def test_an_operation_documents_success_and_refusal(call: str) -> None:
    statuses = sorted(map(int, OPERATIONS[call]["responses"]))
    assert any(200 <= status < 300 for status in statuses)
    assert any(400 <= status < 500 for status in statuses)
    assert 422 in statuses  # an unknown query parameter


@each_operation
def test_an_answer_is_described_and_a_refusal_is_a_problem(call: str) -> None:
    for status, answer in OPERATIONS[call]["responses"].items():
        assert answer["description"]
        assert "X-Request-Id" in answer["headers"]
        if int(status) >= 400:
            assert answer["content"] == PROBLEM
        assert ("content" in answer) is (status not in {"204", "304"})
        assert ("Retry-After" in answer["headers"]) is (status in {"429", "503"})
        assert ("WWW-Authenticate" in answer["headers"]) is (status == "401")


@each_operation
def test_parameters_are_typed_and_those_of_the_path_are_all_there(call: str) -> None:
    parameters = OPERATIONS[call]["parameters"]
    path = call.partition(" ")[2]
    in_path = {word[1:-1] for word in path.split("/") if word.startswith("{")}
    assert {p["name"] for p in parameters if p["in"] == "path"} == in_path
    assert len({(p["in"], p["name"].lower()) for p in parameters}) == len(parameters)
    assert all(p["required"] is (p["in"] == "path" or p["name"] == "kind") for p in parameters)
    assert all(typed(p["schema"]) for p in parameters)
    assert all(p["description"] for p in parameters if p["in"] == "header")


def test_paths_have_one_spelling() -> None:
    for path in SPEC["paths"]:
        assert path.startswith("/api/v1/integrations") or path.count("/") == 1
        assert not path.endswith("/")
        assert path == path.lower()


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_property_of_a_schema_is_typed_and_in_camel_case(name: str) -> None:
    for property_, schema in properties(SCHEMAS[name]):
        assert typed(schema), property_
        assert property_.isidentifier()
        assert "_" not in property_
        assert property_[0].islower()


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_objects_say_whether_they_may_grow(name: str) -> None:
    schema = SCHEMAS[name]
    if schema.get("type") == "object" and name not in {"Problem", "ProbeView"}:
        assert schema["additionalProperties"] is False


def test_every_reference_leads_somewhere_and_every_part_is_referred_to() -> None:
    used = set(references(SPEC))
    for reference in used:
        found: Any = SPEC
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
    parts = {f"#/components/{kind}/{name}" for kind in ("schemas", "headers") for name in SPEC["components"][kind]}
    assert used == parts


def test_nothing_in_it_looks_like_a_secret() -> None:
    assert [text for text in texts(SPEC) if find_secrets({"text": text})] == []


def test_it_names_no_machine() -> None:
    assert SPEC["servers"] == [{"url": "/", "description": "Where this document was read."}]
    assert str(Path.home()) not in DOCUMENT.read_text(encoding="utf-8")


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def typed(schema: dict[str, Any]) -> bool:
    return bool({"type", "$ref", "anyOf", "oneOf", "allOf", "const", "enum"} & schema.keys())


def properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from schema.get("properties", {}).items()


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        yield from node
        for value in node.values():
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)
