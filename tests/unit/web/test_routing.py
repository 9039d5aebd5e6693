import pytest

from integrations_hub.errors import MethodNotAllowed, NotFound
from integrations_hub.web.routing import Route, find

BASE = "/api/v1/integrations"
ID = "0a0b0c0d-0000-4000-8000-000000000001"


def route(name: str, method: str, path: str) -> Route:
    return Route(name=name, method=method, path=BASE + path, scope=None)


ROUTES = [
    route("get_integration", "GET", "/{integration_id}"),
    route("delete_integration", "DELETE", "/{integration_id}"),
    route("get_summary", "GET", "/summary"),
    route("list_integrations", "GET", ""),
    route("create_integration", "POST", ""),
    route("list_by_type", "GET", "/by-type/{type}"),
    route("get_health", "GET", "/{integration_id}/health"),
]


@pytest.mark.parametrize(
    ("method", "path", "name", "params"),
    [
        ("GET", "", "list_integrations", {}),
        ("GET", "/", "list_integrations", {}),
        ("POST", "/", "create_integration", {}),
        ("GET", f"/{ID}", "get_integration", {"integration_id": ID}),
        ("GET", f"/{ID}/", "get_integration", {"integration_id": ID}),
        ("HEAD", f"/{ID}", "get_integration", {"integration_id": ID}),
        ("DELETE", f"/{ID}", "delete_integration", {"integration_id": ID}),
        ("GET", "/summary", "get_summary", {}),
        ("GET", "/by-type/health", "list_by_type", {"type": "health"}),
        ("GET", f"/{ID}/health", "get_health", {"integration_id": ID}),
    ],
)
def test_find(method: str, path: str, name: str, params: dict[str, str]) -> None:
    found, given = find(ROUTES, method, BASE + path)
    assert (found.name, given) == (name, params)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/api/v1/integration",
        f"{BASE}//",
        f"{BASE}//health",
        f"{BASE}/{ID}/health/x",
        "//",
        f"{BASE}/{ID}\r\n",
        f"{BASE}/a\nb",
    ],
)
def test_nothing_at_a_path(path: str) -> None:
    with pytest.raises(NotFound):
        find(ROUTES, "GET", path)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [("DELETE", "/summary", "GET, HEAD"), ("OPTIONS", "", "GET, HEAD, POST"), ("PATCH", f"/{ID}", "DELETE, GET, HEAD")],
)
def test_other_methods_are_named_in_allow_and_a_fixed_word_is_never_an_id(method: str, path: str, allow: str) -> None:
    with pytest.raises(MethodNotAllowed) as refused:
        find(ROUTES, method, BASE + path)
    assert refused.value.extras.headers == {"Allow": allow}
