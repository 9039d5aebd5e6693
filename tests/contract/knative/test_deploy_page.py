"""The page on deploying: its commands deploy, rotate and restore, or say that they need a cluster."""

import json
import os
import re
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml

from integrations_hub.settings import ConnectorSettings, DatabaseSettings
from integrations_hub.storage.migrate import migrate
from knative.given import SECRETS
from local.postgres import EmbeddedPostgres
from local.postgres_host import find_binaries
from tests.architecture.house import ROOT
from tests.support.hub import outside_folder
from tests.support.kubernetes_api import Cluster, Kind, served_cluster
from tests.support.manifests import built, kubectl, kustomize, services
from tests.support.pages import blocks

PAGE = (ROOT / "infra" / "docs" / "deploy-knative.md").read_text()
BLOCKS = blocks("deploy-knative.md")
DATABASE = [block.text for block in BLOCKS if "pg_" in block.text]
ROW = re.compile(r"^\| (.+?) \| (\d+) \| 0 to (\d+) \| (\d+) \|$", re.MULTILINE)


KINDS = [
    Kind("v1", "ConfigMap", "configmaps"),
    Kind("v1", "Namespace", "namespaces", namespaced=False),
    Kind("v1", "Pod", "pods"),
    Kind("v1", "Secret", "secrets"),
    Kind("v1", "ServiceAccount", "serviceaccounts"),
    Kind("batch/v1", "Job", "jobs"),
    Kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
    Kind("gateway.networking.k8s.io/v1", "Gateway", "gateways"),
    Kind("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes"),
    Kind("gateway.networking.k8s.io/v1beta1", "ReferenceGrant", "referencegrants"),
    Kind("eventing.knative.dev/v1", "Broker", "brokers"),
    Kind("eventing.knative.dev/v1", "Trigger", "triggers"),
    Kind("serving.knative.dev/v1", "Revision", "revisions"),
    Kind("serving.knative.dev/v1", "Service", "services", short="ksvc"),
    Kind("sources.knative.dev/v1", "PingSource", "pingsources"),
]
LOGINS = ("hub_api", "hub_worker", "hub_maintenance")
OWNER = "postgresql://owner:an-owners-example@postgresql.example.com:5432/stellaops_integrations"


CHAPTERS = {
    block.chapter: "".join(
        one.text for one in BLOCKS if one.chapter == block.chapter and not one.needs and one.text not in DATABASE
    )
    for block in BLOCKS
    if not block.needs
}


