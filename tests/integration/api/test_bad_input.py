"""What cannot be read, or is wrong: a 4xx with a sentence that says what to change and does not repeat the input."""

from __future__ import annotations

import json

import pytest

from tests.support.hub import Answer, Client, draft

MARK = "zq7mark"  # stands in every input below, and in no answer
TOKEN = f"{MARK}-7f3a9b21c4d8"  # as a member's name: a plain word would be named in the pointer, which helps
WITH_MARK = draft(MARK)


def body_of(**changes: object) -> bytes:
    return json.dumps({**WITH_MARK, **changes}).encode()


BODIES = {
    "a member twice": (body_of()[:-1] + b', "name": "zq7mark"}', 400),
    "a member twice, deep": (body_of(config={}).replace(b"{}", b'{"zq7mark": 1, "zq7mark": 2}'), 400),
    "NUL": (body_of(name=f"{MARK}\0"), 400),
    "NUL in a member's name": (body_of(config={f"{MARK}\0": 1}), 400),
    "a lone surrogate": (body_of(tags=["\ud800zq7mark"]), 400),
    "a lone surrogate's name": (body_of(config={"\udfffzq7mark": 1}), 400),
    "NaN": (body_of(checkIntervalSeconds=float("nan")), 400),
    "infinity": (body_of(config={MARK: float("inf")}), 400),
    "a number too large": (body_of().replace(b'"healthy"', b"1e999"), 400),
    "an integer too large": (body_of(checkIntervalSeconds=10**30), 400),
    "thousands of digits": (body_of(checkIntervalSeconds=0)[:-2] + b"9" * 5000 + b"}", 400),
    "half a document": (body_of()[:-5], 400),
    "two documents": (body_of() + body_of(), 400),
    "not UTF-8": (body_of().replace(b"zq7mark", b"zq7mark\xff"), 400),
    "UTF-16": (json.dumps(WITH_MARK).encode("utf-16"), 400),
    "a byte order mark": (b"\xef\xbb\xbf" + body_of(), 400),
    "nothing": (b"", 400),
    "nested 10,000 deep": (b'{"zq7mark":' + b"[" * 10_000 + b"]" * 10_000 + b"}", 422),
    "nested 1,000,000 bytes deep": (b"[" * 200_000, 422),
    "nested 18 deep": (body_of(config=json.loads('{"a":' * 17 + "1" + "}" * 17)), 422),
    "an array": (b'["zq7mark"]', 422),
    "a text": (b'"zq7mark"', 422),
    "null": (b"null", 422),
    "an unknown member": (body_of(**{TOKEN: 1}), 422),
    "a moment as number": (body_of(maintenance=[{"from": 1, "until": 2}]), 422),
    "a server's own member": (body_of(tenantId=MARK, id=MARK), 422),
    "no name": (json.dumps({"type": MARK, "config": {}}).encode(), 422),
    "a name too long": (body_of(name=MARK * 40), 422),
    "a name of spaces": (body_of(name=f" {MARK} "), 422),
    "a name with a line end": (body_of(name=f"{MARK}\r\nx"), 422),
    "a name that reads right to left": (body_of(name=f"\u202e{MARK}"), 422),
    "a number as name": (body_of(name=7), 422),
    "a text as number": (body_of(checkIntervalSeconds="300"), 422),
    "a number as switch": (body_of(paused=1), 422),
    "too often": (body_of(checkIntervalSeconds=1), 422),
    "a negative number": (body_of(failureThreshold=-1), 422),
    "too many tags": (body_of(tags=[f"{MARK}{nth}" for nth in range(33)]), 422),
    "a tag twice": (body_of(tags=[MARK, MARK]), 422),
    "an unknown type": (body_of(type=MARK), 422),
    "an unknown field of the config": (body_of(config={TOKEN: 1}), 422),
    "an unknown turn of the script": (body_of(config={"script": [{"do": MARK}]}), 422),
    "a moment as text of a number": (body_of(maintenance=[{"from": "1893456000", "until": "1993456000"}]), 422),
    "maintenance without end": (body_of(maintenance=[{"from": "2030-01-01T00:00:00Z"}]), 422),
    "maintenance backwards": (
        body_of(maintenance=[{"from": "2030-01-02T00:00:00Z", "until": "2030-01-01T00:00:00Z"}]),
        422,
    ),
    "maintenance without a zone": (
        body_of(maintenance=[{"from": "2030-01-01T00:00:00", "until": "2030-01-02T00:00:00"}]),
        422,
    ),
    "maintenance before history": (
        body_of(maintenance=[{"from": "0001-01-01T00:00:00+23:59", "until": "2030-01-02T00:00:00Z"}]),
        422,
    ),
    "a reference that is none": (body_of(authRefUri=f"https://{MARK}"), 422),
}


