"""A Kubernetes API on 127.0.0.1 that keeps what it is told, for kubectl: no nodes, no controllers.

It takes the kinds it is started with, holds Kubernetes' own ones to Kubernetes' schemas, and says of everything at once
that it is ready: what a cluster makes of the manifests is not shown by it.
https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import kubernetes_validate

__all__ = ["Cluster", "Kind", "fault_of", "served_cluster"]

Object = dict[str, Any]
_KUBERNETES = "1.35"
_ENDING = "2026-01-01T00:00:00Z"
_READY = {"conditions": [{"type": kind, "status": "True"} for kind in ("Ready", "Complete")]}
_PATH = re.compile(
    r"/(?:api|apis/(?P<group>[^/]+))/(?P<version>[^/]+)"
    r"(?:/namespaces/(?P<namespace>[^/]+))?/(?P<plural>[a-z]+)(?:/(?P<name>[^/]+))?"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object: `version` is `v1` or `group/v1`."""

    version: str
    name: str
    plural: str
    short: str = ""
    namespaced: bool = True


@dataclass
class Cluster:
    """What there is: each object by its kind, namespace and name."""

    kinds: Sequence[Kind]
    url: str = ""
    objects: dict[tuple[Kind, str, str], Object] = field(default_factory=dict)
    _versions: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _lock: Lock = field(default_factory=Lock)

    def named(self, kind: str, name: str) -> Object:
        """Return the object of this kind and name."""
        (found,) = [one for (of, _, called), one in self.objects.items() if (of.name, called) == (kind, name)]
        return found

    def names(self, kind: str) -> set[str]:
        """Return the names of the objects of a kind."""
        return {name for of, _, name in self.objects if of.name == kind}

    @property
    def kinds_there(self) -> set[str]:
        """The names of the kinds there are objects of."""
        return {kind.name for kind, _, _ in self.objects}

    @property
    def kubeconfig(self) -> Object:
        """What tells kubectl to use this one."""
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "here", "cluster": {"server": self.url}}],
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": ""}}],
            "current-context": "here",
        }

    def add(self, kind: str, name: str, labels: Mapping[str, str] | None = None, *, ending: bool = False) -> None:
        """Add an object that nobody sends; one that is ending is gone once it was listed."""
        (of,) = [one for one in self.kinds if one.name == kind]
        metadata = {"name": name, "labels": dict(labels or {}), **({"deletionTimestamp": _ENDING} if ending else {})}
        self.objects[of, "integrations-hub" if of.namespaced else "", name] = {
            "apiVersion": of.version,
            "kind": kind,
            "metadata": metadata,
        }

    def answer(self, method: str, path: str, query: Mapping[str, Sequence[str]], body: Object) -> tuple[int, Object]:
        """Do one request; return status and body."""
        if path in {"/api", "/apis"} or (found := _PATH.fullmatch(path)) is None:
            return self._discovered(path)
        version = "/".join(filter(None, (found["group"], found["version"])))
        kind = next((one for one in self.kinds if (one.version, one.plural) == (version, found["plural"])), None)
        if kind is None:
            return _failure(404, "NotFound", f"no kind has the path {path}")
        with self._lock:
            return self._done(method, kind, (found["namespace"] or "", found["name"] or ""), query, body)

    def _done(
        self, method: str, kind: Kind, at: tuple[str, str], query: Mapping[str, Sequence[str]], body: Object
    ) -> tuple[int, Object]:
        namespace, name = at
        if method == "POST":
            return self._stored(kind, namespace, body, HTTPStatus.CREATED)
        if not name:
            return 200, self._listed(kind, namespace, query)
        if (key := (kind, namespace, name)) not in self.objects:
            return _failure(404, "NotFound", f"{kind.plural} {name!r} not found")
        if method == "PATCH":
            return self._stored(kind, namespace, _merged(self.objects[key], body), HTTPStatus.OK)
        if method == "PUT":
            return self._stored(kind, namespace, body, HTTPStatus.OK)
        return 200, self.objects.pop(key) if method == "DELETE" else self.objects[key]

    def _stored(self, kind: Kind, namespace: str, body: Object, status: HTTPStatus) -> tuple[int, Object]:
        name = body["metadata"]["name"]
        if status is HTTPStatus.CREATED and (kind, namespace, name) in self.objects:
            return _failure(409, "AlreadyExists", f"{kind.plural} {name!r} already exists")
        if kind.namespaced and namespace not in self.names("Namespace"):
            return _failure(404, "NotFound", f"namespaces {namespace!r} not found")
        if fault := fault_of(body):
            return _failure(422, "Invalid", f"{kind.name} {name!r}: {fault}")
        metadata = {**body["metadata"], "resourceVersion": str(next(self._versions)), "uid": f"uid-of-{name}"}
        if namespace:
            metadata["namespace"] = namespace
        self.objects[kind, namespace, name] = {
            **body,
            "metadata": metadata,
            **({"status": _READY} if kind.name in {"Job", "Service"} else {}),
        }
        return status, self.objects[kind, namespace, name]

    def _listed(self, kind: Kind, namespace: str, query: Mapping[str, Sequence[str]]) -> Object:
        wanted = ",".join([*query.get("labelSelector", ()), *query.get("fieldSelector", ())])
        found = {
            key: one
            for key, one in self.objects.items()
            if key[0] is kind and (not namespace or key[1] == namespace) and _selected(one, wanted)
        }
        for key, one in found.items():
            if "deletionTimestamp" in one["metadata"]:
                del self.objects[key]
        return {
            "apiVersion": kind.version,
            "kind": f"{kind.name}List",
            "metadata": {"resourceVersion": str(next(self._versions))},
            "items": list(found.values()),
        }

    def _discovered(self, path: str) -> tuple[int, Object]:
        versions = dict.fromkeys(one.version for one in self.kinds)
        if path == "/api":
            return 200, {"kind": "APIVersions", "versions": ["v1"]}
        if path == "/apis":
            groups = [(one.split("/")[0], _version(one)) for one in versions if "/" in one]
            return 200, {
                "kind": "APIGroupList",
                "groups": [
                    {
                        "name": name,
                        "versions": [of for other, of in groups if other == name],
                        "preferredVersion": version,
                    }
                    for name, version in dict(groups).items()
                ],
            }
        version = path.removeprefix("/apis/").removeprefix("/api/")
        if version not in versions:
            return _failure(404, "NotFound", f"there is no {path}")
        return 200, {
            "kind": "APIResourceList",
            "groupVersion": version,
            "resources": [
                {
                    "name": one.plural,
                    "singularName": one.name.lower(),
                    "kind": one.name,
                    "namespaced": one.namespaced,
                    "shortNames": [one.short] if one.short else [],
                    "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
                }
                for one in self.kinds
                if one.version == version
            ],
        }


