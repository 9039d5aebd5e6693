"""Functions are thin: one file of at most 40 lines, no classes, and only the rooms a function may know."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.house import FUNCTIONS, imports, tree

each_function = pytest.mark.parametrize("main", FUNCTIONS, ids=lambda main: main.parent.name)
ALLOWED = re.compile(
    r"__future__|collections\.abc|dataclasses|pathlib|typing|integrations_hub"
    r"|integrations_hub\.(bootstrap|errors|views|web)(\.\w+)?"
    r"|integrations_hub\.(audit|catalog|health|events|tenants|webhooks)\.(model|(\w+_)?views)"
)


def test_there_are_functions() -> None:
    assert len(FUNCTIONS) >= 23


@each_function
def test_a_function_is_one_short_file(main: Path) -> None:
    assert len(main.read_text().splitlines()) <= 40
    assert [path.name for path in main.parent.iterdir() if path.suffix == ".py"] == ["main.py"]


@each_function
def test_a_function_defines_no_class(main: Path) -> None:
    assert not [node.name for node in ast.walk(tree(main)) if isinstance(node, ast.ClassDef)]


@each_function
def test_a_function_has_one_handler_and_exposes_it_to_both_runtimes(main: Path) -> None:
    handlers = [node for node in tree(main).body if isinstance(node, ast.FunctionDef)]
    assigned = [node for node in tree(main).body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)]
    targets = [ast.unparse(node.targets[0]) for node in assigned if "expose" in ast.unparse(node.value)]
    assert [handler.name for handler in handlers] in (["handler"], [main.parent.name])
    assert targets in (["(lambda_handler, http)"], ["(lambda_handler, cloud_event)"])


@each_function
def test_a_handler_decides_nothing_about_business(main: Path) -> None:
    loops = [node for node in ast.walk(tree(main)) if isinstance(node, ast.For | ast.While | ast.Try)]
    assert not [ast.unparse(node) for node in loops]


@each_function
def test_a_function_imports_the_web_the_composition_root_and_views_only(main: Path) -> None:
    rooms = {name.rpartition(".")[0] if name.rpartition(".")[2][:1].isupper() else name for name in imports(main)}
    modules = {name for name in rooms if not _is_name_of(name, rooms)}
    assert not sorted(name for name in modules if not ALLOWED.fullmatch(name))


def _is_name_of(name: str, modules: set[str]) -> bool:
    """Tell a function or constant imported from a module apart from the module."""
    return name.rpartition(".")[0] in modules and name != "integrations_hub.bootstrap"
