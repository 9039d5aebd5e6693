"""Who may do what on AWS, read from what CloudFormation makes of template.yaml and from a migrated database.

    make rights        writes infra/docs/rights.md

A statement this file cannot put into a column is an error: no right stays out of the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["COLUMNS", "Rights", "rights_of"]

Resources = Mapping[str, Mapping[str, Any]]
COLUMNS = {
    "database": ("rds-db:connect",),
    "sends to": ("sqs:SendMessage*",),
    "receives from": ("sqs:ReceiveMessage",),
    "publishes to": ("sns:Publish",),
    "reads secrets": ("secretsmanager:GetSecretValue",),
    "calls": ("lambda:InvokeFunction",),
}
# what every function has: to write its log and trace, to be in the network, to see and delay a queue it may use anyway
_BESIDE = re.compile(r"sqs:(GetQueue\w+|(ChangeMessageVisibility|DeleteMessage)(Batch)?)")
_OF_AWS = {
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSXrayWriteOnlyAccess",
}
_PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "*", "AWS::AccountId": "*", "AWS::StackName": "<stack>"}


@dataclass(frozen=True)
class Rights:
    """What one function may: a column of the table to the things it may do it to."""

    may: dict[str, set[str]] = field(default_factory=dict)
    outside: bool = False

    def of(self, column: str) -> set[str]:
        """Return the things of a column."""
        return self.may.get(column, set())


def rights_of(template: Mapping[str, Any]) -> Mapping[str, Rights]:
    """Return each function's rights on AWS, by its logical id."""
    resources: Resources = template["Resources"]
    defaults = {name: str(one.get("Default", name)) for name, one in template["Parameters"].items()}
    reading = _Reading(resources, {**defaults, **_PSEUDO})
    return {
        name: reading.function(one["Properties"])
        for name, one in sorted(resources.items())
        if one["Type"] == "AWS::Lambda::Function"
    }


@dataclass(frozen=True)
class _Reading:
    resources: Resources
    names: Mapping[str, str]

    def function(self, properties: Mapping[str, Any]) -> Rights:
        role = self.resources[properties["Role"]["Fn::GetAtt"][0]]["Properties"]
        may: dict[str, set[str]] = {}
        for statement in self._statements(role):
            assert statement["Effect"] == "Allow", statement
            for action in _listed(statement["Action"]):
                if column := _column(action):
                    may.setdefault(column, set()).update(map(self._thing, _listed(statement["Resource"])))
        return Rights(may, outside="OutwardGroup" in str(properties.get("VpcConfig")))

    def _statements(self, role: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        for arn in role.get("ManagedPolicyArns", ()):
            if "Ref" in arn and isinstance(arn, dict):
                yield from self.resources[arn["Ref"]]["Properties"]["PolicyDocument"]["Statement"]
            else:
                name = self._text(arn).rpartition("/")[2]
                assert name in _OF_AWS, f"a policy of AWS's nobody has looked at: {name}"
        for policy in role.get("Policies", ()):
            yield from policy["PolicyDocument"]["Statement"]

    def _thing(self, resource: Any) -> str:
        """Return the last part of a name: what it is, without the account it is in."""
        return re.split(r"[:/]", self._text(resource), maxsplit=6)[-1].removeprefix("none/")

    def _text(self, value: Any) -> str:
        """Return a value as it is on AWS, resources by their own names where they have one, else by their ids."""
        if not isinstance(value, dict):
            return str(value)
        ((function, given),) = value.items()
        if function == "Ref":
            return self.names.get(given) or self._named(given)
        if function == "Fn::GetAtt":
            return self._named(given[0]) if given[1] in {"Arn", "QueueName"} else "none"
        if function == "Fn::If":
            return self._text(given[1])
        assert function == "Fn::Sub", value
        text, own = given if isinstance(given, list) else (given, {})
        return re.sub(r"\$\{([^}]+)\}", lambda hit: self._text(own[hit[1]] if hit[1] in own else {"Ref": hit[1]}), text)

    def _named(self, logical_id: str) -> str:
        properties = self.resources[logical_id].get("Properties", {})
        return self._text(properties.get("QueueName") or properties.get("FunctionName") or logical_id)


def _column(action: str) -> str | None:
    for column, actions in COLUMNS.items():
        if action in actions:
            return column
    assert _BESIDE.fullmatch(action), f"a right this table has no column for: {action}"
    return None


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]
