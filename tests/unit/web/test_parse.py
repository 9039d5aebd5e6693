import json
import re
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from integrations_hub.errors import BadRequest, HubError, Invalid, NotFound
from integrations_hub.web.messages import Request
from integrations_hub.web.parse import parse_body, parse_path, parse_query
from integrations_hub.web.routing import NoBody, NoQuery
from integrations_hub.web.strict_json import MAX_DEPTH, strict_json


class Draft(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1)
    config: dict[str, object] = {}


class Query(BaseModel):
    page_size: int = Field(50, ge=1, le=500)
    deleted: bool = False
    kind: str | None = Field(None, alias="type")


def body(raw: bytes, content_type: str = "application/json") -> Request:
    return Request("POST", "/", {"content-type": content_type}, body=raw)


def attempt(parse: Callable[[], object]) -> object:
    """Return what parsing gives, or the status of its refusal; nothing else may come out of it."""
    try:
        return parse()
    except HubError as refused:
        return refused.status


# --- JSON


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff",
        "\ufeff{}".encode(),
        b'{"a":1,"a":2}',
        b'{"x":{"a":1,"\\u0061":2}}',
        b'{"a":NaN}',
        b"[Infinity]",
        b"[-Infinity]",
        b"[1e999]",
        b'["\\u0000"]',
        b'{"\\u0000":1}',
        b'["\\ud800"]',
        b'["\\udc00\\ud800"]',
        b'{"\\udfff":1}',
        b"[9007199254740992]",
        b"[" + b"9" * 5000 + b"]",
        b'["\x01"]',
        b"{} {}",
        b"{'a':1}",
    ],
)
def test_what_is_not_one_plain_json_document_is_a_bad_request(raw: bytes) -> None:
    with pytest.raises(BadRequest):
        strict_json(raw)


@pytest.mark.parametrize("raw", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 18 + b"]" * 18])
def test_deep_json_is_invalid(raw: bytes) -> None:
    with pytest.raises(Invalid):
        strict_json(raw)


def test_the_deepest_json_that_is_read() -> None:
    assert strict_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


def test_plain_json_is_read_as_the_standard_library_does() -> None:
    document = {"a": [1, -2.5, None, True, "ü😀"], "b": {"c": {}}}
    assert strict_json(json.dumps(document).encode()) == document
    assert strict_json(json.dumps(document, ensure_ascii=False).encode()) == document


@pytest.mark.parametrize(
    "raw", [b'{"not-a-real-secret-1":1,"not-a-real-secret-1":2}', b'["\\qnot-a-real-secret-1"]', b"not-a-real-secret-1"]
)
def test_no_sentence_repeats_what_was_sent(raw: bytes) -> None:
    with pytest.raises(BadRequest) as refused:
        strict_json(raw)
    assert "secret" not in refused.value.detail


# --- bodies


def test_a_body_becomes_its_model() -> None:
    assert parse_body(body(b'{"name":"a"}', "Application/JSON; charset=utf-8"), Draft).name == "a"


def test_no_body_looks_at_nothing() -> None:
    assert parse_body(body(b"\xff", "text/plain"), NoBody) == NoBody()


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/json5"])
def test_another_content_type_is_a_bad_request_that_names_the_right_one(content_type: str) -> None:
    with pytest.raises(BadRequest, match="application/json"):
        parse_body(body(b"{}", content_type), Draft)


def test_a_wrong_body_says_where_and_never_what() -> None:
    with pytest.raises(Invalid) as refused:
        parse_body(body(b'{"name":"","config":"not-a-real-secret-1","colour":"not-a-real-secret-2"}'), Draft)
    violations = {violation.pointer: violation.detail for violation in refused.value.violations}
    assert violations.keys() == {"/name", "/config", "/colour"}
    assert "secret" not in str(violations)


def test_a_token_pasted_as_a_field_name_is_not_echoed() -> None:
    with pytest.raises(Invalid) as refused:
        parse_body(body(b'{"name":"a","tok_1a2B3c4D5e6F":1}'), Draft)
    assert [violation.pointer for violation in refused.value.violations] == [""]


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_bytes_give_a_model_or_a_hub_error(raw: bytes) -> None:
    outcome = attempt(lambda: parse_body(body(raw), Draft))
    assert isinstance(outcome, Draft) or outcome in {400, 422}


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()))


@given(
    st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner), max_leaves=20)
)
@example({"name": "\ud800"})
@example({"name": "a", "config": {"deep": [10**400]}})
def test_json_gives_a_model_or_a_hub_error(document: object) -> None:
    outcome = attempt(lambda: parse_body(body(json.dumps({"name": "a", "config": document}).encode()), Draft))
    assert isinstance(outcome, Draft) or outcome in {400, 422}


# --- query


def test_a_query_becomes_its_model() -> None:
    query = parse_query((("page_size", "7"), ("deleted", "true"), ("type", "harbor")), Query)
    assert (query.page_size, query.deleted, query.kind) == (7, True, "harbor")


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        ((("nme", "x"),), "Known are: deleted, page_size, type."),
        ((("kind", "x"),), "Known are: deleted, page_size, type."),
        ((("page_size", "7"), ("page_size", "7")), "given twice. Give each at most once: deleted, page_size, type."),
        ((("type", "a\0"),), "NUL"),
        ((("type", "\udcff"),), "not UTF-8"),
    ],
)
def test_a_query_that_cannot_be_is_invalid_and_the_sentence_says_what_to_change(
    pairs: tuple[tuple[str, str], ...], sentence: str
) -> None:
    with pytest.raises(Invalid, match=re.escape(sentence)):
        parse_query(pairs, Query)


def test_a_call_without_parameters_says_so() -> None:
    with pytest.raises(Invalid, match="takes none"):
        parse_query((("a", "1"),), NoQuery)


@pytest.mark.parametrize(
    ("name", "value"), [("page_size", "0"), ("page_size", "501"), ("page_size", "x"), ("deleted", "maybe")]
)
def test_a_wrong_value_is_pointed_at(name: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_query(((name, value),), Query)
    assert refused.value.violations[0].pointer == f"/{name}"


NAMES = st.sampled_from(["page_size", "deleted", "type"]) | st.text(st.characters(exclude_categories=()))


@given(st.lists(st.tuples(NAMES, st.text(st.characters(exclude_categories=()))), max_size=3))
def test_a_query_gives_a_model_or_a_hub_error(pairs: list[tuple[str, str]]) -> None:
    outcome = attempt(lambda: parse_query(pairs, Query))
    assert isinstance(outcome, Query) or outcome == 422


# --- path


@pytest.mark.parametrize(
    "value",
    [
        "1",
        "x",
        "{0a0b0c0d-0000-4000-8000-000000000001}",
        "0a0b0c0d000040008000000000000001",
        "urn:uuid:0a0b0c0d-0000-4000-8000-000000000001",
        "0a0b0c0d-0000-4000-8000-000000000001\n",
    ],
)
def test_what_is_no_uuid_is_no_integration(value: str) -> None:
    with pytest.raises(NotFound):
        parse_path({"integration_id": value})


@pytest.mark.parametrize("value", ["a\0", "a\nb", "\udcff"])
def test_unprintable_path_parameters_name_nothing(value: str) -> None:
    with pytest.raises(NotFound):
        parse_path({"type": value})


@given(st.text(st.characters(exclude_categories=())))
def test_any_path_parameter_is_fine_or_not_found(value: str) -> None:
    try:
        parse_path({"integration_id": value})
    except NotFound:
        return
    assert len(value) == 36
