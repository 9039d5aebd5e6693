"""Deploy a processed template to the emulator, and call what it made."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from local.aws.emulator import Emulator

__all__ = ["BUCKET", "STACK", "CannotDeploy", "Deployed", "deploy"]

BUCKET = "hub-artefacts"
STACK = "hub"
_LIMIT_S = 120


class CannotDeploy(Exception):
    """The emulator refused the stack, or a function did not do what a deployment needs; the message says why."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A stack that is there."""

    emulator: Emulator
    outputs: Mapping[str, str]

    @property
    def host(self) -> str:
        """Return the `Host` header by which the emulator knows the API."""
        name = urlsplit(self.outputs["ApiUrl"]).netloc.partition(".")[0]
        return f"{name}.execute-api.{urlsplit(self.emulator.url).netloc}"

    @property
    def api_id(self) -> str:
        """Return the API's id."""
        return self.host.partition(".")[0]

    def invoke(self, output: str, event: Mapping[str, object]) -> Any:
        """Invoke the function that an output names, and return its answer.

        Raises:
            CannotDeploy: it failed.
        """
        invoked = self.emulator.client("lambda").invoke(
            FunctionName=self.outputs[output], Payload=json.dumps(event).encode()
        )
        answer = json.load(invoked["Payload"])
        if "FunctionError" in invoked:
            raise CannotDeploy(f"{self.outputs[output]} failed: {answer}")
        return answer


def deploy(
    emulator: Emulator, template: Mapping[str, object], parameters: Mapping[str, str], kind: Literal["CREATE", "UPDATE"]
) -> Deployed:
    """Create or update the stack by a change set, and wait until it is there.

    Raises:
        CannotDeploy: with each resource that was refused, and why.
    """
    emulator.client("s3").put_object(Bucket=BUCKET, Key="template.json", Body=json.dumps(template).encode())
    cloudformation, name = emulator.client("cloudformation"), kind.lower()
    cloudformation.create_change_set(
        StackName=STACK,
        ChangeSetName=name,
        ChangeSetType=kind,
        TemplateURL=f"{emulator.url}/{BUCKET}/template.json",
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    cloudformation.execute_change_set(StackName=STACK, ChangeSetName=name)
    stack = _settled(cloudformation)
    if stack["StackStatus"] != f"{kind}_COMPLETE":
        events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
        failed = [f"{one['LogicalResourceId']}: {one.get('ResourceStatusReason')}" for one in events if _failed(one)]
        raise CannotDeploy("; ".join(failed) or stack.get("StackStatusReason", stack["StackStatus"]))
    return Deployed(emulator, {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]})


def _settled(cloudformation: Any) -> dict[str, Any]:
    ends = time.monotonic() + _LIMIT_S
    while True:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            return stack
        if time.monotonic() > ends:
            raise CannotDeploy(f"the stack is {stack['StackStatus']} after {_LIMIT_S} seconds")
        time.sleep(0.2)


def _failed(event: Mapping[str, str]) -> bool:
    return event["ResourceStatus"].endswith("_FAILED")