def fault_of(one: Object) -> str | None:
    """Return what Kubernetes' schema of its kind has against an object, if anything; nothing if it is none of its kinds."""
    try:
        kubernetes_validate.validate(one, _KUBERNETES, strict=True)
    except kubernetes_validate.SchemaNotFoundError:
        return None
    except kubernetes_validate.ValidationError as error:
        return str(error.message)
    return None


def _version(version: str) -> Object:
    return {"groupVersion": version, "version": version.rsplit("/", maxsplit=1)[-1]}


def _failure(status: int, reason: str, message: str) -> tuple[int, Object]:
    return status, {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "code": status,
        "reason": reason,
        "message": message,
    }


def _merged(old: Any, new: Any) -> Any:
    """Merge as RFC 7386 says."""
    if not isinstance(new, dict) or not isinstance(old, dict):
        return new
    merged = {**old, **{name: _merged(old.get(name, {}), value) for name, value in new.items()}}
    return {name: value for name, value in merged.items() if value is not None}


def _selected(one: Object, selector: str) -> bool:
    labels = {**one["metadata"].get("labels", {}), "metadata.name": one["metadata"]["name"]}
    for term in filter(None, selector.split(",")):
        name, equals, value = term.partition("=")
        if name.startswith("!"):
            if name[1:] in labels:
                return False
        elif name not in labels or (equals and labels[name] != value):
            return False
    return True


@contextmanager
def served_cluster(kinds: Sequence[Kind]) -> Iterator[Cluster]:
    """Serve an empty cluster on a free port of 127.0.0.1."""
    cluster = Cluster(kinds)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if parts.path == "/openapi/v2":  # an empty document: what is sent is judged here, not by kubectl
                return self._send(200, b"", "application/octet-stream")
            query = parse_qs(parts.query)
            status, body = cluster.answer(self.command, parts.path, query, json.loads(sent or "{}"))
            said = [{"type": "ADDED", "object": one} for one in body["items"]] if "watch" in query else [body]
            return self._send(status, "\n".join(map(json.dumps, said)).encode(), "application/json")

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - the names http.server calls

        def _send(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives it
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        cluster.url = f"http://127.0.0.1:{server.server_port}"
        yield cluster
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
