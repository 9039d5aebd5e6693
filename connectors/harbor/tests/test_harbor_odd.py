"""The Harbor connector against servers that are something else, repeat what they are sent, or lead elsewhere."""

import asyncio

import pytest

from integrations_hub.connector.reasons import Reason, StepName

from .harbor_hub import CANARY, decisive, no_secret_in_logs
from .odd_server import against, asking, like_harbor, server, with_length

__all__ = ["no_secret_in_logs"]


@pytest.mark.parametrize(
    "other",
    [
        with_length("200 OK\nContent-Type: text/html", b"<html>welcome</html>"),
        with_length("404 Not Found\nContent-Type: application/json", b'{"message":"no such thing"}'),
        with_length("200 OK", b'{"pong":true}'),
        b"220 mail.example ESMTP\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
    ],
    ids=["html", "json 404", "json 200", "smtp", "ssh"],
)
def test_another_product_at_the_address_is_told_apart(other):
    result, _ = against(lambda _path: other)

    assert decisive(result) == (StepName.PRODUCT, Reason.WRONG_PRODUCT)


def test_an_error_body_is_shown_short_and_without_the_credential():
    def echo(path):
        body = f"denied: {CANARY} Basic cm9ib3QkaHViOm5vdC1hLXJlYWwtc2VjcmV0LWNhbmFyeS0x ".encode() + b"x" * 9000
        return like_harbor(path, with_length("401 Unauthorized\nContent-Type: text/plain", body))

    result, seen = against(echo)

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.CREDENTIAL_REJECTED)
    assert result.decisive.evidence.startswith("HTTP 401: denied: *** ")
    assert "cm9ib3QkaHVi" not in result.decisive.evidence
    assert len(result.decisive.evidence) < 540
    assert b"cm9ib3QkaHVi" in seen[-1]


@pytest.mark.parametrize(
    ("head", "reason", "retry_after_s"),
    [
        ("403 Forbidden", Reason.PERMISSION_MISSING, None),
        ("429 Too Many Requests\nRetry-After: 77", Reason.RATE_LIMITED, 77),
        ("503 Service Unavailable\nRetry-After: 5", Reason.SERVER_ERROR, 5),
    ],
)
def test_common_statuses_have_their_reasons_and_wishes(head, reason, retry_after_s):
    result, _ = against(lambda path: like_harbor(path, with_length(head, b"no")))

    assert result.reason is reason
    assert result.retry_after_s == retry_after_s


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_redirect_to_another_host_is_not_followed(status):
    async def meet():
        async with server(lambda _path: with_length("200 OK", b"{}")) as (trap, caught):
            to = trap.replace("127.0.0.1", "localhost") + "/api/v2.0/systeminfo?leak=query-canary"
            away = with_length(f"{status}\nLocation: {to}", b"")
            async with server(lambda path: like_harbor(path, away)) as (url, _):
                return await asking(url).checked(), caught

    result, caught = asyncio.run(meet())

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.WRONG_PRODUCT)
    assert "to http://localhost; not followed" in result.decisive.evidence
    assert "query-canary" not in repr(result)
    assert caught == []


@pytest.mark.parametrize(
    "location",
    [
        "/elsewhere",
        "/api/v2.0/../../elsewhere",
        "/api/v2.0/%2e%2e/elsewhere",
        "/api/v2.0evil/x",
        "//localhost/api/v2.0/x",
        "https://127.0.0.1/api/v2.0/x",
        "http://user:pass@{authority}/api/v2.0/x",
        "http://user@{authority}/api/v2.0/x",
        "/api/v2.0/a%2f..%2f..%2felsewhere",
        "/api/v2.0/a%5c..%5celsewhere",
        "http://127.0.0.1:1/api/v2.0/x",
        "file:///etc/passwd",
        "http://[",
        "\\\\localhost\\x",
    ],
)
def test_a_redirect_out_of_the_base_is_not_followed(location):
    async def away(path, writer):
        host, port = writer.get_extra_info("sockname")
        to = location.replace("{authority}", f"{host}:{port}")
        writer.write(like_harbor(path, with_length(f"302 Found\nLocation: {to}", b"")))

    result, seen = against(away)

    assert decisive(result) == (StepName.AUTHENTICATE, Reason.WRONG_PRODUCT)
    assert "not followed" in result.decisive.evidence
    assert len(seen) == 4


def test_a_redirect_inside_the_base_is_followed():
    def moved(path):
        if path.endswith("/moved"):
            return with_length("200 OK", b'{"auth_mode":"db_auth","harbor_version":"v2"}')
        return like_harbor(path, with_length("302 Found\nLocation: /api/v2.0/moved", b""))

    result, seen = against(moved)

    assert result.reason is Reason.OK
    assert seen[-1].startswith(b"GET /api/v2.0/moved ")


def test_redirects_in_a_circle_end():
    result, seen = against(lambda _path: with_length("302 Found\nLocation: ping", b""))

    assert decisive(result) == (StepName.PRODUCT, Reason.WRONG_PRODUCT)
    assert len(seen) == 4