@pytest.mark.parametrize("path", ["", "/test"])
@pytest.mark.parametrize("case", BODIES)
def test_a_bad_body_is_refused_without_being_repeated(me: Client, case: str, path: str) -> None:
    # Given
    body, status = BODIES[case]
    # When
    answer = me.call("POST", path, body=body, headers={"Content-Type": "application/json"})
    # Then
    refused(answer, status)
    assert me.call("GET").json()["items"] == []


@pytest.mark.parametrize("case", BODIES)
def test_a_bad_body_changes_nothing(me: Client, case: str) -> None:
    # Given
    body, status = BODIES[case]
    one = me.register()
    # When
    answer = me.call("PUT", f"/{one['id']}", body=body, headers={"Content-Type": "application/json"})
    # Then
    refused(answer, status)
    assert me.call("GET", f"/{one['id']}").json() == one


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/xml", "", "application/jsonp", "multipart/form-data; boundary=x"]
)
def test_another_content_type_is_refused(me: Client, media_type: str) -> None:
    answer = me.call("POST", body=body_of(), headers={"Content-Type": media_type})
    refused(answer, 400)
    assert "application/json" in answer.json()["detail"]


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_may_say_its_charset(me: Client, media_type: str) -> None:
    assert me.call("POST", body=json.dumps(draft()).encode(), headers={"Content-Type": media_type}).status == 201


@pytest.mark.timeout(60)
@pytest.mark.parametrize("path", ["", "/test"])
def test_a_body_over_256_kib_is_refused(me: Client, path: str) -> None:
    # Given
    room = 256 * 1024 - len(body_of(config={"x": ""}))
    fits, over = (body_of(config={"x": "a" * (room + more)}) for more in (0, 1))
    # When
    answers = [me.call("POST", path, body=one, headers={"Content-Type": "application/json"}) for one in (fits, over)]
    # Then
    refused(answers[0], 422)
    refused(answers[1], 413)


@pytest.mark.parametrize(
    "changes",
    [
        {str(nth): 1 for nth in range(15_000)},
        {"config": {"script": [{"do": "x"}] * 12_000}},
        {"config": {"script": [{"do": "https://" + "user:pw@host"}] * 5_000}},
        {"tags": [1] * 50_000},
    ],
    ids=["unknown members", "config", "pasted secrets", "tags"],
)
def test_thousands_of_faults_get_a_short_answer(me: Client, changes: dict[str, object]) -> None:
    answer = me.call("POST", json={**draft(), **changes})
    refused(answer, 422)
    assert 0 < len(answer.json()["errors"]) <= 100


QUERIES = {
    "unknown": (f"?{MARK}=1", 422),
    "unknown beside a known one": (f"?page_size=5&{MARK}=1", 422),
    "twice": (f"?q={MARK}&q={MARK}", 422),
    "page size 0": ("?page_size=0", 422),
    "page size 501": ("?page_size=501", 422),
    "page size of text": (f"?page_size={MARK}", 422),
    "unknown status": (f"?status={MARK}", 422),
    "no yes or no": (f"?deleted={MARK}", 422),
    "too long": (f"?q={MARK * 40}", 422),
    "NUL": (f"?q={MARK}%00", 422),
    "a lone surrogate": (f"?q={MARK}%ed%a0%80", 422),
    "not UTF-8": (f"?q={MARK}%ff", 422),
    "a token that is none": (f"?page_token={MARK}", 400),
    "a token that is no base64": (f"?page_token={MARK}!", 400),
    "a token of something else": ("?page_token=WzEsMl0", 400),
    "a token of deep nesting": ("?page_token=" + "W1tb" * 400, 400),
    "an empty token": ("?page_token=", 422),
}


