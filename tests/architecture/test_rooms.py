"""Laws that import-linter does not know: who reads the environment, what a module offers, how long a file may be."""

import ast
from pathlib import Path

import pytest

from tests.architecture.house import HUB, ROOT, files, imports, tree

PRODUCT = [
    path
    for path in files()
    if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in {"shared", "connectors", "functions", "extensions"}
    if "tests" not in path.parts
]
GENERATED = {HUB / "storage" / "statements.py"}
each_module = pytest.mark.parametrize("path", PRODUCT, ids=lambda path: path.relative_to(ROOT).as_posix())


def reads_environment(path: Path) -> bool:
    attributes = (node for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute))
    read = {ast.unparse(node) for node in attributes} & {"os.environ", "os.getenv", "os.environb"}
    return bool(read | (imports(path) & {"os.environ", "os.getenv"}))


def test_the_environment_is_read_in_one_place() -> None:
    assert [path for path in PRODUCT if reads_environment(path)] == [HUB / "settings.py"]


def test_the_law_finds_who_breaks_it(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import os\nprint(os.environ['HOME'])\n")
    (tmp_path / "b.py").write_text("from os import getenv\n")
    assert reads_environment(tmp_path / "a.py")
    assert reads_environment(tmp_path / "b.py")


@each_module
def test_a_module_with_public_names_lists_what_it_offers(path: Path) -> None:
    body = tree(path).body
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    public = [node.name for node in body if isinstance(node, kinds) and not node.name.startswith("_")]
    listed = any(isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__" for node in body)
    found_by_name = (
        path.name == "main.py" or "migrations" in path.parts
    )  # the runtimes and Alembic look for fixed names
    assert listed or found_by_name or not public


@each_module
def test_a_file_is_short_enough_to_be_read_at_once(path: Path) -> None:
    # these are lists, one short item after the other, and looked up rather than read
    lists = {HUB / "bootstrap.py", HUB / "settings.py", HUB / "storage" / "tables.py"}
    limit = 575 if path in lists else 300
    assert path in GENERATED or len(path.read_text().splitlines()) <= limit


def test_nothing_patches_our_own_code() -> None:
    patched = [path.relative_to(ROOT) for path in files() if path.suffix == ".py" and "unittest.mock" in imports(path)]
    assert patched == []
