"""The packaged stack on an emulator, its functions under Lambda's own runtime: every route, the sweep, what fails.

Nothing here proves a deployment to AWS (infra/docs/local-aws.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from integrations_hub.web.routing import Route
from local.openapi import routes
from tests.support.emulated import Deployment, deployment, harbor_draft, wait_for
from tests.support.hub import API, Answer

__all__ = ["deployment"]

ROUTES: Mapping[str, Route] = {route.name: route for route in routes()}
HOOK = "not-a-real-hook-secret-1"
PUSH = {
    "type": "PUSH_ARTIFACT",
    "occur_at": 1678082303,
    "operator": "admin",
    "event_data": {"repository": {"name": "api", "namespace": "payments", "repo_full_name": "payments/api"}},
}
BODIES: Mapping[str, object] = {
    "update_settings": {"requireTestReceipt": False},
    "replay_dead_letters": {"ids": [str(uuid4())]},
    "set_up_webhook": {"webhookSecretRef": "authref://aws-sm/hook", "resource": "payments"},
    "receive_event": PUSH,
}
LAST = ("set_up_webhook", "receive_event", "delete_integration", "restore_integration")  # in this order


def test_the_api_has_every_route_and_one_authorizer(deployment: Deployment) -> None:
    gateway, api = deployment.client("apigatewayv2"), deployment.hub.deployed.api_id
    there = gateway.get_routes(ApiId=api, MaxResults="100")["Items"]
    (authorizer,) = gateway.get_authorizers(ApiId=api)["Items"]
    scopes = {one["RouteKey"]: one.get("AuthorizationScopes") or None for one in there}
    assert scopes == {f"{one.method} {one.path}": [str(one.scope)] if one.scope else None for one in ROUTES.values()}
    guarded = [one for one in there if one["AuthorizationType"] == "JWT"]
    assert {one["AuthorizerId"] for one in guarded} == {authorizer["AuthorizerId"]}
    assert len(guarded) == sum(1 for one in ROUTES.values() if one.scope)


@pytest.mark.parametrize("name", sorted(name for name, route in ROUTES.items() if route.scope))
def test_without_a_token_nobody_comes_in(deployment: Deployment, name: str) -> None:
    route = ROUTES[name]
    stranger = deployment.hub.authority.mint("acme", iss="https://nobody.example")
    wrong = deployment.hub.authority.mint("acme", ["integration:nothing"])
    answers = [deployment.call(route.method, _path(route, str(uuid4())), token) for token in ("", stranger, wrong)]
    assert [answer.status for answer in answers] == [401, 401, 403]


def test_every_endpoint_answers_as_documented(deployment: Deployment) -> None:
    # Given an integration, and a secret for its webhook
    one = deployment.register("acme")["id"]
    deployment.client("secretsmanager").create_secret(Name="hub/acme/hook", SecretString=HOOK)
    names = sorted(set(ROUTES) - {*LAST, "create_integration"}) + list(LAST)
    # When each endpoint is called
    answers = {name: _called(deployment, ROUTES[name], one) for name in names}
    # Then each gives one of its documented good answers
    good = {name: answer.status for name, answer in answers.items() if answer.status in ROUTES[name].answers}
    assert good.keys() == answers.keys(), {n: (a.status, a.body) for n, a in answers.items() if n not in good}
    assert answers["check_integration"].json()["status"] == "healthy"
    assert {item["name"] for item in answers["list_resources"].json()["items"]} == {"library", "payments"}
    assert {item["type"] for item in answers["list_plugins"].json()["items"]} == {
        *("docker-registry", "github", "gitlab", "harbor")
    }


def test_the_schedule_sweeps_and_an_alert_leaves(deployment: Deployment) -> None:
    # Given somebody who listens to the topic of alerts, and a Harbor whose robot has another password
    heard = _subscribed(deployment, deployment.hub.deployed.outputs["AlertTopic"])
    one = deployment.register("globex", password="not-a-real-secret-2", checkIntervalSeconds=60)
    # When the schedule's minute comes, the sweep queues a check and the connector's function makes it
    told = wait_for(lambda: [event for event in heard() if event["subject"] == one["id"] and "alert" in str(event)])
    # Then the alert says why, and the database has the check
    assert {event["type"] for event in told} == {"integration.health_changed"}
    shown = deployment.call("GET", f"{API}/{one['id']}", deployment.hub.authority.mint("globex")).json()
    assert (shown["status"], shown["reason"]) == ("unhealthy", "credential_rejected")


def test_a_poisoned_message_ends_among_the_dead(deployment: Deployment) -> None:
    sqs = deployment.client("sqs")
    queue = sqs.get_queue_url(QueueName="hub-checks-harbor")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
    sqs.send_message(QueueUrl=queue, MessageBody="this is no message of the hub's")
    dead = sqs.get_queue_url(QueueName="hub-checks-harbor-dead")["QueueUrl"]
    (message,) = wait_for(lambda: sqs.receive_message(QueueUrl=dead).get("Messages"))
    assert message["Body"] == "this is no message of the hub's"


def _path(route: Route, one: str) -> str:
    return route.path.replace("{integration_id}", one).replace("{type}", "harbor")


def _called(deployment: Deployment, route: Route, one: str) -> Answer:
    bodies = {
        **BODIES,
        **dict.fromkeys(("update_integration", "test_integration"), harbor_draft(deployment.harbor.url)),
    }
    headers: dict[str, str] = {}
    token = deployment.hub.authority.mint("acme") if route.scope else ""
    if route.name == "update_integration":
        shown = deployment.call("GET", f"{API}/{one}", token)
        headers["If-Match"] = shown.headers["etag"]
    if route.name == "receive_event":
        headers["Authorization"] = HOOK
    query = "?kind=projects" if route.name == "list_resources" else ""
    return deployment.call(route.method, _path(route, one) + query, token, bodies.get(route.name), headers)


def _subscribed(deployment: Deployment, topic: str) -> Any:
    sqs = deployment.client("sqs")
    queue = sqs.create_queue(QueueName=f"heard-{uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    deployment.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def heard() -> list[dict[str, Any]]:
        got = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(json.loads(one["Body"])["Message"]) for one in got]

    return heard
