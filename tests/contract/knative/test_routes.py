"""The HTTPRoutes and the local gateway are one table: both send every request to the same function."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any
from uuid import uuid4

import pytest

from integrations_hub.errors import MethodNotAllowed, NotFound
from integrations_hub.web.routing import Route, find
from knative.routes import MOST_MATCHES, MOST_RULES
from local.gateway import load_functions
from tests.architecture.house import ROOT
from tests.support.manifests import built, named

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
TYPES = ("harbor", "health", "audit", "plugins")  # some read like the fixed words of other paths
HOST = re.compile(r"([a-z-]+)\.integrations-hub\.svc\.cluster\.local")


@cache
def routes() -> Sequence[Route]:
    return [
        function.route
        for function in load_functions(ROOT / "functions")
        if function.route and not function.route.internal
    ]


def documents() -> Sequence[dict[str, Any]]:
    return [one for one in built("prod") if one["kind"] == "HTTPRoute"]


def fitting(method: str, path: str) -> Iterator[tuple[bool, str, str]]:
    """Yield the matches that take a request: whether by method, what they match, and the Service they lead to."""
    for document in documents():
        for rule in document["spec"]["rules"]:
            (rewrite,) = [one["urlRewrite"]["hostname"] for one in rule["filters"]]
            for match in rule["matches"]:
                kind, value = match["path"]["type"], match["path"]["value"]
                fits = path == value if kind == "Exact" else re.fullmatch(value, path)
                if fits and match.get("method", method) == method:
                    yield "method" in match, value, rewrite


def sent_to(method: str, path: str) -> str | None:
    """Return the function a gateway picks: of matches of one path the one by method (Gateway API, HTTPRouteRule)."""
    found = sorted(fitting(method, path), reverse=True)
    assert len({value for _, value, _ in found}) <= 1, "which of two paths wins is a gateway's own affair"
    return HOST.fullmatch(found[0][2])[1].replace("-", "_") if found else None


def paths() -> list[str]:
    ids = {"integration_id": [str(uuid4()), str(uuid4()).upper()], "type": TYPES}
    found = set()
    for route in routes():
        names = re.findall(r"\{(\w+)\}", route.path)
        for value in ids[names[0]] if names else ("",):
            found.add(route.path.replace("{" + names[0] + "}", value) if names else route.path)
    return sorted(found)


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("method", METHODS)
def test_every_request_goes_where_the_local_gateway_sends_it(method, slash):
    for path in paths():
        try:
            route, _ = find(routes(), method, path + slash)
        except MethodNotAllowed:
            others = {route.name for route in routes() if route.match(path) is not None}
            assert sent_to(method, path + slash) in others, path  # one of the path's own, which refuses it itself
        else:
            assert sent_to(method, path + slash) == route.name, path


@pytest.mark.parametrize("path", ["/", "/api", "/api/v1/integrations/plugins/x", "/metricsx"])
def test_what_the_local_gateway_does_not_know_goes_nowhere(path):
    with pytest.raises(NotFound):
        find(routes(), "GET", path)
    assert sent_to("GET", path) is None


def test_every_route_of_the_api_is_there_and_nothing_else():
    hosts = [
        HOST.fullmatch(f["urlRewrite"]["hostname"])[1]
        for d in documents()
        for r in d["spec"]["rules"]
        for f in r["filters"]
    ]

    assert sorted(hosts) == sorted(route.name.replace("_", "-") for route in routes())
    for host in hosts:
        assert named("Service", host)


def test_the_documents_stay_within_what_a_gateway_takes():
    for document in documents():
        rules = document["spec"]["rules"]
        assert 1 <= len(rules) <= MOST_RULES
        assert sum(len(rule["matches"]) for rule in rules) <= MOST_MATCHES
        assert all(len(rule["matches"]) <= 64 for rule in rules)


def test_rules_of_one_path_are_in_one_document_and_the_last_one_takes_the_other_methods():
    seen: dict[str, set[int]] = {}
    for number, document in enumerate(documents()):
        open_ended: set[str] = set()
        for rule in document["spec"]["rules"]:
            for match in rule["matches"]:
                value = match["path"]["value"]
                seen.setdefault(value, set()).add(number)
                assert value not in open_ended, "a rule behind one that takes every method would never be asked"
                if "method" not in match:
                    open_ended.add(value)
    assert all(len(where) == 1 for where in seen.values())


def test_the_gateway_waits_longer_than_the_slowest_check():
    for document in documents():
        for rule in document["spec"]["rules"]:
            assert rule["timeouts"] == {"request": "60s"}
            assert [one["name"] for one in rule["backendRefs"]] == ["kourier-internal"]
