"""GitHub's addresses as people write them."""

import pytest

from integrations_hub_github.endpoint import api_root, is_server

CLOUD = [
    "github.com",
    "GitHub.com",
    "https://github.com",
    "https://github.com/",
    "https://github.com//",
    "https://www.github.com/",
    "https://api.github.com",
    "https://github.com:443",
    "https://github.com.",
    "HTTPS://API.GITHUB.COM:443/",
]

RESIDENCY = [
    "octocorp.ghe.com",
    "https://octocorp.ghe.com",
    "https://OctoCorp.GHE.com/",
    "https://api.octocorp.ghe.com",
    "https://octocorp.ghe.com:443",
]

SERVERS = [
    ("https://ghes.example", "https://ghes.example/api/v3"),
    ("ghes.example", "https://ghes.example/api/v3"),
    ("https://ghes.example/", "https://ghes.example/api/v3"),
    ("https://GHES.Example:443", "https://ghes.example/api/v3"),
    ("https://ghes.example:8443", "https://ghes.example:8443/api/v3"),
    ("ghes.example:8443", "https://ghes.example:8443/api/v3"),
    ("http://ghes.internal", "http://ghes.internal/api/v3"),
    ("https://ghes.example/sub", "https://ghes.example/sub/api/v3"),
    ("https://ghes.example:8443/Sub/deep/", "https://ghes.example:8443/Sub/deep/api/v3"),
    ("https://ghes.example/api/v3", "https://ghes.example/api/v3"),
    ("https://ghes.example/api/v3/", "https://ghes.example/api/v3"),
    ("https://ghes.example//api//v3//", "https://ghes.example/api/v3"),
    ("https://ghes.example/API/V3", "https://ghes.example/api/v3"),
    ("https://ghes.example/sub/api/v3", "https://ghes.example/sub/api/v3"),
    ("https://192.0.2.7", "https://192.0.2.7/api/v3"),
    ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443/api/v3"),
    ("https://notgithub.com", "https://notgithub.com/api/v3"),
    ("https://github.com.example", "https://github.com.example/api/v3"),
    ("https://notghe.com", "https://notghe.com/api/v3"),
]

REFUSED = [
    "",
    "http://github.com",
    "https://github.com:8443",
    "https://github.com/octocorp",
    "https://github.com/api/v3",
    "http://api.github.com",
    "https://api.github.com/app",
    "https://api.github.com/graphql",
    "https://gist.github.com",
    "https://uploads.github.com",
    "https://ghe.com",
    "https://api.ghe.com",
    "https://www.ghe.com",
    "https://a.b.ghe.com",
    "https://api.a.b.ghe.com",
    "https://octocorp.ghe.com/api/v3",
    "https://octocorp.ghe.com:8443",
    "http://octocorp.ghe.com",
    "https://ghes.example/api",
    "https://ghes.example/api/graphql",
    "https://ghes.example/api/v3/app",
    "https://ghes.example/api/v4",
    "https://ghes.example/api/v3/api/v3",
    "https://ghes.example/orgs/octocorp",
    "https://ghes.example/settings/apps/hub",
    "https://ghes.example/login",
    "https://user:pass@ghes.example",
    "https://user@github.com",
    "user@github.com",
    "https://ghes.example/?x",
    "https://ghes.example/#x",
    "https://ghes.example/%61pi/v3",
    "https://ghes.example/a/../b",
    "https://ghes.example/./api/v3",
    "https://ghes.example\\b",
    "https://ghes.example/;a",
    "https://ghes.example/\x07",
    "https://ghes.example/ api",
    "https://ghes.example:0",
    "https://ghes.example:99999",
    "https://ghes.example:",
    "https://127.1",
    "https://2130706433",
    "https://g\u0131thub.com",
    "ssh://git@github.com",
    "git@github.com:octocorp/hub.git",
    "ldap://ghes.example",
    "//github.com",
    "https://",
]


@pytest.mark.parametrize("given", CLOUD)
def test_githubs_own_cloud_has_one_root(given):
    assert api_root(given) == "https://api.github.com"


@pytest.mark.parametrize("given", RESIDENCY)
def test_an_enterprise_with_data_residency_has_a_host_of_its_own(given):
    assert api_root(given) == "https://api.octocorp.ghe.com"


@pytest.mark.parametrize(("given", "root"), SERVERS)
def test_a_servers_root_is_below_api_v3_once_and_never_at_its_origin(given, root):
    assert api_root(given) == root


@pytest.mark.parametrize("given", [*CLOUD, *RESIDENCY, *(given for given, _ in SERVERS)])
def test_a_root_is_its_own_root_and_says_what_it_is(given):
    root = api_root(given)

    assert api_root(root) == root
    assert is_server(root) == (given in dict(SERVERS))


@pytest.mark.parametrize("given", REFUSED)
def test_a_doubtful_address_is_refused_with_a_sentence(given):
    with pytest.raises(ValueError, match=r"^[A-Z][^\n]+\.$"):
        api_root(given)
