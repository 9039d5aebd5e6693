"""The commands a person reads about exist, and each is explained where it is listed."""

import re
import subprocess

import pytest

from tests.architecture.house import ROOT, texts

MAKEFILE = (ROOT / "Makefile").read_text()
DOCUMENTED = dict(re.findall(r"^([a-z-]+):.*## (.+)$", MAKEFILE, re.MULTILINE))
PHONY = set(" ".join(re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)).split())
PROSE = [(path, text) for path, text in texts() if path.suffix in {".md", ".py", ".yml", ".yaml"}]


def test_every_target_is_documented_and_every_documented_one_is_phony() -> None:
    assert set(DOCUMENTED) == PHONY


def test_make_alone_lists_every_target_with_its_sentence() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target, sentence in DOCUMENTED.items():
        assert re.search(rf"make {target} +{re.escape(sentence)}", listed)


def test_every_command_written_about_exists() -> None:
    mentioned = {
        (str(path), target)
        for path, text in PROSE
        for target in re.findall(r"(?:`|^\s*)make ([a-z][a-z-]+)", text, re.MULTILINE)
    }
    assert {("README.md", "run"), ("README.md", "test")} <= mentioned
    assert sorted(one for one in mentioned if one[1] not in PHONY) == []


def test_readme_begins_with_the_two_commands_and_says_where_they_were_run() -> None:
    readme = (ROOT / "README.md").read_text()
    commands = re.findall(r"^ *make (\w+)", readme, re.MULTILINE)
    assert commands[:2] == ["run", "test"]
    assert "Debian" in readme
    assert "macOS" in readme


def test_recipes_stay_relative_so_that_a_path_may_hold_spaces() -> None:
    assert not re.search(r"\$\((CURDIR|PWD|abspath|realpath)", MAKEFILE)


def test_every_test_a_document_names_exists() -> None:
    named = {name for path, text in PROSE if path.suffix == ".md" for name in re.findall(r"`(tests/[\w./]+)`", text)}
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_links_between_documents_lead_somewhere(name: str) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / name).read_text())
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_continuous_integration_runs_the_same_command_and_allows_no_skip() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert "export HUB_REQUIRE=all" in script.read_text()
    assert re.search(r"^exec make test$", script.read_text(), re.MULTILINE)
