"""The line over AWS Lambda: one synchronous Invoke of the function of the type. IAM says who may.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from threading import Lock
from typing import IO, Any, Protocol

from integrations_hub.plugins.remote.host import LineBroken
from integrations_hub.plugins.remote.messages import MAX_MESSAGE

__all__ = ["LambdaClient", "LambdaLine", "invoked", "lambda_client"]

_TIMEOUT_S = 27  # the function's own limit is 25 s, the API's gateway waits 30
_CONNECTIONS = 64
_LOOK = "Look at the log of run_connector of this type."
_REFUSALS = {
    "ResourceNotFoundException": ("is not there", "Deploy run_connector for this type, or correct CONNECTOR_FUNCTION."),
    "AccessDeniedException": ("may not be called", "Allow this function lambda:InvokeFunction on it."),
    "TooManyRequestsException": ("has too many calls", "Raise its reserved concurrency, or the account's."),
}


class LambdaClient(Protocol):
    """The part of boto3's client that is used."""

    def invoke(self, **request: Any) -> Mapping[str, Any]:
        """Call a function and wait for its answer."""


def lambda_client() -> LambdaClient:
    """Return boto3's client, as the environment configures it; nothing is asked twice."""
    import boto3  # noqa: PLC0415 - for who really calls
    from botocore.config import Config  # noqa: PLC0415 - as above

    limits = Config(
        connect_timeout=3,
        read_timeout=_TIMEOUT_S,
        retries={"total_max_attempts": 1},
        max_pool_connections=_CONNECTIONS,
    )
    client: LambdaClient = boto3.client("lambda", config=limits)
    return client


class LambdaLine:
    """Invokes the function whose name a template makes of a type (`hub-run-connector-{type}`)."""

    def __init__(self, function: str, client: Callable[[], LambdaClient] = lambda_client) -> None:
        """Hold the template; the client is made when first needed."""
        self._function = function
        self._make = client
        self._client: LambdaClient | None = None
        self._lock = Lock()

    def ask(self, type_: str, call: bytes) -> bytes:
        """Return the answer.

        Raises:
            LineBroken: there was none.
        """
        with self._lock:
            self._client = client = self._client or self._make()
        answer = invoked(client, self._function.replace("{type}", type_), {"connectorCall": call.decode()})
        text = answer.get("connectorAnswer")
        if not isinstance(text, str):
            raise LineBroken("the connector's function is none of this release's", _LOOK)
        return text.encode()


def invoked(client: LambdaClient, function: str, event: Mapping[str, object], **more: str) -> Mapping[str, object]:
    """Return what a function answers to an event.

    Raises:
        LineBroken: nothing, or nothing that can be used.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - for who really calls

    try:
        answer = client.invoke(FunctionName=function, Payload=json.dumps(event).encode(), **more)
        said = _read(answer["Payload"])
    except ClientError as refused:
        what, remedy = _REFUSALS.get(refused.response["Error"]["Code"], ("cannot be called", _LOOK))
        raise LineBroken(f"the connector's function {what}", remedy) from None
    except BotoCoreError as away:
        raise LineBroken(f"the connector's function did not answer ({type(away).__name__})", _LOOK) from None
    if "FunctionError" in answer or not isinstance(said, dict):
        raise LineBroken("the connector's function failed", _LOOK)
    return said


def _read(payload: IO[bytes]) -> object:
    """Read an answer: in JSON a text takes at most twice its length, and a little around it."""
    try:
        said: object = json.loads(payload.read(2 * MAX_MESSAGE + 1024))
    except ValueError:
        return None
    return said
