"""The list of what both extensions offer is sound, and agrees with the servers they talk to."""

import json
import re
from collections import Counter

import yaml

from devserver.callers import AUDIENCE
from devserver.operations import OPERATIONS
from local.authority import Authority
from local.authority.scopes import AUDIENCES, IDE_SCOPES
from tests.architecture.house import ROOT
from tests.support.sign_in import SCOPES

EXTENSIONS = ROOT / "extensions"
PARITY = json.loads((EXTENSIONS / "parity.json").read_text())
COMMANDS = {command["id"]: command for command in PARITY["commands"]}
VIEWS = {view["id"]: view for view in PARITY["views"]}
KINDS = {item["kind"] for view in PARITY["views"] for item in view["items"]}
PLACES = {"palette", "title", "item", "inline", "annotation", "status"}


def test_every_id_is_there_once_and_of_one_family() -> None:
    named = [one["id"] for part in ("views", "commands", "settings") for one in PARITY[part]]
    assert [name for name, times in Counter(named).items() if times > 1] == []
    assert [name for name in named if not re.fullmatch(r"stellaOps\.[a-z][A-Za-z]+", name)] == []


def test_what_is_referred_to_is_there() -> None:
    offered = {id_ for state in PARITY["states"] for id_ in state["offers"]}
    annotated = {id_ for annotation in PARITY["annotations"] for id_ in annotation["commands"]}
    assert offered | annotated <= COMMANDS.keys()
    children = {child for view in PARITY["views"] for item in view["items"] for child in item.get("children", [])}
    assert children <= KINDS
    for command in COMMANDS.values():
        assert set(command["where"]) <= PLACES
        assert set(command.get("kinds", [])) <= KINDS
        assert set(command.get("views", [])) <= VIEWS.keys()
        assert ("kinds" in command) == bool({"item", "inline"} & set(command["where"]))
        assert ("annotation" in command["where"]) == (command["id"] in annotated)
        assert ("asks" in command) == command["title"].endswith("…")
    states = {state["id"] for state in PARITY["states"]}
    assert set(PARITY["statusBar"]["states"]) - states == {"online", "error"}


def test_every_file_it_names_exists_and_every_vector_is_named() -> None:
    diagnostics = PARITY["diagnostics"]
    vectors = {diagnostics["vectors"], PARITY["signIn"]["vectors"], *PARITY["answers"]["vectors"]}
    assert (EXTENSIONS / diagnostics["table"]).exists()
    assert {f"api/vectors/{path.name}" for path in (EXTENSIONS / "api" / "vectors").iterdir()} == vectors


def test_diagnostics_are_those_of_the_table() -> None:
    table = json.loads((EXTENSIONS / PARITY["diagnostics"]["table"]).read_text())
    assert [one["code"] for one in table["findings"]] == PARITY["diagnostics"]["codes"]
    assert table["fixes"]["refresh"]["does"].split()[3].rstrip(";") in COMMANDS


def test_scopes_are_those_the_calls_need_and_the_authority_gives() -> None:
    asked = next(one["default"] for one in PARITY["settings"] if one["id"] == "stellaOps.scopes").split()
    assert set(asked) == set(IDE_SCOPES) == set(SCOPES.split())
    needed = {one["scope"] for part in ("views", "commands") for one in PARITY[part] if "scope" in one}
    assert needed <= set(asked)
    assert {operation.scope for operation in OPERATIONS} <= needed | {"promotion:read"}


def test_each_operation_is_one_of_its_server() -> None:
    platform = yaml.safe_load((EXTENSIONS / "api" / "platform.openapi.yaml").read_text())
    hub = json.loads((ROOT / "infra" / "openapi.json").read_text())
    known = {
        one["operationId"]
        for document in (platform, hub)
        for item in document["paths"].values()
        for one in item.values()
    }
    assert {view["operation"] for view in PARITY["views"]} <= known


def test_the_authority_knows_both_clients_and_audiences(tmp_path) -> None:
    clients = Authority(tmp_path).clients
    defaults = next(one["default"] for one in PARITY["settings"] if one["id"] == "stellaOps.clientId")
    assert set(defaults.values()) <= clients.keys()
    assert all(clients[id_].scopes == IDE_SCOPES for id_ in defaults.values())
    assert set(PARITY["signIn"]["audience"].split()) == set(AUDIENCES)
    assert AUDIENCE in AUDIENCES


def test_the_demonstration_prints_settings_that_exist() -> None:
    printed = re.findall(r"stellaOps\.\w+Url", (EXTENSIONS / "devserver" / "ide_demo.py").read_text())
    assert set(printed) == {one["id"] for one in PARITY["settings"] if one["type"] == "url"}