@pytest.mark.parametrize("case", QUERIES)
def test_a_bad_query_is_refused_without_being_repeated(me: Client, case: str) -> None:
    query, status = QUERIES[case]
    refused(me.call("GET", query), status)


def test_a_page_token_of_other_filters_is_refused(me: Client) -> None:
    # Given
    for name in ("one", "two"):
        me.register(name)
    token = me.call("GET", "?page_size=1").json()["nextPageToken"]
    # When, Then
    refused(me.call("GET", f"?page_size=1&q=o&page_token={token}"), 400)
    refused(me.call("GET", f"/audit?page_token={token}"), 400)
    assert me.call("GET", f"?page_size=2&page_token={token}").status == 200


@pytest.mark.parametrize(
    "id_",
    [
        MARK,
        f"{MARK}%00",
        f"{MARK}%0d%0aX-Injected:%20yes",
        f"%0a{MARK}",
        f"%ff{MARK}",
        "00000000-0000-4000-8000-00000000000",
        "%7b00000000-0000-4000-8000-000000000000%7d",
        "urn:uuid:00000000-0000-4000-8000-000000000000",
        "00000000000040008000000000000000",
        "%d9%a00000000-0000-4000-8000-000000000000",  # an Arabic zero
    ],
)
@pytest.mark.parametrize(("method", "below"), [("GET", ""), ("DELETE", ""), ("GET", "/health"), ("POST", "/restore")])
def test_a_malformed_id_names_nothing(me: Client, id_: str, method: str, below: str) -> None:
    answer = me.call(method, f"/{id_}{below}")
    assert (answer.status, answer.json()["code"]) == (404, "not_found")
    assert MARK not in answer.json()["detail"]
    assert "x-injected" not in answer.headers


@pytest.mark.parametrize("tag", ["1", "two words", '"1', '"1", "2"', f"{MARK}"])
def test_an_if_match_that_is_no_tag_is_refused(me: Client, tag: str) -> None:
    one = me.register()
    refused(me.call("DELETE", f"/{one['id']}", headers={"If-Match": tag}), 400)
    assert me.call("GET", f"/{one['id']}").status == 200


@pytest.mark.parametrize("receipt", [MARK, f"1.{MARK}", "9999999999.", "\u00b2.x", ""])
def test_a_forged_receipt_is_refused(me: Client, receipt: str) -> None:
    refused(me.call("POST", json=draft(), headers={"X-Test-Receipt": receipt}), 422)


def test_a_receipt_is_for_its_tenant_and_body(me: Client) -> None:
    # Given
    receipt = me.call("POST", "/test", json=draft()).json()["receipt"]
    # When, Then
    stranger = me.hub.client("receipt-thief")
    refused(stranger.call("POST", json=draft(), headers={"X-Test-Receipt": receipt}), 422)
    refused(me.call("POST", json=draft("other"), headers={"X-Test-Receipt": receipt}), 422)
    assert me.call("POST", json=draft(), headers={"X-Test-Receipt": receipt}).status == 201
    (entry,) = [e for e in me.call("GET", "/audit").json()["items"] if e["action"] == "integration.created"]
    assert entry["details"]["testReceipt"] is True


def refused(answer: Answer, status: int) -> None:
    """Check a refusal: the status, a problem, a whole sentence, and nothing of the input."""
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json"), answer.body
    assert answer.json()["status"] == status
    assert answer.json()["detail"].endswith((".", "errors say where."))
    assert MARK.encode() not in answer.body
    assert MARK not in repr(dict(answer.headers))