@dataclass(frozen=True)
class Shell:
    """Runs chapters of the page in a copy of what their commands look at."""

    folder: Path
    tools: Path
    cluster: Cluster
    chapters_run: set[str] = field(default_factory=set)

    def run(self, title: str) -> str:
        """Run a chapter's commands; return what they said."""
        self.chapters_run.add(title)
        config = self.folder / "kubeconfig"
        config.write_text(json.dumps(self.cluster.kubeconfig))
        environment = {**os.environ, "PATH": f"{self.tools}:{os.environ['PATH']}", "KUBECONFIG": str(config)}
        done = subprocess.run(
            ["sh", "-eu", "-c", CHAPTERS[title]],
            cwd=self.folder,
            env=environment,
            input=f"{OWNER}\n",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def shell(tmp_path) -> Iterator[Shell]:
    folder, tools = tmp_path / "checkout", tmp_path / "tools"
    shutil.copytree(ROOT / "infra" / "knative", folder / "infra" / "knative")
    tools.mkdir()
    (tools / "kustomize").symlink_to(kustomize())
    (tools / "kubectl").symlink_to(kubectl())
    with served_cluster(KINDS) as cluster:
        cluster.add("Namespace", "kourier-system")  # Knative's own
        yield Shell(folder, tools, cluster)


def test_the_page_deploys_rotates_goes_back_and_restores(shell):
    shell.run("Say how it is here")
    documents = [one for one in yaml.safe_load_all((shell.folder / "build" / "hub.yaml").read_text()) if one]
    assert documents == list(built("prod"))

    shell.run("Make the secrets")
    its_secrets_are_those_the_manifests_name_and_hold_what_the_hub_takes(shell.cluster)
    assert not (shell.folder / "build" / "secrets").exists()

    said = shell.run("Deploy")
    assert said.index("job.batch/migrate-database condition met") < said.index("service.serving.knative.dev/")
    for one in documents:
        assert shell.cluster.named(one["kind"], one["metadata"]["name"])["apiVersion"] == one["apiVersion"]

    said = shell.run("Deploy")
    assert changes(said) == ["job.batch/migrate-database created"]

    before = contents(shell.cluster.named("Secret", "integrations-hub-receipts"))
    shell.run("Rotate")
    assert contents(shell.cluster.named("Secret", "integrations-hub-receipts")).keys() == before.keys()
    assert contents(shell.cluster.named("Secret", "integrations-hub-receipts")) != before
    for service in services():
        template = shell.cluster.named("Service", service["metadata"]["name"])["spec"]["template"]
        assert template["metadata"]["annotations"]["integrations-hub/rotated"].isdigit()

    shell.run("Upgrade and roll back")
    assert shell.cluster.named("Service", "list-integrations")["spec"]["traffic"] == [
        {"revisionName": "list-integrations-00001", "percent": 100}
    ]

    shell.cluster.add("Pod", "sweep-health-1", {"app.kubernetes.io/component": "job"}, ending=True)
    shell.run("Back up and restore")
    assert not {"PingSource", "Trigger", "HTTPRoute", "Pod"} & shell.cluster.kinds_there
    shell.run("Deploy")
    assert {"PingSource", "Trigger", "HTTPRoute"} <= shell.cluster.kinds_there

    assert shell.chapters_run == set(CHAPTERS)


def its_secrets_are_those_the_manifests_name_and_hold_what_the_hub_takes(cluster: Cluster) -> None:
    made = {name: contents(cluster.named("Secret", name)) for name in cluster.names("Secret")}
    variables = {name: value for one in made.values() for name, value in one.items()}

    assert {name: set(one) for name, one in made.items()} == {
        secret: {name} for name, secret in SECRETS.items() if name in variables
    }
    assert set(SECRETS) - set(variables) == {"EVENT_WEBHOOK_SECRET", "OTEL_EXPORTER_OTLP_HEADERS"}
    assert variables["OWNER_DATABASE_URL"] == OWNER
    database = DatabaseSettings.model_validate(variables)
    for url in (database.api, database.worker, database.maintenance):
        parts = urlsplit(url.get_secret_value())
        assert database.login_passwords[parts.username].get_secret_value() == parts.password
    assert ConnectorSettings.model_validate(variables).call_keys


def contents(secret: Mapping[str, Any]) -> dict[str, str]:
    return {name: b64decode(value).decode() for name, value in secret["data"].items()}


def changes(said: str) -> list[str]:
    return re.findall("^.* (?:created|configured)$", said, re.MULTILINE)


def test_what_was_dumped_comes_back_on_a_new_server(tmp_path):
    dump, restore = DATABASE
    with outside_folder() as old, EmbeddedPostgres(old) as server:
        migrate_with_logins(server)
        with psycopg.connect(admin(server), autocommit=True) as connection:
            connection.execute("INSERT INTO hub.tenant_settings (tenant_id) VALUES ('acme')")
        ran(dump, tmp_path, server)
    with outside_folder() as new, EmbeddedPostgres(new) as server:
        migrate_with_logins(server)
        ran(restore, tmp_path, server)
        migrate_with_logins(server)
        with psycopg.connect(admin(server)) as connection:
            assert connection.execute("SELECT tenant_id FROM hub.tenant_settings").fetchall() == [("acme",)]


def migrate_with_logins(server: EmbeddedPostgres) -> None:
    migrate(server.bootstrap_cluster(), passwords={role: server.password(role) for role in LOGINS})


def admin(server: EmbeddedPostgres) -> str:
    return server.dsn("postgres", server.password("postgres"))


def ran(text: str, folder: Path, server: EmbeddedPostgres) -> None:
    (folder / "build").mkdir(exist_ok=True)
    environment = {"PATH": f"{find_binaries(None)}:/usr/bin:/bin", "ADMIN_DATABASE_URL": admin(server)}
    subprocess.run(["sh", "-eu", "-c", text], cwd=folder, env=environment, check=True)


def test_every_secret_has_its_row():
    rows = dict(re.findall(r"^\| `(integrations-hub-[a-z-]+)` \| `([A-Z_]+)` \|", PAGE, re.MULTILINE))
    assert rows == {secret: name for name, secret in SECRETS.items()}


def test_what_commands_for_a_cluster_name_is_in_the_checkout():
    for file in re.findall(r"infra/[\w./-]+", "\n".join(block.text for block in BLOCKS if block.needs)):
        assert (ROOT / file).exists()


def test_the_table_of_scale_is_what_the_manifests_say():
    shown = {name: tuple(map(int, numbers)) for name, *numbers in ROW.findall(PAGE)}
    for service in services():
        spec, labels = service["spec"]["template"]["spec"], service["metadata"]["labels"]
        kind = {"api": "each call of the API", "connector": "each `run-connector-<type>`"}
        row = kind.get(labels["app.kubernetes.io/component"], f"`{service['metadata']['name']}`")
        most = int(service["spec"]["template"]["metadata"]["annotations"]["autoscaling.knative.dev/max-scale"])
        assert shown[row] == (spec["containerConcurrency"], most, spec["timeoutSeconds"])


def test_the_page_knows_how_many_connections_there_can_be():
    most = 0
    for service in services():
        variables = {
            one["name"]: one.get("value") for one in service["spec"]["template"]["spec"]["containers"][0]["env"]
        }
        scale = int(service["spec"]["template"]["metadata"]["annotations"]["autoscaling.knative.dev/max-scale"])
        most += int(variables.get("DATABASE_POOL_SIZE", 0)) * scale
    assert f"`base` would hold {most:,}." in PAGE
