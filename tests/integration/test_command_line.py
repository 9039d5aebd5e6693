"""The command `hub`: a connector made from nothing passes its checks; what cannot be is a sentence."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from integrations_hub.cli.main import main
from tests.architecture.house import ROOT

NAME = "acme-registry"


def run(*command: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("connectors")
    assert main(["connectors", "new", NAME, "--into", str(into)]) == 0
    return into / NAME


def test_a_new_connector_is_a_whole_project(made: Path) -> None:
    files = {str(path.relative_to(made)) for path in made.rglob("*") if path.is_file()}
    package = "integrations_hub_acme_registry"
    modules = {f"{package}/{module}.py" for module in ("__init__", "connector", "api", "config")}
    assert files == {"pyproject.toml", "Makefile", "tests/test_acme_registry_conformance.py", *modules}
    assert not [
        path for path in made.rglob("*") if path.is_file() and "ample" in path.read_text().replace("example", "")
    ]


def test_a_new_connector_passes_the_conformance_kit(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["connectors", "check", str(made), "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)
    assert [(one["check"], one["passed"]) for one in findings] == [
        ("entry point", True), ("imports", True), ("conformance", True)
    ]  # fmt: skip
    assert "passed" in findings[2]["detail"]


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "--no-cache"],
        ["ruff", "check", "--no-cache", "--config", str(ROOT / "pyproject.toml"), "--ignore", "INP001,S105"],
        ["ruff", "format", "--check", "--no-cache"],
        ["mypy", "--strict", "--config-file=", "--cache-dir=/dev/null", "--explicit-package-bases"],
    ],
    ids=["ruff", "ruff as this house has it", "format", "mypy"],
)
def test_a_new_connector_passes_the_linters(made: Path, command: list[str]) -> None:
    done = run(sys.executable, "-m", *command, ".", folder=made)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_longest_name_leaves_it_formatted(tmp_path: Path) -> None:
    name = "m" * 32
    assert main(["connectors", "new", name, "--into", str(tmp_path)]) == 0
    done = run(sys.executable, "-m", "ruff", "format", "--check", "--no-cache", ".", folder=tmp_path / name)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Acme", "lower-case letters"),
        ("acme--registry", "joined by one hyphen"),
        ("../acme", "lower-case letters"),
        ("a" * 33, "at most 32"),
        ("class", "lower-case letters"),
        ("harbor", "installed already"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, says: str
) -> None:
    assert main(["connectors", "new", name, "--into", str(tmp_path)]) == 1
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / NAME).mkdir()
    assert main(["connectors", "new", NAME, "--into", str(tmp_path)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert list((tmp_path / NAME).iterdir()) == []


def test_a_folder_to_make_it_in_must_exist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["connectors", "new", NAME, "--into", str(tmp_path / "nowhere")]) == 1
    assert "is no folder" in capsys.readouterr().err


def test_what_is_no_connector_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["connectors", "check", str(tmp_path)]) == 1
    assert "no pyproject.toml" in capsys.readouterr().err


def change(made: Path, into: Path, file: str, old: str, new: str) -> Path:
    """Return a copy of a connector with one thing changed."""
    shutil.copytree(made, into, ignore=shutil.ignore_patterns("__pycache__"))
    changed = (into / file).read_text().replace(old, new)
    (into / file).write_text(changed)
    return into


PACKAGE = "integrations_hub_acme_registry"
TESTS = "tests/test_acme_registry_conformance.py"
ERRORS = "from integrations_hub.connector.errors"


@pytest.mark.parametrize(
    ("change_of", "finding"),
    [
        (("pyproject.toml", ".connectors", ".others"), ("entry point", "it has 0")),
        (("pyproject.toml", f'"{PACKAGE}:', '"another:'), ("entry point", "not in the folder")),
        ((f"{PACKAGE}/api.py", ERRORS, f"import integrations_hub.settings\n{ERRORS}"), ("imports", "hub.settings")),
        ((TESTS, "class Test", "class No"), ("conformance", "do not pass")),
        ((TESTS, "ConformanceKit)", "object)"), ("conformance", "do not pass")),
        (
            (f"{PACKAGE}/api.py", "raise _foreign()", "pass"),
            ("conformance", "test_knows_another_product: Everything is answered with another product's JSON"),
        ),
    ],
)
def test_what_is_wrong_with_a_connector_is_found(
    made: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change_of: tuple[str, str, str],
    finding: tuple[str, str],
) -> None:
    folder = change(made, tmp_path / NAME, *change_of)
    assert main(["connectors", "check", str(folder), "--json"]) == 1
    failed = [one for one in json.loads(capsys.readouterr().out) if not one["passed"]]
    assert [one["check"] for one in failed] == [finding[0]]
    assert finding[1] in failed[0]["detail"]


def test_tests_without_the_kit_are_found(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = change(made, tmp_path / NAME, "pyproject.toml", "", "")
    (folder / TESTS).write_text("def test_nothing(): pass\n")
    assert main(["connectors", "check", str(folder)]) == 1
    assert "no test is a subclass" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["connectors", "new"], ["connectors", "check"]])
def test_help_has_an_example(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    assert f"example:\n  hub {' '.join(command)} " in capsys.readouterr().out


def test_the_command_is_installed() -> None:
    assert "connectors" in run(str(Path(sys.executable).parent / "hub"), "--help").stdout
