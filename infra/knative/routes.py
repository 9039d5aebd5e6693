"""The API's routes as Gateway API has them: by path and method to the host of a Service.

Knative tells Services apart by host, so each rule rewrites it. An HTTPRoute has at most 16 rules, 64 matches in each
and 128 in all (https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule): there are several, and the rules of one
path are never split, because within one route the order counts. No request fits two paths: which of several regular
expressions wins is each gateway's own affair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from integrations_hub.web.routing import Route
from knative.pod import Manifest
from knative.service import NAMESPACE, kebab

__all__ = ["MOST_MATCHES", "MOST_RULES", "http_routes"]

MOST_RULES, MOST_MATCHES = 16, 128
_INGRESS = {"kind": "Service", "name": "kourier-internal", "namespace": "kourier-system", "port": 80}
_PARAMETERS = {"{integration_id}": "[0-9A-Fa-f-]{36}"}
_ANY_WORD = "[^/]+"


def http_routes(routes: Iterable[Route]) -> Sequence[Manifest]:
    """Return the HTTPRoutes of a route table, in order of path."""
    documents: list[list[Manifest]] = [[]]
    for _, of_path in groupby(sorted(routes, key=_order), attrgetter("path")):
        rules = list(_rules(list(of_path)))
        if len(documents[-1]) + len(rules) > MOST_RULES:
            documents.append([])
        documents[-1] += rules
    return [_document(number, rules) for number, rules in enumerate(documents, 1)]


def _order(route: Route) -> tuple[str, bool, str]:
    """Order by path; last among those of one path is the one that takes what no other does."""
    return route.path, route.method == "GET", route.method


def _rules(of_path: Sequence[Route]) -> Iterator[Manifest]:
    """Yield a rule per route; the last one, GET's if there is one, takes every other method too, and refuses it."""
    for route in of_path:
        method = {} if route is of_path[-1] else {"method": route.method}
        yield {
            "matches": [{"path": path, **method} for path in _paths(route.path)],
            "filters": [{"type": "URLRewrite", "urlRewrite": {"hostname": _host(route.name)}}],
            "backendRefs": [dict(_INGRESS)],
            "timeouts": {"request": "60s"},
        }


def _paths(template: str) -> Sequence[Manifest]:
    """Return the matches of a template, with and without a trailing slash."""
    if "{" not in template:
        return [{"type": "Exact", "value": template + slash} for slash in ("", "/")]
    words = [_PARAMETERS.get(word, _ANY_WORD) if word.startswith("{") else word for word in template.split("/")]
    return [{"type": "RegularExpression", "value": "/".join(words) + "/?"}]


def _host(name: str) -> str:
    return f"{kebab(name)}.{NAMESPACE}.svc.cluster.local"


def _document(number: int, rules: Sequence[Manifest]) -> Manifest:
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": f"integrations-hub-{number}", "labels": {"app.kubernetes.io/part-of": "integrations-hub"}},
        "spec": {"parentRefs": [{"name": "integrations-hub"}], "rules": list(rules)},
    }
