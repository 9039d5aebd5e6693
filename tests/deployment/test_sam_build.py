"""What `sam build` makes: every layer by its own Makefile, within Lambda's limits, for the machine that was asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aws.sizes import MOST_BYTES, MOST_LAYERS, Deployed, deployed, main
from tests.support.sam import QUIET, ROOT, tool_path

CONNECTORS = {"DockerRegistry", "Github", "Gitlab", "Harbor"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Build everything once, the hub's own wheels by what is installed here; return the folder and what was said."""
    folder = tmp_path_factory.mktemp("sam") / "build"
    command = ["make", "sam", "ARCHITECTURE=arm64", f"BUILD_DIR={folder}", f"SAM={tool_path('sam', 'sam')}"]
    environment = {
        **os.environ,
        **QUIET,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHON": sys.executable,
        "PIP_FLAGS": "--no-build-isolation --no-index",
    }
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


@pytest.fixture(scope="module")
def build(made: tuple[Path, str]) -> Path:
    return made[0]


@pytest.fixture(scope="module")
def functions(build: Path) -> dict[str, Deployed]:
    return {one.name: one for one in deployed(build)}


def test_every_function_is_printed_and_within_lambdas_limits(made: tuple[Path, str], functions) -> None:
    assert all(name in made[1] for name in functions)
    for one in functions.values():
        assert 0 < one.own < 1_000_000
        assert one.unzipped < MOST_BYTES
        assert len(one.layers) <= MOST_LAYERS


def test_a_connectors_layer_is_on_its_own_function_only(functions) -> None:
    for name, one in functions.items():
        connector = name.removeprefix("RunConnector").removesuffix("Function")
        own = {f"{connector}Layer"} if connector in CONNECTORS else set()
        assert set(one.layers) == {"SharedLayer"} | own
    assert {name for name, one in functions.items() if len(one.layers) == 2} == {
        f"RunConnector{one}Function" for one in CONNECTORS
    }


def test_layers_keep_what_connectors_are_found_by(build: Path) -> None:
    assert list((build / "SharedLayer" / "python").glob("integrations_hub-*.dist-info"))
    for connector in CONNECTORS:
        (points,) = (build / f"{connector}Layer" / "python").glob("*.dist-info/entry_points.txt")
        assert "[integrations_hub.connectors]" in points.read_text()


def test_native_code_is_for_the_machine_that_was_asked_for(build: Path) -> None:
    native = [path.name for path in (build / "SharedLayer").rglob("*.so")]
    assert any("cpython-313-aarch64" in name for name in native)
    assert not [name for name in native if "x86_64" in name]


def test_what_is_too_large_is_refused_before_lambda_does(build: Path, tmp_path: Path, capsys) -> None:
    # Given
    (tmp_path / "template.yaml").write_text((build / "template.yaml").read_text())
    for folder in build.glob("*Layer"):
        (tmp_path / folder.name).mkdir()
    with (tmp_path / "HarborLayer" / "ballast").open("wb") as ballast:
        ballast.truncate(MOST_BYTES + 1)
    # When / Then
    assert main([str(tmp_path)]) == 1
    assert "RunConnectorHarborFunction is over 250 MB" in capsys.readouterr().err


def test_a_folder_that_was_not_built_is_told_in_a_sentence(tmp_path: Path, capsys) -> None:
    assert main([str(tmp_path)]) == 1
    assert "holds no template.yaml: build the stack first" in capsys.readouterr().err
