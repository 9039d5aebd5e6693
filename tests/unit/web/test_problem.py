import json

import pytest
from pydantic import BaseModel, ValidationError

from integrations_hub import errors
from integrations_hub.errors import Extras, HubError, Invalid, Violation
from integrations_hub.web.messages import Request
from integrations_hub.web.parse import invalid
from integrations_hub.web.problem import foreseen, problem

REQUEST = Request("GET", "/a b\n", traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
KINDS = [
    kind for kind in map(vars(errors).get, errors.__all__) if isinstance(kind, type) and issubclass(kind, HubError)
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_refusal_is_a_problem(kind: type[HubError]) -> None:
    answer = problem(kind("Do this."), REQUEST)
    members = json.loads(answer.body)
    assert answer.status == members["status"] == kind.status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (members["code"], members["title"], members["detail"]) == (kind.code, kind.title, "Do this.")
    assert members["type"].endswith(":" + kind.code)
    assert members["instance"] == "/a%20b%0A"
    assert members["traceId"] == "0af7651916cd43dd8448eb211c80319c"


def test_401_challenges_and_503_says_when_to_come_back() -> None:
    assert problem(errors.Unauthenticated("x"), REQUEST).headers["WWW-Authenticate"] == "Bearer"
    assert problem(errors.StorageUnavailable("x"), REQUEST).headers["Retry-After"] == "5"


def test_extras_add_headers_and_members_but_never_replace_the_standard_ones() -> None:
    extras = Extras(headers={"Retry-After": "60"}, members={"status": 200, "consumers": ["a"]})
    answer = problem(errors.Unavailable("x", extras=extras), REQUEST)
    members = json.loads(answer.body)
    assert answer.headers["Retry-After"] == "60"
    assert (members["status"], members["consumers"]) == (503, ["a"])


def test_violations_are_listed() -> None:
    members = json.loads(problem(Invalid("x", [Violation("/a/0", "too long")]), REQUEST).body)
    assert members["errors"] == [{"pointer": "/a/0", "detail": "too long"}]


def test_pydantic_errors_are_422_without_the_input() -> None:
    class Model(BaseModel):
        n: int

    with pytest.raises(ValidationError) as raised:
        Model.model_validate({"n": "not-a-real-secret-1"})
    answer = problem(invalid(raised.value), REQUEST)
    assert answer.status == 422
    assert b"secret" not in answer.body


def test_a_model_that_breaks_inside_a_handler_is_our_fault() -> None:
    class Model(BaseModel):
        n: int

    with pytest.raises(ValidationError) as raised:
        Model.model_validate({"n": "not-a-real-secret-1"})
    assert foreseen(raised.value).status == 500


def test_anything_else_is_internal_and_says_nothing() -> None:
    answer = problem(foreseen(RuntimeError("not-a-real-secret-1")), REQUEST)
    assert answer.status == 500
    assert b"secret" not in answer.body
    assert json.loads(answer.body)["code"] == "internal"
