"""Schemathesis against the development platform: it does what `platform.openapi.yaml` says, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
import schemathesis
import yaml
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema

from devserver.application import Tenants
from devserver.model import Component, Environment, Promotion, Release, Status
from devserver.platform import Platform
from tests.fuzz.test_schemathesis import CHECKS, PHASES, SEED, Run, watched
from tests.support.platform import RunningPlatform, running_platform

DOCUMENT = Path(__file__).resolve().parents[2] / "extensions" / "api" / "platform.openapi.yaml"
MOST_EXAMPLES = 12
ID = re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}")  # as the document has it
NOW = 1_800_000_000.0
WAITING = 400


def many() -> Platform:
    """Return a platform with so many promotions to decide about that the fuzzer does not run out of them."""
    part = Component("api", "registry.example.com/shop/api", "sha256:" + "0" * 64, "harbor")
    releases = [Release(f"rel-{n}", "shop", f"1.{n}", "finalized", [part], NOW, "alice") for n in range(WAITING)]
    environments = [Environment(f"env-{n}", f"env{n}", f"Environment {n}", 0, required_approvals=1) for n in range(9)]
    waiting = [
        Promotion(f"prm-{n}", release, None, environments[0], "alice", NOW, "", Status.AWAITING_APPROVAL, NOW)
        for n, release in enumerate(releases)
    ]
    return Platform(releases, environments, waiting, clock=lambda: NOW)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Run it once; the tests look at what happened."""
    with running_platform(tmp_path_factory.mktemp("authority"), tenants=Tenants(many)) as platform:
        yield run(platform)


def test_every_operation_succeeded_and_no_phase_was_empty(fuzzed: Run) -> None:
    operations = {
        f"{method.upper()} {path}"
        for path, item in yaml.safe_load(DOCUMENT.read_text())["paths"].items()
        for method in item
    }
    succeeded = {name for name, seen in fuzzed.statuses.items() if any(200 <= status < 300 for status in seen)}
    assert fuzzed.errors == []
    assert operations - succeeded == set()
    assert all(fuzzed.cases[phase] for phase in PHASES)


def test_nothing_undocumented_happened(fuzzed: Run) -> None:
    assert not fuzzed.failures, "\n\n".join(fuzzed.failures.values())


def run(platform: RunningPlatform) -> Run:
    """Let it loose as bob, who may do everything and asked for nothing yet."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "base-url": platform.url,
            "headers": {"Authorization": f"Bearer {platform.token('bob')}"},
            "continue-on-failure": True,
            "request-timeout": 60,
            "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
            "generation": {"max-examples": MOST_EXAMPLES, "database": "none", "no-shrink": True},
        }
    )
    schema = schemathesis.openapi.from_path(DOCUMENT, config=config)
    aim(schema)
    return watched(from_schema(schema).execute())


def aim(schema: Any) -> None:
    """Have most calls name something that is there, each promotion once: else hardly any call would get far."""
    used: Counter[str] = Counter()

    @schema.hook  # type: ignore[untyped-decorator]
    def map_path_parameters(context: Any, path_parameters: dict[str, Any]) -> dict[str, Any]:
        chosen = crc32(repr(path_parameters).encode())
        if not path_parameters or chosen % 4 == 0:
            return path_parameters
        if "releaseId" in path_parameters:
            return {**path_parameters, "releaseId": f"rel-{chosen % WAITING}"}
        used["promotion"] += 1
        return {**path_parameters, "promotionId": f"prm-{used['promotion'] % WAITING}"}

    @schema.hook  # type: ignore[untyped-decorator]
    def map_body(_context: Any, body: Any) -> Any:
        """Point a good draft at a release and an environment."""
        chosen = crc32(repr(body).encode())
        named = [body.get(name) for name in ("releaseId", "targetEnvironmentId")] if isinstance(body, dict) else [None]
        good = all(isinstance(id_, str) and ID.fullmatch(id_) for id_ in named)
        if not good or chosen % 4 == 0:
            return body
        return {**body, "releaseId": f"rel-{chosen % WAITING}", "targetEnvironmentId": f"env-{1 + chosen % 8}"}
