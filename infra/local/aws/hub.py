"""The whole deployment on this machine: emulator, PostgreSQL, the development Authority, and the packaged stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.authority import Authority
from local.authority import serve as serve_authority
from local.aws.deployment import BUCKET, CannotDeploy, Deployed, deploy
from local.aws.emulated_template import for_emulator
from local.aws.emulator import REGION, Emulator
from local.aws.package import package
from local.aws.runner import Runner
from local.aws.settings import database_urls
from local.postgres import EmbeddedPostgres
from local.server import listen, serve

__all__ = ["EmulatedHub", "emulated_hub"]


@dataclass(frozen=True, slots=True)
class EmulatedHub:
    """A deployed hub: what it stands on, and what runs its functions."""

    deployed: Deployed
    authority: Authority
    postgres: EmbeddedPostgres
    runner: Runner
    runner_url: str
    parameters: Mapping[str, str]

    def update(self, built: Path, **changes: str) -> None:
        """Deploy another built template over this one, its parameters but for the changes as they were, and migrate.

        Raises:
            CannotBuild: the stack could not be packaged.
            CannotDeploy: the emulator refused it.
        """
        emulator = self.deployed.emulator
        template = for_emulator(package(built, emulator, BUCKET), self.runner_url)
        _migrate(deploy(emulator, template, {**self.parameters, **changes}, "UPDATE"))


@contextmanager
def emulated_hub(folder: Path, built: Path) -> Iterator[EmulatedHub]:
    """Start everything, deploy a built template, migrate the database as a deployment does; stop all afterwards.

    Raises:
        ToolMissing: a tool is not installed.
        CannotBuild: the stack could not be packaged.
        CannotDeploy: the emulator refused it.
    """
    with ExitStack() as stack:
        emulator = stack.enter_context(Emulator(folder / "emulator"))
        authority = Authority(folder / "authority")
        stack.callback(serve_authority(authority).stop)
        postgres = stack.enter_context(EmbeddedPostgres(folder))
        code = folder / "functions"
        code.mkdir(exist_ok=True)
        runner = Runner(emulator, code, stack)
        server = serve(listen(0), runner)
        stack.callback(server.stop)
        parameters = {
            "Target": "emulator",
            "SnapStart": "None",
            "IssuerUrl": authority.issuer,
            "EgressAllow": "127.0.0.0/8",
            "PublicUrl": "https://hub.example",
            **_database(postgres),
        }
        location = {"LocationConstraint": REGION}
        emulator.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
        template = package(built, emulator, BUCKET)
        deployed = deploy(emulator, for_emulator(template, server.url), parameters, "CREATE")
        _migrate(deployed)
        yield EmulatedHub(deployed, authority, postgres, runner, server.url, parameters)


def _migrate(deployed: Deployed) -> None:
    """Do what a deployment does first. A connector's function that starts too slowly beside the others is asked again.

    Raises:
        CannotDeploy: it failed, or a connector's function does not say what it carries.
    """
    for _ in range(2):
        rejected = deployed.invoke("MigrateDatabaseFunction", {})["connectors"]["rejected"]
        if not rejected:
            return
    raise CannotDeploy("\n".join(f"{one}: {why}" for one, why in rejected.items()))


def _database(postgres: EmbeddedPostgres) -> Mapping[str, str]:
    """Return the template's parameters: `DatabaseUrl` is what a function gets as DATABASE_URL."""
    urls = database_urls(postgres)
    return {variable.replace("_", " ").title().replace(" ", ""): url for variable, url in urls.items()}
