"""One rule for names: a function's folder, route, operationId and deployments are all called the same."""

import json
import re
from collections.abc import Mapping
from functools import cache

import pytest

from local.gateway import Function, load_functions
from tests.architecture.house import FUNCTIONS, ROOT

NAMES = [main.parent.name for main in FUNCTIONS]


@cache
def loaded() -> Mapping[str, Function]:
    return {function.name: function for function in load_functions(ROOT / "functions")}


def camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_verb_and_what_it_is_done_to(name: str) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", name)


@pytest.mark.parametrize("name", NAMES)
def test_the_route_bears_the_name_of_the_folder(name: str) -> None:
    route = loaded()[name].route
    assert route is None or route.name == name


def test_no_two_functions_answer_one_call() -> None:
    calls = [(function.route.method, function.route.path) for function in loaded().values() if function.route]
    assert len(set(calls)) == len(calls)


def test_every_operation_of_the_document_bears_the_name_of_its_function() -> None:
    document = json.loads((ROOT / "infra" / "openapi.json").read_text())
    operations = {
        operation["operationId"]: (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    routes = [function.route for function in loaded().values() if function.route and not function.route.internal]
    assert operations == {camel(route.name): (route.method, route.path) for route in routes}


def without_connector(name: str) -> str:
    """Return the function's own name: run_connector is deployed once per connector, whose name follows."""
    return re.sub(r"^RunConnector[A-Z]\w*$", "RunConnector", name)


@pytest.mark.parametrize("deployment", ["template.yaml", "infra/knative/base"])
def test_every_deployment_names_every_function(deployment: str) -> None:
    """Hold from the day a deployment exists: it may leave none out, and name none that is not there."""
    path, wanted = ROOT / deployment, set(NAMES)
    if deployment == "template.yaml":
        text = path.read_text() if path.exists() else ""
        # what is internal is for a network of the operator's; on AWS the gauges go to CloudWatch
        wanted = {name for name in NAMES if not ((route := loaded()[name].route) and route.internal)}
        functions = re.findall(r"^  (\w+)Function:", text, re.MULTILINE)
        named = {re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower() for name in map(without_connector, functions)}
    else:
        named = {file.stem.replace("-", "_") for file in (path / "functions").glob("*.yaml")} - {"kustomization"}
    assert named in (set(), wanted)
