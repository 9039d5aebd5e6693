"""A registry's address and its repositories' names, as people write them."""

import re

import pytest

from integrations_hub_docker_registry.address import HUB, REPOSITORY, repository_name, root_of

ROOTS = [
    ("https://r.example", "https://r.example"),
    ("https://r.example/", "https://r.example"),
    ("https://r.example/v2", "https://r.example"),
    ("https://r.example/v2/", "https://r.example"),
    ("https://r.example//V2//", "https://r.example"),
    ("https://R.Example:443", "https://r.example"),
    ("https://r.example:5000", "https://r.example:5000"),
    ("http://r.internal:5000/v2/", "http://r.internal:5000"),
    ("r.example", "https://r.example"),
    ("r.example:5000/sub", "https://r.example:5000/sub"),
    ("https://r.example/sub/v2/", "https://r.example/sub"),
    ("https://r.example/artifactory/api/docker/Local", "https://r.example/artifactory/api/docker/Local"),
    ("https://r.example/my-v2", "https://r.example/my-v2"),
    ("https://r.example/v1/sub", "https://r.example/v1/sub"),
    ("https://10.0.0.7", "https://10.0.0.7"),
    ("https://[::1]:5000", "https://[::1]:5000"),
    ("docker.io", HUB),
    ("https://docker.io/", HUB),
    ("https://index.docker.io/v1/", HUB),
    ("https://index.docker.io/v2/", HUB),
    ("https://hub.docker.com", HUB),
    ("registry.hub.docker.com", HUB),
    ("https://registry-1.docker.io:443/v2/", HUB),
]

REFUSED = [
    "https://r.example/v1",
    "https://r.example/v1/",
    "https://r.example/v2/team/app",
    "https://r.example/v2/_catalog",
    "https://r.example/v2/v2",
    "https://hub.docker.com/r/team/app",
    "https://docker.io/library/alpine",
    "http://docker.io",
    "https://docker.io:5000",
    "docker.io/team/app:1.0",
    "r.example/team/app@sha256",
    "https://user:pass@r.example",
    "https://r.example/?x",
    "https://r.example/#x",
    "https://r.example/%61",
    "https://r.example/a/../b",
    "https://r.example\\b",
    "https://r.example/;a",
    "https://r.example/\x07",
    "https://r.example:0",
    "https://r.example:99999",
    "ftp://r.example",
    "",
]


@pytest.mark.parametrize(("given", "root"), ROOTS)
def test_an_address_has_one_root_and_the_root_is_its_own(given, root):
    assert root_of(given) == root
    assert root_of(root) == root


@pytest.mark.parametrize("given", REFUSED)
def test_a_page_a_repository_or_a_doubtful_address_is_refused_with_a_sentence(given):
    with pytest.raises(ValueError, match=r"[.)]$"):
        root_of(given)


@pytest.mark.parametrize("name", ["app", "team/app", "a/b/c/d", "a.b_c__d-e---f/0", "1"])
def test_the_grammar_takes_what_the_specification_does(name):
    assert re.fullmatch(REPOSITORY, name)


@pytest.mark.parametrize(
    "name", ["", "App", "/app", "app/", "a//b", "a..b", "a___b", "-a", "a-", "a:1.0", "a@b", "a b", "a/../b", "é"]
)
def test_the_grammar_takes_nothing_else(name):
    assert not re.fullmatch(REPOSITORY, name)


def test_at_docker_hub_a_plain_name_is_in_the_library():
    assert repository_name(HUB, "alpine") == "library/alpine"
    assert repository_name(HUB, "team/app") == "team/app"
    assert repository_name("https://r.example", "alpine") == "alpine"
