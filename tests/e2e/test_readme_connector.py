"""The README's chapter on connectors, done as a reader does it: every line as written, in an empty folder, offline."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from integrations_hub.connector.testing.__main__ import page
from tests.architecture.house import ROOT

README = (ROOT / "README.md").read_text()
CHAPTER = README.partition("\n## Write a connector\n")[2].partition("\n## ")[0]
SNIPPETS = re.findall(r"^```sh\n(.*?)^```$", CHAPTER, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reader")


def test_the_chapter_leads_to_a_passing_kit(reader: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    assert len(SNIPPETS) == 2
    said = []
    for snippet in SNIPPETS:
        # the environment of a reader who activated the hub's, and has no network to install anything from
        environment = {"PATH": path, "HOME": str(reader), "PIP_NO_INDEX": "1"}
        command = ["sh", "-e", "-c", snippet]
        done = subprocess.run(command, cwd=reader, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{snippet}\n{done.stdout}{done.stderr}"
        said.append(done.stdout)
    first, changed = said
    assert re.search(r"^passed  conformance: \d\d passed", first, re.MULTILINE)
    assert "401 from request 1 on: the reason is `wrong_product`; it must be credential_rejected." in changed
    assert re.search(r"^passed  conformance: \d\d passed", changed.splitlines()[-1])


def test_the_chapter_names_every_file_of_a_new_connector(tmp_path: Path) -> None:
    hub = Path(sys.executable).parent / "hub"
    subprocess.run([str(hub), "connectors", "new", "acme-registry"], cwd=tmp_path, check=True, capture_output=True)
    files = {path.name for path in (tmp_path / "acme-registry").rglob("*") if path.is_file()}
    assert {name for name in files if f"`{name}`" not in CHAPTER} == {"__init__.py", "pyproject.toml"}


def test_the_page_of_cases_is_what_the_kit_runs() -> None:
    written = (ROOT / "infra" / "docs" / "conformance-kit.md").read_text()
    remedy = "write it again: python -m integrations_hub.connector.testing > infra/docs/conformance-kit.md"
    assert written == "\n".join(page()).rstrip() + "\n", remedy
