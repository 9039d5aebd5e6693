"""What of a processed template the emulator cannot do by itself, said in resources it can.

It makes an HTTP API from nothing but its own properties, so the routes, integrations and the authorizer that AWS reads
from the OpenAPI document in `Body` become resources of their own. And each function is told who runs it (`Runner`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

__all__ = ["for_emulator"]

_INTEGRATION = "x-amazon-apigateway-integration"
_AUTHORIZER = "x-amazon-apigateway-authorizer"
_RUNNER = "MINISTACK_LAMBDA_PROXY_URL"


def for_emulator(template: Mapping[str, Any], runner: str) -> dict[str, Any]:
    """Return a copy for the emulator; its functions are run by who listens at the address `runner`."""
    made = deepcopy(dict(template))
    resources: dict[str, Any] = made["Resources"]
    for name, resource in list(resources.items()):
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Lambda::Function":
            properties.setdefault("Environment", {}).setdefault("Variables", {})[_RUNNER] = runner
        elif resource["Type"] == "AWS::ApiGatewayV2::Api":
            resources.update(_of_body(name, properties.pop("Body")))
            properties |= {"Name": {"Ref": "AWS::StackName"}, "ProtocolType": "HTTP"}
            properties.pop("FailOnWarnings", None)
        elif resource["Type"] == "AWS::Lambda::EventSourceMapping":
            properties.pop("ScalingConfig", None)  # a number from a parameter stays text there, and stops its poller
    return made


def _of_body(api: str, body: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the resources that an API's document stands for, by logical id."""
    for scheme, of_scheme in body.get("components", {}).get("securitySchemes", {}).items():
        written = of_scheme[_AUTHORIZER]
        configuration = written["jwtConfiguration"]
        yield (
            scheme,
            _resource(
                "Authorizer",
                api,
                Name=scheme,
                AuthorizerType="JWT",
                IdentitySource=[written["identitySource"]],
                JwtConfiguration={"Issuer": configuration["issuer"], "Audience": configuration["audience"]},
            ),
        )
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            name = f"Route{method.title()}{''.join(letter for letter in path.title() if letter.isalnum())}"
            written = operation[_INTEGRATION]
            yield (
                f"{name}Integration",
                _resource(
                    "Integration",
                    api,
                    IntegrationType="AWS_PROXY",
                    IntegrationUri=written["uri"],
                    PayloadFormatVersion=written["payloadFormatVersion"],
                ),
            )
            yield name, _resource("Route", api, **_route(f"{method.upper()} {path}", name, operation))


def _route(key: str, name: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    target = {"Fn::Join": ["/", ["integrations", {"Ref": f"{name}Integration"}]]}
    ((scheme, scopes),) = operation["security"][0].items()
    if scheme == "NONE":
        return {"RouteKey": key, "Target": target, "AuthorizationType": "NONE"}
    authorizer = {"AuthorizationType": "JWT", "AuthorizerId": {"Ref": scheme}, "AuthorizationScopes": scopes}
    return {"RouteKey": key, "Target": target, **authorizer}


def _resource(kind: str, api: str, **properties: object) -> dict[str, Any]:
    return {"Type": f"AWS::ApiGatewayV2::{kind}", "Properties": {"ApiId": {"Ref": api}, **properties}}
