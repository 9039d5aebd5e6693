"""Strangers' connectors on Lambda: each in a function of its own, which has an empty role, no database and no VPC.

The hub tells that function what to do and hands it the secrets of the call once it has said where the integration
points. It sends its requests itself, so what keeps it from the hub is the function's walls, and what keeps tenants
apart is Lambda: each tenant's calls run in environments no other tenant's ever run in (`TenantId`).
https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from uuid import uuid4

from integrations_hub.catalog.plugin import Isolation, Strangers
from integrations_hub.connector.contract import Endpoint
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.from_child import FromChild, Validated, from_child
from integrations_hub.connector.from_hub import Describe, Grant, Job, Task, Validate
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.redaction import Redactor
from integrations_hub.connector.transport import Limits
from integrations_hub.connector.wire import MAX_LINE, ProtocolBroken
from integrations_hub.plugins.bounds import Bounds
from integrations_hub.plugins.child import broken
from integrations_hub.plugins.conversation import stated
from integrations_hub.plugins.grants import Grants, NoGrants
from integrations_hub.plugins.isolated_call import DESCRIBE_S, Answer
from integrations_hub.plugins.outcomes import late
from integrations_hub.plugins.remote.host import LineBroken
from integrations_hub.plugins.remote.lambda_line import LambdaClient, invoked, lambda_client
from integrations_hub.plugins.strangers import Stranger

__all__ = ["WALLS", "FunctionCalls"]

WALLS = ("own-environment", "own-function", "own-tenant")
_REMEDY = "Give it an empty role and no setting of the hub's, outside the VPC, with tenant isolation."
_NO_PROCESS = "where strangers have functions of their own (PLUGIN_FUNCTIONS), none runs as a process"
_REMEDY_NO_PROCESS = "Deploy it as a function of its own, or allow-list it after a review (PLUGIN_ALLOW_LIST)."
_MARGIN_S = 1.0  # kept so that who is late can still say so


@dataclass(slots=True)
class FunctionCalls:
    """Makes calls, each an Invoke of the stranger's own function."""

    limits: Limits
    make_client: Callable[[], LambdaClient] = lambda_client
    _client: LambdaClient | None = None
    _lock: Lock = field(default_factory=Lock)

    async def ask(self, stranger: Stranger, task: Task, granted: Grants, seconds: float) -> Answer:
        """Have a stranger's connector do one task within the seconds.

        Raises:
            CheckFailed: it did not, or could not be given its secrets; never what the connector itself says.
        """
        if stranger.function is None:
            raise CheckFailed(Reason.CONNECTOR_UNCONFINED, _NO_PROCESS, _REMEDY_NO_PROCESS)
        ends = asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout(seconds):
                return await self._answer(stranger, task, granted, ends)
        except TimeoutError:
            raise late() from None
        except ProtocolBroken as lie:
            raise broken(f"does not keep to the protocol: {lie}") from None
        except LineBroken as cut:
            raise CheckFailed(Reason.CONNECTOR_CRASHED, cut.evidence, cut.remedy) from None

    async def isolation(self, functions: Sequence[str]) -> Isolation:
        """Tell which walls stand around strangers' functions: all of them, or why the first without them has none."""
        for name in functions:
            try:
                await self.ask(Stranger(name, Path(), "", function=name), Describe(), NoGrants(), DESCRIBE_S)
            except CheckFailed as failure:
                return Isolation(Strangers.REFUSED, (), WALLS, f"{failure.evidence}. {failure.remedy}")
        return Isolation(Strangers.CONFINED, WALLS)

    async def _answer(self, stranger: Stranger, task: Task, granted: Grants, ends: float) -> Answer:
        if isinstance(task, Describe | Validate):
            return Answer(await self._said(stranger, task, None, granted.tenant, ends), Bounds(Redactor(())))
        # first without secrets: where does it point?
        said = await self._said(stranger, Validate(config=task.config), None, granted.tenant, ends)
        if not isinstance(said, Validated):
            return Answer(said, Bounds(Redactor(())))
        endpoint, target = stated(said.endpoint)
        _refuse_certificate(endpoint)
        secrets = await granted(endpoint, target)
        said = await self._said(stranger, task, secrets.grant(), granted.tenant, ends)
        return Answer(said, Bounds(Redactor(secrets.all())))

    async def _said(
        self, stranger: Stranger, task: Task, grant: Grant | None, tenant: str | None, ends: float
    ) -> FromChild:
        left = ends - asyncio.get_running_loop().time() - _MARGIN_S
        job = Job(plugin="", seconds=max(left, 0.1), task=task)
        event = {"pluginJob": job.line().decode(), "pluginGrant": grant.line().decode() if grant else None}
        answer = await asyncio.to_thread(self._invoked, stranger.function or "", event, tenant or f"nobody:{uuid4()}")
        if "pluginRefused" in answer:
            evidence = f"the function {stranger.plugin_id} is no place for a stranger's connector"
            raise CheckFailed(Reason.CONNECTOR_UNCONFINED, evidence, _REMEDY)
        line = answer.get("pluginAnswer")
        if not isinstance(line, str) or len(line) > MAX_LINE:
            raise ProtocolBroken("its answer is none, or too long")
        return from_child(line.encode("utf-8", "replace"))

    def _invoked(self, function: str, event: Mapping[str, object], tenant: str) -> Mapping[str, object]:
        with self._lock:
            self._client = client = self._client or self.make_client()
        return invoked(client, function, event, TenantId=tenant)


def _refuse_certificate(endpoint: Endpoint) -> None:
    """Refuse a client certificate: its key is the hub's to use, and here the hub does not send the requests."""
    if endpoint.client_certificate_ref is not None:
        evidence = "a connector in a function of its own cannot present a client certificate"
        raise CheckFailed(Reason.INVALID_CONFIG, evidence, "Leave clientCertificateRef out.")
