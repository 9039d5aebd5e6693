"""Layers: each holds its own and nothing of the shared one's, its entry point survives, and twice built is the same."""

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tests.architecture.house import ROOT

CONNECTORS = sorted(file.parent.name for file in (ROOT / "connectors").glob("*/pyproject.toml"))
RUNTIME = f"{sys.version_info.major}.{sys.version_info.minor}"
# a clean interpreter: of what is installed here it sees the packages of others only
DISCOVER = """
import json, sys
from integrations_hub.plugins.discovery import find_trusted
found = {one.record.type: one.record.state for one in find_trusted((), frozenset())}
print(json.dumps({"found": found, "hub": sys.modules["integrations_hub"].__file__}))
"""


def build(out: Path, *names: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Build layers offline: with this interpreter, and what is installed in its environment."""
    out.parent.mkdir(parents=True, exist_ok=True)
    nothing = out.parent / "no-requirements.txt"
    nothing.write_text("")
    given = {
        "PIP_FLAGS": "--no-build-isolation --no-index",
        "REQUIREMENTS": str(nothing),
        "RUNTIME": RUNTIME,
    } | variables
    flags = [flag for name, value in given.items() for flag in ("--make", f"{name}={value}")]
    path = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": "infra"}
    command = [sys.executable, "-m", "layers", "--out", str(out), *flags, *names]
    return subprocess.run(command, cwd=ROOT, env=path, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("build") / "layers"
    done = build(out)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {"shared", *CONNECTORS} <= {line.split()[0] for line in done.stdout.splitlines()}
    return out


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gather the packages that the shared layer takes from elsewhere, by links: not the hub, nor any connector."""
    folder = tmp_path_factory.mktemp("others")
    for path in Path(str(metadata.distribution("pydantic").locate_file(""))).iterdir():
        if "integrations_hub" not in path.name and path.suffix != ".pth":
            (folder / path.name).symlink_to(path)
    return folder


def test_every_connector_has_a_layer(layers: Path) -> None:
    assert {path.name for path in layers.iterdir() if path.is_dir()} == {"shared", *CONNECTORS}


@pytest.mark.parametrize("name", CONNECTORS)
def test_a_layer_holds_its_own_and_nothing_of_the_shared_layer(layers: Path, name: str) -> None:
    shared = (ROOT / "requirements.txt").read_text()
    held = {dist.name for dist in metadata.distributions(path=[str(layers / name / "python")])}
    assert f"integrations-hub-connector-{name}" in held
    assert "integrations-hub" not in held
    assert not [one for one in held if f"\n{one}==" in f"\n{shared}"]


@pytest.mark.parametrize("name", CONNECTORS)
def test_a_layer_is_found_beside_the_shared_one(layers: Path, others: Path, name: str) -> None:
    path = os.pathsep.join(map(str, (layers / name / "python", layers / "shared" / "python", others)))
    command = [sys.executable, "-S", "-c", DISCOVER]
    shown = subprocess.run(command, env={"PYTHONPATH": path}, cwd=others, capture_output=True, text=True, check=True)
    answer = json.loads(shown.stdout)
    assert answer["found"] == {name: "active"}
    assert answer["hub"].startswith(str(layers / "shared"))


def test_bytecode_is_believed_without_a_look_at_the_source(layers: Path) -> None:
    compiled = list((layers / "harbor").rglob("*.pyc"))
    assert compiled
    # PEP 552: flags 1 is hash-based, unchecked
    assert {int.from_bytes(path.read_bytes()[4:8], "little") for path in compiled} == {1}


def test_without_the_runtimes_interpreter_it_is_said_that_there_is_no_bytecode(tmp_path: Path) -> None:
    done = build(tmp_path / "layers", "harbor", RUNTIME="9.99")
    assert done.returncode == 0
    assert "no python9.99 here: this layer has no bytecode" in done.stdout
    assert not list((tmp_path / "layers").rglob("*.pyc"))


def test_a_layer_built_again_is_the_same_file(layers: Path, tmp_path: Path) -> None:
    assert build(tmp_path / "elsewhere" / "layers", "harbor").returncode == 0
    again = tmp_path / "elsewhere" / "layers" / "harbor.zip"
    assert again.read_bytes() == (layers / "harbor.zip").read_bytes()


def test_a_layer_nobody_has_is_refused(tmp_path: Path) -> None:
    done = build(tmp_path / "layers", "jira")
    assert done.returncode == 2
    assert "there is no layer jira; there are shared, " in done.stderr
