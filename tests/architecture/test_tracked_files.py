"""What is in the repository says nothing of the machine it was written on, nor where packages came from."""

import re
from pathlib import Path

import pytest

from tests.architecture.house import ROOT, texts

LOCKS = ["requirements.txt", "requirements-local.txt", "requirements-dev.txt"]
TOOLS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "tools").glob("*/requirements.txt"))
REQUIREMENT = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9._-]*)(\[[a-z0-9,_-]+\])?==[A-Za-z0-9.+!]+( ; [^\n]+)? \\\n"
    r"(    --hash=sha256:[0-9a-f]{64} \\\n)*    --hash=sha256:[0-9a-f]{64}\n"
)
# in pieces, so that this file does not hold what it looks for
REGISTRIES = re.compile(
    "|".join(
        re.escape(".".join(host))
        for host in (
            ("files", "pythonhosted", "org"),
            ("pypi", "org"),
            ("registry", "npmjs", "org"),
            ("registry", "yarnpkg", "com"),
            ("repo1", "maven", "org"),
            ("plugins", "gradle", "org"),
            ("proxy", "golang", "org"),
        )
    )
)
MACHINE = re.compile(
    "|".join(f"(?<![\\w.~$}}-])/{top}/" for top in ("wor" + "k", "roo" + "t", "hom" + "e/[a-z]+", "User" + "s"))
)


@pytest.mark.parametrize("pattern", [REGISTRIES, MACHINE], ids=["registry host names", "paths of one machine"])
def test_no_file_holds(pattern: re.Pattern[str]) -> None:
    found = [f"{path}: {match.group()}" for path, text in texts() for match in pattern.finditer(text)]
    assert found == []


def test_the_patterns_find_what_they_are_for() -> None:
    assert REGISTRIES.search("https://" + "pypi." + "org/simple")
    assert MACHINE.search("see /" + "root/.cache")
    assert not MACHINE.search("GET /api/workers/ and ./homework/")


@pytest.mark.parametrize("name", [*LOCKS, *TOOLS])
def test_a_lock_file_holds_versions_and_hashes_only(name: str) -> None:
    text = (ROOT / name).read_text()
    assert REQUIREMENT.sub("", text) == ""
    assert REQUIREMENT.search(text)


def test_each_lock_file_contains_the_smaller_one() -> None:
    pinned = [set(re.findall(r"^\S+==\S+", (ROOT / name).read_text(), re.MULTILINE)) for name in LOCKS]
    assert pinned[0] < pinned[1] < pinned[2]


def test_no_file_is_a_secret_of_a_known_kind() -> None:
    kinds = re.compile(
        "|".join(("gh" + "[pousr]_[A-Za-z0-9]{36}", "glp" + "at-[A-Za-z0-9_-]{20}", "AK" + "IA[A-Z0-9]{16}"))
    )
    assert [path for path, text in texts() if kinds.search(text)] == []


def test_license_is_the_whole_text() -> None:
    license_text = Path(ROOT / "LICENSE").read_text()
    assert "Apache License" in license_text
    assert len(license_text.splitlines()) > 190
