"""Schemathesis against the running hub: whatever the document allows and much it does not, and nothing undocumented.

One run of a fixed seed: examples, coverage (each keyword of each schema at its edges), fuzzing, and stateful sequences
along links. The document it is given is the committed one, with `config` as `list_plugins` describes it: else no body
it could think of would ever be accepted.
"""

from __future__ import annotations

import hmac
import json
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.run import PhaseName

from local.openapi import DOCUMENT
from tests.support.hub import Client, Hub, draft, outside_folder, running_hub

SEED = 20_261_123
LONGEST_S = 360
FEWEST_CASES = 2_000
PHASES = (PhaseName.EXAMPLES, PhaseName.COVERAGE, PhaseName.FUZZING, PhaseName.STATEFUL_TESTING)
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ensure_resource_availability",
    "ignored_auth",
    "negative_data_rejection",
    "missing_required_header",
)

# Only what was deleted can be restored, and what was deleted keeps its audit trail.
BY_DESIGN = [
    {
        "include-name": f"{call.split()[0]} /api/v1/integrations/{{integration_id}}/{call.split()[1]}",
        "checks": {check: {"enabled": False}},
    }
    for call, check in (("POST restore", "ensure_resource_availability"), ("GET audit", "use_after_free"))
]


# What breaks the schema by its size is refused before it is read; schemathesis does not list that status by itself.
REJECTIONS = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429, "5xx"]
TOO_LARGE_IS_REJECTED = {"negative_data_rejection": {"enabled": True, "expected-statuses": REJECTIONS}}

HOOK_SECRET = "not-a-real-hook-secret"
WEBHOOK = {"webhookSecretRef": "authref://file/hook"}


@dataclass
class Run:
    """What happened."""

    cases: Counter[str] = field(default_factory=Counter)
    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    linked: int = 0


@dataclass(frozen=True)
class Known:
    """Integrations that are there: to be used, to be deleted, and deleted ones to be restored."""

    kept: list[str]
    spare: list[str]
    gone: list[str]

    def to(self, method: str, path: str) -> list[str]:
        """Return those a call can succeed on."""
        return self.spare if method == "delete" else self.gone if path.endswith("/restore") else self.kept


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[Run]:
    """Run it once; the tests look at what happened."""
    settings = {
        "ON_DEMAND_PER_MINUTE": "100000",
        "INTEGRATIONS_PER_TENANT": "100000",
        "PUBLIC_URL": "https://hub.example",
    }
    with outside_folder() as folder, running_hub(folder, **settings) as hub:
        yield run(hub)


@pytest.mark.timeout(LONGEST_S)
def test_there_were_enough_cases_in_every_phase(fuzzed: Run) -> None:
    assert fuzzed.errors == []
    assert sum(fuzzed.cases.values()) >= FEWEST_CASES
    assert all(fuzzed.cases[phase] for phase in PHASES)
    assert fuzzed.linked


def test_every_operation_succeeded_at_least_once(fuzzed: Run) -> None:
    operations = {
        f"{method.upper()} {path}"
        for path, item in json.loads(DOCUMENT.read_text(encoding="utf-8"))["paths"].items()
        for method in item
    }
    succeeded = {name for name, seen in fuzzed.statuses.items() if any(200 <= status < 300 for status in seen)}
    assert operations - succeeded == set()


def test_nothing_undocumented_happened(fuzzed: Run) -> None:
    assert not fuzzed.failures, "\n\n".join(fuzzed.failures.values())


def run(hub: Hub) -> Run:
    """Let it loose with a token of every scope."""
    me = hub.client("fuzzed", subject="fuzzer")
    config = SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "base-url": hub.url,
            "headers": {"Authorization": f"Bearer {me.token}"},
            "continue-on-failure": True,
            "request-timeout": 60,
            "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}, **TOO_LARGE_IS_REJECTED},
            "generation": {"max-examples": 120, "database": "none", "no-shrink": True},
            "operations": BY_DESIGN,
        }
    )
    known = Known(*([me.register(f"{kind} {n}")["id"] for n in range(8)] for kind in ("kept", "spare", "gone")))
    for one in known.gone:
        me.call("DELETE", f"/{one}")
    tenant = me.call("GET", "/audit").json()["items"][0]["tenantId"]
    (hub.state / "secrets" / tenant).mkdir(exist_ok=True)
    (hub.state / "secrets" / tenant / "hook").write_text(HOOK_SECRET, encoding="utf-8")
    for one in known.kept:
        assert me.call("POST", f"/{one}/webhook", json=WEBHOOK).status == 200
    schema = schemathesis.openapi.from_dict(document(me, known), config=config)
    aim(schema, known)
    return watched(from_schema(schema).execute())


