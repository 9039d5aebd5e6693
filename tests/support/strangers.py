"""Connectors of strangers, written to a folder as `pip install --target` would leave them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

TOY = """
    from integrations_hub.connector.contract import Connector, ConnectorConfig, CredentialNeed, Endpoint

    class Config(ConnectorConfig):
        endpoint: str = "https://toy.example"

    class Toy(Connector[Config]):
        type, category, version = "{type}", "test", "1.0.0"
        credential = CredentialNeed.OPTIONAL
        config_model = Config

        def endpoint(self, config):
            return Endpoint(config.endpoint)

        async def check_health(self, probe):
    {check}
"""


def toy(type_: str = "toy", check: str = "pass") -> str:
    """Return the source of a connector whose check does what `check` says."""
    body = "\n".join(" " * 12 + line for line in dedent(check).strip().splitlines())
    return dedent(TOY).replace("{type}", type_).replace("    {check}", body).replace("{check}", body)


def install(folder: Path, distribution: str, source: str, *, module: str | None = None, target: str = "Toy") -> Path:
    """Write a distribution with one connector entry point; return its package folder."""
    module = module or distribution.replace("-", "_")
    package = folder / module
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(source)
    describe_distribution(folder, distribution, module, target)
    return package


def describe_distribution(folder: Path, distribution: str, module: str, target: str) -> None:
    """Write what a distribution says of itself: its name, and its connector's entry point."""
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[integrations_hub.connectors]\n{module} = {module}:{target}\n")


HOOKS = """
    import hashlib, hmac
    from integrations_hub.connector.contract import (
        Connector, ConnectorConfig, CredentialNeed, Endpoint, EventRejected, ReceivedEvent, Resource, ResourcePage,
        Webhook, WebhookOutcome,
    )
    from integrations_hub.connector.errors import CheckFailed
    from integrations_hub.connector.reasons import Reason, StepName

    class Config(ConnectorConfig):
        endpoint: str = "https://toy.example"
        fails: str | None = None
        strange: bool = False

    class Toy(Connector[Config]):
        type, category, version = "{type}", "test", "1.0.0"
        credential = CredentialNeed.OPTIONAL
        config_model = Config
        resource_kinds, webhooks = ("things",), True

        def endpoint(self, config):
            return Endpoint(config.endpoint)

        async def check_health(self, probe):
            async with probe.step(StepName.PRODUCT) as step:
                step.evidence = "two\\nlines\\x1b[31m\\x00\\ud800" if probe.config.strange else ""

        async def discover(self, access, kind, cursor):
            self._fail(access)
            if access.config.strange:
                return ResourcePage((Resource("1\\ud800", "two\\nlines\\x00", "https://toy.example/\\x1b"),))
            first = int(cursor or 0)
            items = [Resource(str(n), f"thing-{n} {access.credential.fields.get('token', '')!r}") for n in range(first, 5)]
            return ResourcePage(tuple(items[:2]), str(first + 2) if len(items) > 2 else None)

        async def setup_webhook(self, access, order):
            self._fail(access)
            if order.resource == "strange":
                return Webhook(WebhookOutcome.CREATED, "7\\x00\\ud800", "strange", ("push\\x00", "\\ud800"))
            if order.resource == "strange error":
                raise CheckFailed(Reason.SERVER_ERROR, "7\\x00\\ud800", "")
            if order.resource in ("repeated", "repeated in an error"):
                said = f"{access.credential.fields['token'].reveal()} {order.secret.reveal()}"
                if order.resource != "repeated":
                    raise CheckFailed(Reason.SERVER_ERROR, said, said)
                return Webhook(WebhookOutcome.CREATED, said, said, (said,))
            return Webhook(WebhookOutcome.CREATED, "7", order.resource, order.events or ("push",))

        def verify_event(self, config, delivery, secret):
            made = hmac.new(secret.reveal().encode(), delivery.body, hashlib.sha256).hexdigest()
            if not hmac.compare_digest(made, delivery.headers.get("x-signature", "")):
                raise EventRejected("wrong signature")
            kind = delivery.headers.get("x-kind", "push")
            return ReceivedEvent(kind, delivery.headers.get("x-delivery"), "thing-1", foreign=kind == "foreign")

        def _fail(self, access):
            if access.config.fails == "crash":
                raise RuntimeError("a bug: " + access.credential.fields["token"].reveal())
            if access.config.fails:
                raise CheckFailed(Reason(access.config.fails), "it says no", "Ask again.", retry_after_s=7)
"""


def hooks(type_: str = "toy") -> str:
    """Return the source of a connector with resources and webhooks; `fails` in its config says how it fails."""
    return dedent(HOOKS).replace("{type}", type_)
