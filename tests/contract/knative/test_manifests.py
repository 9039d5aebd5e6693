"""The manifests: fresh, valid by the schemas of their kinds, and within what Knative takes by default."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from integrations_hub import settings
from knative.__main__ import BASE, connector_types, manifests
from knative.given import FUNCTIONS, SECRETS
from tests.architecture.house import ROOT
from tests.support.known_settings import SETTINGS
from tests.support.kubernetes_api import fault_of
from tests.support.manifests import KNATIVE, OVERLAYS, built, named, services
from tests.support.node_tools import node_modules

VALIDATE = ROOT / "tests" / "tools" / "kubernetes" / "validate.mjs"
# what AWS has instead, or sets itself
ON_AWS = {
    "METRICS_NAMESPACE",
    "PLUGIN_FUNCTIONS",
    "AWS_LAMBDA_FUNCTION_NAME",
    "CHECK_QUEUE_URL",
    "CONNECTOR_FUNCTION",
    "EVENT_KICK_QUEUE_URL",
}
ON_AWS |= {str(field.alias) for field in settings.AwsIdentitySettings.model_fields.values()}
FOR_DEVELOPERS = {"DEVELOPMENT_SECRETS"}
# https://github.com/knative/serving/blob/main/pkg/apis/serving/fieldmask.go, without the fields behind feature flags
POD = {"containers", "containerConcurrency", "enableServiceLinks", "serviceAccountName", "timeoutSeconds", "volumes"}
CONTAINER = {
    *("name", "image", "ports", "env", "resources", "volumeMounts"),
    *("readinessProbe", "livenessProbe", "securityContext"),
}
SECURITY = {
    *("runAsNonRoot", "runAsUser", "runAsGroup", "readOnlyRootFilesystem", "allowPrivilegeEscalation"),
    *("capabilities", "seccompProfile"),
}
VOLUMES = {"emptyDir", "projected"}


def spec(service: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = service["spec"]["template"]["spec"]
    return found


def container(service: dict[str, Any]) -> dict[str, Any]:
    (found,) = spec(service)["containers"]
    return dict(found)


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for one in [*services(), named("Job", "migrate-database")]:
        yield one["metadata"]["name"], one


def faults(documents: Sequence[dict[str, Any]], folder: Path) -> list[str]:
    """Return what the schemas and the compiler have to say."""
    modules = node_modules("kubernetes")
    said = subprocess.run(
        ["node", str(VALIDATE), str(modules), str(folder / "manifests.ts")],
        input=json.dumps(documents),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    (folder / "node_modules").symlink_to(modules)
    (folder / "package.json").write_text('{"type": "module"}')
    options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022"]
    compiler = ["node", str(modules / "typescript" / "bin" / "tsc"), *options, "manifests.ts"]
    compiled = subprocess.run(compiler, cwd=folder, capture_output=True, text=True, check=False)
    own = [fault for one in documents if (fault := fault_of(one))]
    return [*said, *compiled.stdout.splitlines(), *own]


def test_what_is_committed_is_what_make_knative_writes():
    written = {file.relative_to(BASE).as_posix(): file.read_text() for file in (BASE / "functions").glob("*.yaml")}
    fresh = manifests()

    assert {name: text for name, text in fresh.items() if name.startswith("functions/")} == written
    for name in ("connectors.env", "routes.yaml"):
        assert fresh[name] == (BASE / name).read_text()


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_manifest_is_valid_and_has_no_field_its_kind_does_not_know(overlay, tmp_path):
    assert faults(built(overlay), tmp_path) == []


def test_the_judges_find_a_wrong_value_and_an_unknown_field(tmp_path):
    wrong = json.loads(json.dumps([named("PingSource", "sweep-health"), named("Job", "migrate-database")]))
    wrong[0]["spec"]["shedule"] = wrong[0]["spec"]["schedule"]
    wrong[1]["spec"]["backoffLimit"] = "three"

    said = " ".join(faults(wrong, tmp_path))

    assert "shedule" in said
    assert "Job migrate-database: data/spec/backoffLimit must be integer" in said
    assert "'three' is not of type 'integer'" in said


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_nothing_is_named_twice_and_all_but_the_grant_is_in_one_namespace(overlay):
    names = [(one["kind"], one["apiVersion"], one["metadata"]["name"]) for one in built(overlay)]
    elsewhere = {
        one["kind"] for one in built(overlay) if one["metadata"].get("namespace", "") != "integrations-hub"
    } - {"Namespace"}

    assert len(set(names)) == len(names)
    assert elsewhere == {"ReferenceGrant"}
    assert named("ReferenceGrant", "integrations-hub", overlay)["metadata"]["namespace"] == "kourier-system"


def test_knative_takes_every_field_without_a_feature_flag():
    for service in services():
        assert set(spec(service)) <= POD
        assert set(container(service)) <= CONTAINER
        assert set(container(service)["securityContext"]) <= SECURITY
        assert {kind for volume in spec(service)["volumes"] for kind in volume} - {"name"} <= VOLUMES


def test_every_pod_is_confined():
    for name, pod in pods():
        confined = container(pod)["securityContext"]
        assert confined["runAsNonRoot"], name
        assert confined["runAsUser"] >= 10_000
        assert confined["readOnlyRootFilesystem"]
        assert not confined["allowPrivilegeEscalation"]
        assert confined["capabilities"] == {"drop": ["ALL"]}
        assert confined["seccompProfile"] == {"type": "RuntimeDefault"}
        assert [one["mountPath"] for one in container(pod)["volumeMounts"] if not one.get("readOnly")] == ["/tmp"]
        assert set(container(pod)["resources"]) == {"limits", "requests"}
        assert not spec(pod)["enableServiceLinks"]


def test_every_service_is_bounded_and_has_a_thread_and_a_connection_for_each_request_and_its_probes():
    for service in services():
        fixed = {one["name"]: one.get("value") for one in container(service)["env"]}
        at_once = spec(service)["containerConcurrency"]
        scale = service["spec"]["template"]["metadata"]["annotations"]
        assert int(fixed["THREADS"]) == at_once + 2
        assert fixed["WORKERS"] == "1"
        assert fixed.get("DATABASE_POOL_SIZE", fixed["THREADS"]) == fixed["THREADS"]
        assert 1 <= int(scale["autoscaling.knative.dev/max-scale"]) <= 10
        assert 60 <= spec(service)["timeoutSeconds"] <= 300
        assert {"readinessProbe", "livenessProbe"} <= set(container(service))
        assert service["metadata"]["labels"]["networking.knative.dev/visibility"] == "cluster-local"


def test_no_manifest_holds_a_value_of_a_secret():
    for name, pod in pods():
        for variable in container(pod)["env"]:
            if variable["name"] in SECRETS:
                assert variable["valueFrom"]["secretKeyRef"]["name"] == SECRETS[variable["name"]], name
                assert "value" not in variable
    assert [one for overlay in OVERLAYS for one in built(overlay) if one["kind"] == "Secret"] == []
    for overlay in OVERLAYS:
        (config,) = [one for one in built(overlay) if one["kind"] == "ConfigMap"]
        assert set(config["data"]) <= SETTINGS
        assert not set(config["data"]) & set(SECRETS)


def test_a_changed_setting_makes_new_revisions():
    (config,) = [one for one in built("prod") if one["kind"] == "ConfigMap"]
    used = {
        variable["valueFrom"]["configMapKeyRef"]["name"]
        for _, pod in pods()
        for variable in container(pod)["env"]
        if "configMapKeyRef" in variable.get("valueFrom", {})
    }

    assert used == {config["metadata"]["name"]}
    assert used != {"integrations-hub"}


def test_every_variable_given_is_a_setting_and_every_setting_is_given_to_somebody():
    given = {variable["name"] for _, pod in pods() for variable in container(pod)["env"] if "valueFrom" in variable} | {
        "DATABASE_POOL_SIZE"
    }

    assert given == SETTINGS - ON_AWS - FOR_DEVELOPERS


def test_only_what_runs_connectors_or_delivers_may_leave_or_ask_a_secret_backend():
    delivering = {"deliver_events", "test_alert_route"}
    reaching = {
        one: {name for name, given in FUNCTIONS.items() if one in given.reaches}
        for one in ("providers", "secret-backends")
    }

    assert reaching["providers"] == {"run_connector"} | delivering
    assert reaching["secret-backends"] == reaching["providers"] | {"list_secret_backends"}
    accounts = {name: given.account for name, given in FUNCTIONS.items() if given.account != "integrations-hub"}
    assert set(accounts) == reaching["secret-backends"]
    assert [name for name, account in accounts.items() if account == "integrations-hub-connector"] == ["run_connector"]


def test_who_asks_connectors_has_the_key_of_the_calls_and_runs_none_itself():
    asking = {name: set(given.variables) for name, given in FUNCTIONS.items() if "connectors" in given.reaches}

    assert {"check_integration", "receive_event", "set_up_webhook", "sweep_health", "test_integration"} <= set(asking)
    for given in asking.values():
        assert {"CONNECTOR_CALL_KEY", "CONNECTOR_TYPES", "CONNECTOR_URL"} <= given
        assert not {"PLUGIN_PATHS", "EGRESS_ALLOW"} & given
    assert {"CONNECTOR_CALL_KEY", "CONNECTOR_URL"} & set(FUNCTIONS["run_connector"].variables) == {"CONNECTOR_CALL_KEY"}


def test_no_function_logs_in_to_the_database_as_two_roles():
    for name, given in FUNCTIONS.items():
        assert sum(variable.endswith("DATABASE_URL") for variable in given.variables) <= 1 or name == "migrate_database"


def test_the_network_denies_by_default_and_every_reach_has_its_policy():
    policies = {one["metadata"]["name"]: one["spec"] for one in built("prod") if one["kind"] == "NetworkPolicy"}
    selected = {
        label.removeprefix("integrations-hub/reaches-")
        for service in services()
        for label in service["spec"]["template"]["metadata"]["labels"]
        if label.startswith("integrations-hub/reaches-")
    }

    assert policies["deny-all"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert {f"to-{one}" for one in selected} == set(policies) - {"deny-all", "from-knative", "to-collector", "to-names"}
    for one in selected:
        assert policies[f"to-{one}"]["podSelector"]["matchLabels"] == {f"integrations-hub/reaches-{one}": "true"}
        assert policies[f"to-{one}"]["policyTypes"] == ["Egress"]


def test_no_private_network_is_a_provider():
    blocks = [to["ipBlock"] for to in named("NetworkPolicy", "to-providers")["spec"]["egress"][0]["to"]]

    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8"} <= set(
        blocks[0]["except"]
    )
    assert {"fc00::/7", "fe80::/10", "::1/128"} <= set(blocks[1]["except"])


def test_every_account_and_every_volume_that_is_named_is_there():
    accounts = {one["metadata"]["name"] for one in built("prod") if one["kind"] == "ServiceAccount"}
    assert {spec(pod)["serviceAccountName"] for _, pod in pods()} == accounts
    for _, pod in pods():
        volumes = {one["name"] for one in spec(pod)["volumes"]}
        assert {one["name"] for one in container(pod)["volumeMounts"]} == volumes
    assert all(not one["automountServiceAccountToken"] for one in built("prod") if one["kind"] == "ServiceAccount")


def test_every_connector_has_its_service_and_its_trigger():
    types = connector_types()
    assert {"harbor", "github", "gitlab", "docker-registry", "in-memory"} <= set(types)
    for type_ in types:
        trigger = named("Trigger", f"run-connector-{type_}")["spec"]
        assert trigger["subscriber"]["ref"]["name"] == f"run-connector-{type_}"
        assert trigger["filter"]["attributes"]["connectortype"] == type_
        assert named("Service", f"run-connector-{type_}")


def test_what_a_trigger_or_a_schedule_names_is_there():
    there = {one["metadata"]["name"] for one in services()}
    brokers = {one["metadata"]["name"] for one in built("prod") if one["kind"] == "Broker"}
    for one in built("prod"):
        if one["kind"] == "Trigger":
            assert one["spec"]["broker"] in brokers
            assert one["spec"]["subscriber"]["ref"]["name"] in there
        if one["kind"] == "PingSource":
            assert one["spec"]["sink"]["ref"]["name"] in there
    (config,) = [one["data"] for one in built("prod") if one["kind"] == "ConfigMap"]
    named_in_settings = {config[name].rpartition("/")[2] for name in ("CHECK_SINK_URL", "EVENT_KICK_SINK", "K_SINK")}
    assert named_in_settings == brokers
    for type_ in config["CONNECTOR_TYPES"].split(","):
        assert config["CONNECTOR_URL"].format(type=type_).split("/")[2].split(".")[0] in there


def test_hand_written_files_are_all_in_a_kustomization():
    for folder in (BASE, BASE / "functions", KNATIVE / "ingress-grant"):
        listed = yaml.safe_load((folder / "kustomization.yaml").read_text())
        files = {file.name for file in folder.glob("*.yaml")} - {"kustomization.yaml"}
        assert files <= {*listed["resources"], *listed.get("configurations", [])}
