"""Hosts that belong together: one site by the Public Suffix List, or an entry of a secret's `allowed_hosts`."""

import pytest

from integrations_hub.connector.base_url import BaseUrl
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.site import listed, same_site

ONE_SITE = [
    ("registry.example.com", "auth.example.com"),
    ("example.com", "auth.example.com"),
    ("registry.example.co.uk", "auth.example.co.uk"),
    ("127.0.0.1", "127.0.0.1"),
    ("registry", "registry"),
]
TWO_SITES = [
    ("registry.example.com", "auth.example.net"),
    ("one.co.uk", "other.co.uk"),  # a public suffix is nobody's site
    ("one.github.io", "other.github.io"),
    ("example.com", "example.com.evil.net"),
    ("registry.internal", "auth.internal"),
    ("registry", "auth"),
    ("10.0.0.1", "10.0.0.2"),
    ("[::1]", "[::2]"),
]


@pytest.mark.parametrize(("one", "other"), ONE_SITE)
def test_hosts_of_one_site(one, other):
    assert same_site(one, other)


@pytest.mark.parametrize(("one", "other"), TWO_SITES)
def test_hosts_of_two_sites(one, other):
    assert not same_site(one, other)


def test_an_entry_with_a_port_names_that_port_only():
    assert listed(["auth.example.net"], "auth.example.net:8443")
    assert listed(["Auth.Example.net."], "auth.example.net:443")
    assert listed(["auth.example.net:443"], "auth.example.net:443")
    assert not listed(["auth.example.net:443"], "auth.example.net:8443")
    assert not listed([], "auth.example.net:443")


@pytest.mark.parametrize(
    ("base", "address", "allowed"),
    [
        ("https://registry.example.com", "https://auth.example.com/token", []),
        ("https://registry.example.com", "https://AUTH.example.com:443//token/", []),
        ("https://registry.example.com", "https://auth.example.net/token", ["auth.example.net"]),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5001/token", []),
        ("http://registry.example.com", "https://auth.example.com/token", []),
    ],
)
def test_a_credential_may_go_beyond_its_endpoint_to_its_own_site_and_to_listed_hosts(base, address, allowed):
    assert BaseUrl(base).beyond(address, allowed).startswith(("https://auth.example", "http://127.0.0.1:5001/token"))


@pytest.mark.parametrize(
    ("base", "address", "allowed"),
    [
        ("https://registry.example.com", "https://auth.example.net/token", []),
        ("https://registry.example.com", "http://auth.example.com/token", []),  # would put the secret on the wire
        ("https://registry.example.com", "http://auth.example.net/token", ["auth.example.net"]),
        ("https://registry.example.com", "https://auth.example.net:8443/token", ["auth.example.net:443"]),
        ("https://registry.example.com", "https://registry.example.com@evil.net/token", []),
        ("https://registry.example.com", "https://evil.net\\.example.com/token", []),
        ("https://registry.example.com", "ftp://auth.example.com/token", []),
        ("https://registry.example.com", "//auth.example.com/token", []),
        ("https://registry.example.com", "", []),
    ],
)
def test_a_credential_never_goes_anywhere_else(base, address, allowed):
    with pytest.raises(CheckFailed, match="outside the endpoint"):
        BaseUrl(base).beyond(address, allowed)


@pytest.mark.parametrize("address", ["https://[::1", "https://host:port/", "http://[", "https://exa mple/\ud800"])
def test_an_address_that_cannot_be_read_is_outside(address):
    with pytest.raises(CheckFailed, match="outside the endpoint"):
        BaseUrl("https://registry.example.com").join(address)