def aim(schema: Any, known: Known) -> None:
    """Have most calls name something that exists, and most names be free: else hardly any call would get far."""

    @schema.hook  # type: ignore[untyped-decorator]
    def map_path_parameters(context: Any, path_parameters: dict[str, Any]) -> dict[str, Any]:
        """Choose by the value itself: the same seed makes the same choices."""
        chosen = crc32(repr(path_parameters).encode())
        if not path_parameters or "integration_id" not in path_parameters or chosen % 4 == 0:
            return path_parameters
        pool = known.to(context.operation.method, context.operation.path)
        return {**path_parameters, "integration_id": pool[chosen // 4 % len(pool)]}

    @schema.hook  # type: ignore[untyped-decorator]
    def map_case(_context: Any, case: Any) -> Any:
        """Sign deliveries, each a new one: nobody guesses a signature."""
        if case.operation.path.endswith("/events"):
            signature = hmac.new(HOOK_SECRET.encode(), b"", "sha256").hexdigest()
            case.headers = {**(case.headers or {}), "X-Signature-256": f"sha256={signature}", "X-Delivery": case.id}
        return case

    @schema.hook  # type: ignore[untyped-decorator]
    def map_body(_context: Any, body: Any) -> Any:
        """Make a good name one that is probably free."""
        name = body.get("name") if isinstance(body, dict) else None
        if isinstance(name, str) and name.isprintable() and name == name.strip() and 0 < len(name) < 150:
            return {**body, "name": f"{name}-{crc32(repr(body).encode())}"}
        return body


def watched(stream: Any) -> Run:
    """Follow the run and keep what the tests ask about."""
    seen = Run()
    for event in stream:
        if isinstance(event, events.NonFatalError | events.FatalError):
            seen.errors.append(str(event.info if isinstance(event, events.NonFatalError) else event.exception))
        elif isinstance(event, events.ScenarioFinished):
            note(seen, event)
    return seen


def note(seen: Run, event: Any) -> None:
    recorder = event.recorder
    for id_, node in recorder.cases.items():
        answer = recorder.interactions.get(id_)
        if answer is None or answer.response is None:
            continue
        seen.cases[event.phase] += 1
        seen.linked += node.transition is not None
        seen.statuses.setdefault(node.value.operation.label, Counter())[answer.response.status_code] += 1
    for checks in recorder.checks.values():
        for check in checks:
            if check.status is Status.FAILURE and check.failure_info:
                failure = check.failure_info.failure
                name = f"{check.name} {failure.operation} {failure.title}"
                seen.failures.setdefault(name, f"{name}\n{failure.message}\n{check.failure_info.code_sample}"[:2000])


def document(me: Client, known: Known) -> dict[str, Any]:
    """Return the committed document, with each type's own config in the draft, and one example of each call."""
    spec: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            exemplify(operation, known.to(method, path)[0])
    plugins = me.call("GET", "/plugins").json()["items"]
    spec["components"]["schemas"]["IntegrationDraft"]["oneOf"] = [
        {
            "properties": {
                "type": {"const": plugin["type"]},
                "config": inlined(plugin["configSchema"]),
                "authRefUri": {"const": "authref://file/fuzz"}
                if plugin["credential"] == "required"
                else {"type": "null"},
                "checkIntervalSeconds": {"minimum": 60},
            },
            "required": ["authRefUri"] if plugin["credential"] == "required" else [],
        }
        for plugin in plugins
    ]
    return spec


def exemplify(operation: dict[str, Any], id_: str) -> None:
    """Add the example, and leave out the receipt, which nobody can guess: with it no registration would be accepted."""
    operation["parameters"] = [one for one in operation["parameters"] if one["name"] != "X-Test-Receipt"]
    for parameter in operation["parameters"]:
        if parameter["name"] in {"integration_id", "kind"}:
            parameter["example"] = {"integration_id": id_, "kind": "projects"}[parameter["name"]]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        named = {"setUpWebhook": WEBHOOK}
        content["example"] = named.get(operation["operationId"], draft(f"example of {operation['operationId']}"))


def inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Write a schema without references to itself: inside another document they would lead nowhere."""

    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                return walk(deepcopy(schema["$defs"][node["$ref"].rpartition("/")[2]]))
            return {name: walk(value) for name, value in node.items() if name not in {"$defs", "discriminator"}}
        return [walk(one) for one in node] if isinstance(node, list) else node

    written: dict[str, Any] = walk(schema)
    return written
