"""Every face as Knative runs it: installed as the image is, the process of its manifest, real requests and events."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from local.authority import Authority
from local.authority import serve as serve_authority
from local.gateway import load_functions
from local.postgres import DATABASE, MIGRATOR, EmbeddedPostgres
from local.runner.data_folder import free_port
from tests.architecture.house import ROOT
from tests.support.hub import ALL, draft, outside_folder
from tests.support.manifests import built, kustomize, named
from tests.support.pods import Cluster, Pod, cloud_event
from tests.support.receiver import Received, Receiver
from tests.support.waiting import eventually

LOGINS = {"DATABASE_URL": "hub_api", "WORKER_DATABASE_URL": "hub_worker", "MAINTENANCE_DATABASE_URL": "hub_maintenance"}
ROUTES = {function.name: function.route for function in load_functions(ROOT / "functions") if function.route}
JOBS = ("deliver_events", "maintain_storage", "sweep_health")
# what is sent, where it is not nothing, and what comes back, where it is not 200
BODIES: Mapping[str, Any] = {
    "create_integration": draft("made-by-a-pod"),
    "test_integration": draft("tested"),
    "update_integration": draft("changed", tags=["changed"]),
    "update_settings": {"requireTestReceipt": True},
    "set_up_webhook": {"webhookSecretRef": "authref://vault/hook"},
    "replay_dead_letters": {"destination": "knative"},
    "receive_event": {"any": "thing"},
}
STATUS = {"create_integration": 201, "delete_integration": 204, "receive_event": 401, "set_up_webhook": 422}
TICK = {"type": "dev.knative.sources.ping"}


@dataclass(frozen=True, slots=True)
class Ground:
    """The cluster's stand-in, and what a deployment stands on: an Authority, a broker that keeps what it is sent."""

    cluster: Cluster
    authority: Authority
    broker: Receiver
    postgres: EmbeddedPostgres

    def bearer(self, tenant: str) -> str:
        return f"Bearer {self.authority.mint(tenant, ALL, 'portal')}"

    def ask(self, pod: Pod, name: str, tenant: str, one: str = "") -> Any:
        """Call a function by its own route."""
        path = ROUTES[name].path.format(integration_id=one, type="in-memory")
        query = "?kind=projects" if name == "list_resources" else ""
        token = {"Authorization": self.bearer(tenant)} if ROUTES[name].scope else {}
        return pod.call(ROUTES[name].method, path + query, BODIES.get(name), **token)

    def once(self, name: str, tenant: str, one: str = "") -> Any:
        """Start a function's pod, call it, and let it end."""
        with self.cluster.running(named("Service", name.replace("_", "-"))) as pod:
            return self.ask(pod, name, tenant, one)

    def rows(self, query: str, *parameters: object) -> list[Any]:
        dsn = self.postgres.dsn("postgres", self.postgres.password("postgres"))
        with psycopg.connect(dsn, autocommit=True) as connection:
            return connection.execute(query.encode(), parameters).fetchall()


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """Install what the image consists of, start what a deployment stands on, and run the Job that migrates."""
    kustomize()
    with outside_folder() as folder, EmbeddedPostgres(folder) as postgres, Receiver().serving() as broker:
        authority = Authority(folder / "authority")
        issuer = serve_authority(authority)
        owner = postgres.bootstrap_cluster()
        sockets = Path(str(psycopg.conninfo.conninfo_to_dict(owner)["host"]))
        values = {
            **{name: make_conninfo(**login(postgres, role)) for name, role in LOGINS.items()},
            "OWNER_DATABASE_URL": make_conninfo(**login(postgres, MIGRATOR)),
            "ISSUER_URL": authority.issuer,
            "LOGIN_PASSWORDS": json.dumps({role: postgres.password(role) for role in LOGINS.values()}),
            "CONNECTOR_TYPES": "in-memory",
            "CONNECTOR_URL": f"http://127.0.0.1:{free_port(0)}",
            "CONNECTOR_CALL_KEY": "an obviously fake key of connector calls",
            "RECEIPT_KEY": "an obviously fake receipt key 01",
            "SECRET_BACKENDS": json.dumps({"vault": {"kind": "k8s", "root": "/srv/none"}}),
            **dict.fromkeys(("CHECK_SINK_URL", "EVENT_KICK_SINK", "K_SINK"), broker.url),
        }
        try:
            yield Ground(Cluster(installed(folder / "image"), sockets, values), authority, broker, postgres)
        finally:
            issuer.stop()


