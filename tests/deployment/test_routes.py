"""template.yaml against the functions: the same routes, scopes and names, and settings that exist."""

import re
from typing import Any

import pytest

from aws.template import functions_of, read_template
from integrations_hub import settings
from integrations_hub.credentials.building import build_secrets
from local.gateway import load_functions
from tests.support.known_settings import SETTINGS
from tests.support.sam import ROOT, processed
from tests.support.sam import TEMPLATE as FILE

TEMPLATE = read_template(FILE)
FUNCTIONS = functions_of(TEMPLATE)
# a route of the inside has no function on AWS: Lambda's metrics go to CloudWatch, nobody fetches a page
GATEWAY = {one.name: one.route for one in load_functions(ROOT / "functions") if not (one.route and one.route.internal)}
SCHEDULED = {
    "SweepHealthFunction": "rate(1 minute)",
    "DeliverEventsFunction": "rate(1 minute)",
    "MaintainStorageFunction": "rate(1 hour)",
}


def events(properties: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one["Properties"] for one in properties.get("Events", {}).values() if one["Type"] == kind]


def folder(properties: dict[str, Any]) -> str:
    return str(properties["CodeUri"]).removeprefix("functions/")


def test_the_gateway_on_aws_has_the_routes_and_scopes_of_the_local_one() -> None:
    deployed = {
        folder(properties): (call["Method"], call["Path"], call["Auth"])
        for properties in FUNCTIONS.values()
        for call in events(properties, "HttpApi")
    }
    local = {
        name: (
            route.method,
            route.path,
            {"AuthorizationScopes": [route.scope]} if route.scope else {"Authorizer": "NONE"},
        )
        for name, route in GATEWAY.items()
        if route
    }
    assert deployed == local


def test_no_route_is_open_but_those_that_ask_for_no_token() -> None:
    paths = processed()["Resources"]["Api"]["Properties"]["Body"]["paths"]
    secured = {
        (method.upper(), path): operation.get("security")
        for path, methods in paths.items()
        for method, operation in methods.items()
    }
    wanted: dict[tuple[str, str], Any] = {
        (route.method, route.path): [{"Authority": [route.scope]}] if route.scope else [{"NONE": []}]
        for route in GATEWAY.values()
        if route
    }
    assert secured == wanted


def test_the_authorizer_is_the_one_the_parameters_name() -> None:
    schemes = processed()["Resources"]["Api"]["Properties"]["Body"]["components"]["securitySchemes"]
    assert schemes["Authority"]["x-amazon-apigateway-authorizer"] == {
        "jwtConfiguration": {"issuer": {"Ref": "IssuerUrl"}, "audience": [{"Ref": "Audience"}]},
        "identitySource": "$request.header.Authorization",
        "type": "jwt",
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_named_after_its_folder(name: str) -> None:
    camel = "".join(map(str.capitalize, folder(FUNCTIONS[name]).split("_")))
    connector = r"[A-Z]\w+" if camel == "RunConnector" else ""
    assert re.fullmatch(f"{camel}{connector}Function", name)


def test_calls_start_from_snapshots_and_jobs_do_not() -> None:
    for properties in FUNCTIONS.values():
        wanted = {"ApplyOn": {"Ref": "SnapStart"}} if events(properties, "HttpApi") else None
        assert properties.get("SnapStart") == wanted


def test_jobs_come_by_schedule_at_their_own_interval() -> None:
    found = {
        name: event["ScheduleExpression"]
        for name, properties in FUNCTIONS.items()
        for event in events(properties, "ScheduleV2")
    }
    assert found == SCHEDULED


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_given_settings_that_exist(name: str) -> None:
    given = set(FUNCTIONS[name].get("Environment", {}).get("Variables", {}))
    assert given <= SETTINGS


def test_every_parameter_is_used() -> None:
    text = (ROOT / "template.yaml").read_text()
    unused = [name for name in TEMPLATE["Parameters"] if not re.search(rf"!Ref {name}\b|\$\{{{name}\}}", text)]
    assert unused == []


def test_the_secret_backends_of_the_stack_are_ones_the_hub_can_build() -> None:
    # Given
    _, standard, _ = TEMPLATE["Resources"]["Backends"]["Properties"]["Value"]["Fn::If"]
    text = standard["Fn::Sub"].replace("${SecretPrefix}", "hub-dev")
    # When
    secrets = build_secrets(settings.CredentialSettings.model_validate({"SECRET_BACKENDS": text}), {})
    # Then
    assert secrets.canonical("authref://alerts/pager", "/secretRef") == "authref://alerts/pager"
    assert secrets.canonical("authref://aws-sm/robot", "/authRefUri") == "authref://aws-sm/robot"
