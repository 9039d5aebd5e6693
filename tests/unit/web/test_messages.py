import json
from datetime import UTC, datetime

import pytest
from pydantic import BaseModel, Field

from integrations_hub.web.messages import Response, incoming, json_answer


class View(BaseModel):
    next_page_token: str | None = Field(None, serialization_alias="nextPageToken")
    at: datetime = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_header_names_are_lower_cased_and_repeated_ones_joined() -> None:
    request = incoming(method="get", path="/", headers=[("X-A", "1"), ("x-a", "2")], query="", body=b"")
    assert request.headers == {"x-a": "1, 2"}
    assert request.method == "GET"


def test_query_keeps_blank_values_order_and_repetition() -> None:
    request = incoming(method="GET", path="/", headers=[], query="b=&a=1&a=%C3%BC", body=b"")
    assert request.query == (("b", ""), ("a", "1"), ("a", "ü"))


@pytest.mark.parametrize("sent", ["a", "A-b_c.9", "x" * 64])
def test_a_usable_request_id_is_kept(sent: str) -> None:
    assert incoming(method="GET", path="/", headers=[("X-Request-Id", sent)], query="", body=b"").request_id == sent


@pytest.mark.parametrize("sent", ["", "a b", "x" * 65, "a\nb", "é", "a, b"])
def test_any_other_request_id_is_replaced(sent: str) -> None:
    given = incoming(method="GET", path="/", headers=[("X-Request-Id", sent)], query="", body=b"").request_id
    assert given != sent
    assert len(given) == 32


def test_json_answer_writes_aliases_and_utc() -> None:
    answer = json_answer(201, View(), {"Location": "/x"})
    assert answer.headers == {"Content-Type": "application/json", "Location": "/x"}
    assert json.loads(answer.body) == {"nextPageToken": None, "at": "2024-05-06T07:08:09Z"}


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b", "a\0", "ü"])
def test_a_header_that_would_split_the_answer_is_refused_without_showing_it(value: str) -> None:
    with pytest.raises(ValueError, match="'X-Y' is not printable ASCII"):
        Response(200, {"X-Y": value})
