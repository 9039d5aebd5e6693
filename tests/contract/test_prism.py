"""The judge between our simulated providers and our connectors: it judges both, by the provider's own document."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from openapi_spec_validator import validate

from tests.support.contracts import beside_the_checkout, enterprise_server
from tests.support.prism import ContractViolated, Prism, prism_mock, prism_proxy
from tests.support.recording_proxy import recording_proxy

PATHS = ("/app", "/app/installations/{installation_id}/access_tokens", "/installation/repositories")
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return enterprise_server(tmp_path_factory.mktemp("contracts"), PATHS)


@pytest.fixture(scope="module")
def github(document: Path):
    with prism_mock(document) as prism:
        yield prism


def ask(url: str, content: bytes | None = None, accept: str = "application/vnd.github+json") -> tuple[int, object]:
    request = Request(url, content, {"Accept": accept, **JSON})
    try:
        with urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def test_the_mounted_document_is_a_valid_one(document: Path) -> None:
    mounted = json.loads(document.read_text())
    validate(mounted)
    assert list(mounted["paths"]) == [f"/api/v3{path}" for path in PATHS]


def test_the_api_is_where_the_server_has_it_and_takes_githubs_media_type(github: Prism) -> None:
    assert ask(f"{github.url}/api/v3/app")[0] == 200
    assert ask(f"{github.url}/app")[0] == 404


def test_a_document_that_is_not_the_projects_to_publish_is_read_from_beside_the_checkout() -> None:
    with prism_mock(beside_the_checkout("harbor-v2.15.2.full.mounted.json")) as harbor:
        assert ask(f"{harbor.url}/api/v2.0/health", accept="application/json")[0] == 200


def test_what_fits_passes(document: Path, github: Prism) -> None:
    with prism_proxy(document, github.url) as prism:
        assert ask(f"{prism.url}/api/v3/app") == ask(f"{github.url}/api/v3/app")


@pytest.mark.parametrize("errors", [True, False])
def test_a_server_that_answers_otherwise_is_found_out(document: Path, github: Prism, *, errors: bool) -> None:
    with recording_proxy(github.url) as server:
        server.instead = (200, JSON, b'{"id": "seven"}')
        expected = "api/v3/app" if errors else "required property 'node_id'"
        with pytest.raises(ContractViolated, match=expected), prism_proxy(document, server.url, errors=errors) as prism:
            assert ask(f"{prism.url}/api/v3/app")[0] == (500 if errors else 200)


@pytest.mark.parametrize("asked", ["app", "api/v3/installation/repositories?per_page=many"])
def test_a_client_that_asks_otherwise_is_found_out(document: Path, github: Prism, asked: str) -> None:
    with pytest.raises(ContractViolated), prism_proxy(document, github.url) as prism:
        assert ask(f"{prism.url}/{asked}")[0] in {404, 422}


def test_a_client_that_sends_otherwise_is_found_out(document: Path, github: Prism) -> None:
    wish = json.dumps({"permissions": {"contents": "everything"}}).encode()
    with pytest.raises(ContractViolated), prism_proxy(document, github.url) as prism:
        assert ask(f"{prism.url}/api/v3/app/installations/70/access_tokens", wish)[0] == 422
