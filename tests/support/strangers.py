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
    package, info = folder / module, folder / f"{module}-1.0.dist-info"
    package.mkdir(parents=True)
    info.mkdir()
    (package / "__init__.py").write_text(source)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[integrations_hub.connectors]\n{module} = {module}:{target}\n")
    return package
