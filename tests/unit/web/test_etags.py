import pytest

from integrations_hub.errors import BadRequest, PreconditionFailed
from integrations_hub.web.etags import etag, if_match_version, if_none_match
from integrations_hub.web.messages import Request


def request(**headers: str) -> Request:
    return Request("GET", "/", {name.replace("_", "-"): value for name, value in headers.items()})


def test_the_tag_is_the_version_and_a_hash_of_the_body() -> None:
    tag = etag(7, b"{}")
    assert tag == '"7.44136fa3"'
    assert etag(7, b"{ }") != tag


@pytest.mark.parametrize("header", ['"7.44136fa3"', 'W/"7.44136fa3"', '"x", "7.44136fa3"', '"x" , W/"7.44136fa3"', "*"])
def test_the_caller_has_it(header: str) -> None:
    assert if_none_match(request(if_none_match=header), '"7.44136fa3"')


@pytest.mark.parametrize("header", ["", "7.44136fa3", '"7.44136fa4"', '"x" "7.44136fa3"', "garbage", '"x", *'])
def test_the_caller_does_not_have_it(header: str) -> None:
    assert not if_none_match(request(if_none_match=header), '"7.44136fa3"')


@pytest.mark.parametrize(("header", "version"), [('"7.44136fa3"', 7), ('"12"', 12), (' "7.00000000" ', 7), ("*", None)])
def test_if_match_compares_the_version_only(header: str, version: int | None) -> None:
    assert if_match_version(request(if_match=header)) == version


def test_without_if_match_any_version_is_meant() -> None:
    assert if_match_version(request()) is None


@pytest.mark.parametrize("header", ["", " ", "7", "7.44136fa3", '"7.44136fa3", "8.44136fa3"', '"7', "W/7"])
def test_a_malformed_if_match_is_a_bad_request(header: str) -> None:
    with pytest.raises(BadRequest):
        if_match_version(request(if_match=header))


@pytest.mark.parametrize("header", ['W/"7.44136fa3"', '"abc"', '"-1.44136fa3"', f'"{"9" * 19}"', '""', '"7.x"'])
def test_a_tag_that_is_none_of_ours_matches_nothing(header: str) -> None:
    with pytest.raises(PreconditionFailed):
        if_match_version(request(if_match=header))
