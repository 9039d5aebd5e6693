"""Knative and AWS deploy one table: the same calls to the same functions, the same jobs as often."""

from collections.abc import Iterator, Mapping

from aws.template import functions_of, read_template
from integrations_hub.web.routing import Route
from knative.events import SCHEDULES
from local.gateway import load_functions
from tests.architecture.house import ROOT
from tests.support.manifests import built

ON_AWS = functions_of(read_template(ROOT / "template.yaml"))
LOCALLY = [
    function.route for function in load_functions(ROOT / "functions") if function.route and not function.route.internal
]
AS_OFTEN = {"* * * * *": "rate(1 minute)", "17 * * * *": "rate(1 hour)"}


def events(kind: str, value: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the function's folder and the properties of each event of a kind that has a value."""
    for properties in ON_AWS.values():
        for event in properties.get("Events", {}).values():
            if event["Type"] == kind and value in event["Properties"]:
                yield str(properties["CodeUri"]).removeprefix("functions/"), event["Properties"]


def on_knative(route: Route) -> str:
    """Return the Service that the most particular rule of a route's own path and method leads to."""
    template = route.path.replace("{integration_id}", "[0-9A-Fa-f-]{36}").replace("{type}", "[^/]+")
    found = {
        match.get("method", ""): rule["filters"][0]["urlRewrite"]["hostname"].partition(".")[0]
        for document in built("prod")
        if document["kind"] == "HTTPRoute"
        for rule in document["spec"]["rules"]
        for match in rule["matches"]
        if match["path"]["value"].removesuffix("/?") == template
    }
    return found.get(route.method) or found[""]


def test_every_call_is_one_function_s_locally_on_aws_and_on_knative():
    aws = {(event["Method"], event["Path"]): name for name, event in events("HttpApi", "Path")}

    assert aws == {(route.method, route.path): route.name for route in LOCALLY}
    assert {(route.method, route.path): on_knative(route).replace("-", "_") for route in LOCALLY} == aws


def test_every_job_comes_as_often_on_aws_and_on_knative():
    aws = {name: event["ScheduleExpression"] for name, event in events("ScheduleV2", "ScheduleExpression")}
    knative = {
        one["metadata"]["name"].replace("-", "_"): AS_OFTEN[one["spec"]["schedule"]]
        for one in built("prod")
        if one["kind"] == "PingSource"
    }

    assert set(knative) == set(SCHEDULES)
    assert knative == aws


def test_every_connector_that_aws_has_is_on_knative():
    types = {name.removeprefix("run-connector-") for name in (one["metadata"]["name"] for one in built("prod"))}
    parameter = read_template(ROOT / "template.yaml")["Parameters"]["ConnectorTypes"]["Default"]

    assert set(parameter.split(",")) <= types
