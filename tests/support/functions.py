"""The functions as the runtimes find them: loaded from their folder, called with real events."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

__all__ = ["FUNCTIONS", "lambda_event", "load_function"]

FUNCTIONS = Path(__file__).resolve().parents[2] / "functions"
_SCOPES = " ".join(f"integration:{one}" for one in ("read", "write", "operate", "admin", "audit", "platform"))


def load_function(name: str) -> ModuleType:
    """Import `functions/<name>/main.py` under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"function_{name}", FUNCTIONS / name / "main.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lambda_event(method: str, path: str, *, tenant: str, query: str = "", body: str = "") -> dict[str, object]:
    """Return an API Gateway HTTP API event (payload 2.0) whose JWT authorizer verified a token of every scope."""
    claims = {"sub": "bench", "stellaops:tenant": tenant, "scope": _SCOPES, "client_id": "bench"}
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"content-type": "application/json"},
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "127.0.0.1"},
            "stage": "$default",
            "authorizer": {"jwt": {"claims": claims, "scopes": None}},
        },
        "body": body,
        "isBase64Encoded": False,
    }
