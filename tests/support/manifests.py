"""The Knative manifests as they are applied: what kustomize makes of an overlay."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.node_tools import node_modules

__all__ = ["KNATIVE", "OVERLAYS", "built", "kubectl", "kustomize", "named", "services"]

KNATIVE = Path(__file__).resolve().parents[2] / "infra" / "knative"
OVERLAYS = sorted(path.name for path in (KNATIVE / "overlays").iterdir())

Manifest = dict[str, Any]


@cache
def built(overlay: str) -> Sequence[Manifest]:
    """Return the manifests of an overlay; skip the test without kustomize."""
    command = [kustomize(), "build", str(KNATIVE / "overlays" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def services(overlay: str = "prod") -> Sequence[Manifest]:
    """Return the Knative Services of an overlay."""
    return [one for one in built(overlay) if one["apiVersion"] == "serving.knative.dev/v1"]


def named(kind: str, name: str, overlay: str = "prod") -> Manifest:
    """Return one manifest."""
    (found,) = [one for one in built(overlay) if one["kind"] == kind and one["metadata"]["name"] == name]
    return found


def kubectl() -> str:
    """Return Debian's command: newer ones write some objects in protobuf, which the tests' API does not read."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "integrations-hub"
    unpacked = sorted(map(str, cache.glob("kubernetes-client-*/usr/bin/kubectl")))
    if not unpacked:
        pytest.skip("Debian's kubectl is not here: make tools unpacks it on Debian")
    return unpacked[-1]


def kustomize() -> str:
    """Return the command: this machine's, else the one `make tools` installs."""
    here = shutil.which("kustomize")
    if here:
        return here
    installed = node_modules("kubernetes") / "@install-binary" / "kustomize-linux-x64" / "kustomize-linux-x64"
    if not installed.exists():
        pytest.skip(
            "kustomize not installed: make tools brings it on Linux (x86-64) only; install it from kustomize.io"
        )
    return str(installed)