def login(postgres: EmbeddedPostgres, role: str) -> dict[str, str]:
    return {"host": "/srv/database", "user": role, "dbname": DATABASE, "password": postgres.password(role)}


def installed(folder: Path) -> Path:
    script = ROOT / "infra" / "knative" / "install.sh"
    subprocess.run(["sh", script, folder], env={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin"}, check=True)
    return folder


@pytest.fixture(scope="module")
def migrated(ground: Ground) -> dict[str, Any]:
    """Run the Job; return what it said."""
    done = ground.cluster.run(named("Job", "migrate-database"))
    assert done.returncode == 0, done.stdout.decode()
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.fixture(scope="module")
def connector(ground: Ground, migrated: object) -> Iterator[Pod]:
    """Run the in-memory connector where the others are told it is: only this pod runs connectors."""
    port = int(ground.cluster.values["CONNECTOR_URL"].rpartition(":")[2])
    with ground.cluster.running(named("Service", "run-connector-in-memory"), port) as pod:
        yield pod


@pytest.fixture(scope="module")
def ids(ground: Ground, connector: object) -> Mapping[str, str]:
    """Register by a pod what the calls are about; one of them is deleted."""
    found = made(ground, "kept", "other", "gone")
    assert ground.once("delete_integration", "acme", found["gone"]).status == 204
    return found


def test_the_job_migrates_sets_the_passwords_and_registers_the_connectors(ground, migrated):
    assert migrated["revision"]
    registered = {type_ for (type_,) in ground.rows("SELECT type FROM hub.plugin_metadata")}
    assert {"harbor", "github", "gitlab", "docker-registry", "in-memory"} <= registered


def test_the_job_may_run_again_and_says_why_when_it_cannot(ground, migrated):
    job = named("Job", "migrate-database")
    assert ground.cluster.run(job).returncode == 0
    away = Cluster(
        ground.cluster.image, ground.cluster.sockets, {**ground.cluster.values, "OWNER_DATABASE_URL": "host=/srv/none"}
    )
    failed = away.run(job)
    assert failed.returncode == 1
    assert b"migrate_database failed; trace" in failed.stdout
    assert b"Traceback" not in failed.stdout.splitlines()[-1]


@pytest.mark.parametrize("name", ROUTES)
def test_a_call_is_answered_by_the_process_of_its_manifest(ground, ids, name):
    one = ids[{"delete_integration": "other", "restore_integration": "gone"}.get(name, "kept")]

    answer = ground.once(name, "beta" if name == "update_settings" else "acme", one)

    assert answer.status == STATUS.get(name, 200), answer.body
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize("structured", [False, True], ids=["binary", "structured"])
@pytest.mark.parametrize("name", JOBS)
def test_a_schedule_starts_a_job(ground, ids, name, structured):
    with ground.cluster.running(named("Service", name.replace("_", "-"))) as pod:
        done = cloud_event(pod, {**TICK, "id": str(uuid4())}, {}, structured=structured)
        refused = pod.call("POST", "/", {"no": "event"})

    assert done.status == 200, ground.cluster.logs[-1]
    assert refused.status == 400


@pytest.mark.parametrize("structured", [False, True], ids=["binary", "structured"])
def test_the_sweep_its_broker_and_a_connector_check_what_is_due(ground, connector, structured):
    # Given one that is due
    one = made(ground, f"due-{structured}")[f"due-{structured}"]
    due_now = "UPDATE hub.integration_health SET next_check_at = now() WHERE integration_id = %s RETURNING 1"
    assert ground.rows(due_now, one) == [(1,)]
    ground.broker.reset()
    # When the sweep is started, and the broker hands on what it was sent, as its Triggers say
    with ground.cluster.running(named("Service", "sweep-health")) as pod:
        assert cloud_event(pod, {**TICK, "id": "tick"}, {}, structured=structured).status == 200
    due = [event for event in map(attributes, ground.broker.got) if event[0].get("subject") == one]
    ((event, data),) = due
    assert triggered(event) == ["run-connector-in-memory"]
    answers = [cloud_event(connector, event, data, structured=structured) for _ in range(2)]  # it may come twice
    # Then it was checked, once
    assert [answer.status for answer in answers] == [204, 204]
    assert ground.rows("SELECT count(*) FROM hub.health_checks WHERE integration_id = %s", one) == [(1,)]


def test_a_kick_starts_a_delivery_that_reaches_the_broker_of_events(ground, ids):
    ground.broker.reset()
    with ground.cluster.running(named("Service", "update-integration")) as pod:
        assert ground.ask(pod, "update_integration", "acme", ids["kept"]).status == 200
        eventually(lambda: ground.broker.got, 30)  # nobody waits for a kick
    kicks = [event for event, _ in map(attributes, ground.broker.got)]
    assert triggered(kicks[0]) == ["deliver-events"]
    with ground.cluster.running(named("Service", "deliver-events")) as pod:
        assert cloud_event(pod, kicks[0], None, structured=True).status == 200
    told = [event for event, _ in map(attributes, ground.broker.got) if event.get("subject") == ids["kept"]]
    assert "integration.updated" in {event["type"] for event in told}


@pytest.mark.parametrize("name", ["test-integration", "run-connector-in-memory"])
def test_a_pod_writes_nowhere_but_into_its_tmp(ground, name):
    tried = "for place in /srv/hub /srv/hub/venv /etc /var/tmp /dev/shm /root . /tmp; do touch $place/x && echo wrote $place; done"
    job = {"spec": {"template": {"spec": named("Service", name)["spec"]["template"]["spec"]}}}

    said = ground.cluster.run(job, ["/bin/sh", "-c", tried]).stdout.decode()

    assert [line for line in said.splitlines() if line.startswith("wrote")] == ["wrote /tmp"]


def test_a_pod_that_is_told_to_end_answers_what_it_has_begun(ground, ids):
    ground.broker.reset()
    ground.broker.takes_s = 2.0
    with ground.cluster.running(named("Service", "test-alert-route")) as pod, ThreadPoolExecutor(1) as caller:
        answer = caller.submit(ground.ask, pod, "test_alert_route", "acme")
        eventually(lambda: ground.broker.got, 30)  # the call waits for the broker now
        assert pod.stop() == 0
        assert answer.result().status == 200
        with pytest.raises(ConnectionError):
            pod.call("GET", "/healthz")
    ground.broker.reset()


def made(ground: Ground, *names: str) -> Mapping[str, str]:
    """Register integrations by a pod; return their ids."""
    token, path = ground.bearer("acme"), ROUTES["create_integration"].path
    with ground.cluster.running(named("Service", "create-integration")) as pod:
        return {name: pod.call("POST", path, draft(name), Authorization=token).json()["id"] for name in names}


def attributes(received: Received) -> tuple[dict[str, str], Any]:
    """Return the attributes and the data of an event, in whichever mode it came."""
    if received.headers["content-type"] == "application/cloudevents+json":
        event = json.loads(received.body)
        return {name: value for name, value in event.items() if isinstance(value, str)}, event.get("data")
    named_in_headers = {
        key.removeprefix("ce-"): value for key, value in received.headers.items() if key.startswith("ce-")
    }
    return named_in_headers, json.loads(received.body)


def triggered(event: Mapping[str, str]) -> list[str]:
    """Return the Services whose Trigger an event passes (exact filters, as the eventing specification has them)."""
    triggers = [one["spec"] for one in built("prod") if one["kind"] == "Trigger"]
    passed = [one for one in triggers if one["filter"]["attributes"].items() <= event.items()]
    return [one["subscriber"]["ref"]["name"] for one in passed]
