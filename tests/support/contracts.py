"""The providers' own OpenAPI documents, as the tests judge by them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tests.support.node_tools import ROOT, node_modules
from tests.support.skips import skip_not_shipped
from tests.tools.mount_contract import mount

__all__ = ["beside_the_checkout", "enterprise_server"]

_GITHUB_JSON = "application/vnd.github+json"


def enterprise_server(folder: Path, paths: Sequence[str], version: str = "3.19") -> Path:
    """Write GitHub Enterprise Server's document of these paths, under /api/v3 where it serves them, to a folder."""
    published = node_modules("prism") / "@octokit" / "openapi" / "generated" / f"ghes-{version}.json"
    mounted = mount(json.loads(published.read_text()), "/api/v3", paths, [_GITHUB_JSON])
    written = folder / f"ghes-{version}.mounted.json"
    written.write_text(json.dumps(mounted))
    return written


def beside_the_checkout(name: str) -> Path:
    """Return a document that is not the project's to publish, from ../shared/contracts; skip the test without it."""
    document = ROOT.parent / "shared" / "contracts" / name
    if not document.exists():
        skip_not_shipped(f"{name}, which is another's to publish: put it into ../shared/contracts beside the checkout")
    return document
