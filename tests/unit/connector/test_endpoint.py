"""Endpoints taken apart: what is put in normal form, and what is refused without being repeated."""

import pytest

from integrations_hub.connector.endpoint import split_endpoint

NORMAL = [
    ("https://h.example", "https://h.example"),
    ("HTTPS://H.Example/", "https://h.example"),
    ("https://h.example:443//", "https://h.example"),
    ("http://h.example:80", "http://h.example"),
    ("http://h.example:443", "http://h.example:443"),
    ("https://h.example.:8443/a//b/", "https://h.example:8443/a/b"),
    ("https://10.0.0.1:8080", "https://10.0.0.1:8080"),
    ("https://[::1]:8443/x", "https://[::1]:8443/x"),
    ("https://[2606:4700:0:0::1]", "https://[2606:4700::1]"),
    ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
    ("https://under_score.internal", "https://under_score.internal"),
]

REFUSED = [
    "",
    "h.example",
    "ftp://h.example",
    "javascript:alert(1)",
    "https:/h.example",
    "https://",
    "https:///path",
    "https://canary-user:canary-pass@h.example",
    "https://canary@h.example",
    "https://h.example?canary=1",
    "https://h.example#canary",
    "https://h.example/%2e%2e/canary",
    "https://h.example/../canary",
    "https://h.example/a/./canary",
    "https://h.example\\canary",
    "https://h.example/;canary",
    "https://h.example/\tcanary",
    "https://h.example/canary\n",
    "https://h.example/can ary",
    "https://h.example/canary\x00",
    "https://bücher.example/canary",
    "https://h.example:0/canary",
    "https://h.example:99999/canary",
    "https://h.example:canary",
    "https://h.example:",
    "https://127.1/canary",
    "https://2130706433/canary",
    "https://0x7f.0.0.1/canary",
    "https://0177.0.0.1/canary",
    "https://1.2.3.4.5/canary",
    "https://[::1%25eth0]/canary",
    "https://[canary]/",
    "https://[::1/canary",
    "https://-canary.example",
    "https://a..b/canary",
    "https://" + "a" * 64 + ".example/canary",
    "https://h.example/" + "canary" * 400,
]


@pytest.mark.parametrize(("given", "normal"), NORMAL)
def test_an_endpoint_has_one_normal_form(given, normal):
    parts = split_endpoint(given)

    assert parts.url(*parts.segments) == normal
    again = split_endpoint(normal)
    assert again == parts


@pytest.mark.parametrize("given", REFUSED)
def test_a_doubtful_endpoint_is_refused_with_a_sentence_that_repeats_nothing(given):
    with pytest.raises(ValueError, match=r"^The endpoint") as refused:
        split_endpoint(given)

    assert "canary" not in str(refused.value)
