"""One Knative Service per function: the one image, with the function chosen by its environment.

The fields are those Knative takes without a feature flag: https://knative.dev/docs/serving/configuration/feature-flags/
"""

from __future__ import annotations

from typing import NamedTuple

from integrations_hub.web.routing import Route
from knative.given import FUNCTIONS, TOKENS, Given
from knative.pod import HOME, Manifest, container, has_database, labels, volumes

__all__ = ["NAMESPACE", "connector_service", "kebab", "migration", "service"]

NAMESPACE = "integrations-hub"
_PORT = 8080
_CONNECT: Manifest = {"tcpSocket": {"port": _PORT}}


class _Bounds(NamedTuple):
    """How many requests a replica answers at once, the seconds each may take, the most replicas, and their memory.

    gunicorn lets what is under way finish for 30 seconds after SIGTERM; the slowest call, a check, takes 20.
    """

    at_once: int
    seconds: int
    replicas: int
    memory: str = "384Mi"


_CALLS = _Bounds(8, 60, 5)
_CHECKS = _Bounds(8, 60, 10, "768Mi")
_JOBS = {
    "deliver_events": _Bounds(1, 120, 2),
    "maintain_storage": _Bounds(1, 300, 1),
    "sweep_health": _Bounds(1, 120, 1),
}


def kebab(name: str) -> str:
    """Return a function's name as Kubernetes has it."""
    return name.replace("_", "-")


def service(name: str, route: Route | None) -> Manifest:
    """Return the Service of a call of the API, or of a job, which has no route."""
    given = FUNCTIONS[name]
    if route is None:
        # functions-framework's face for CloudEvents answers nothing else, so that the probes of a job only connect
        face = _face(name, "cloud_event", "cloudevent")
        return _service(kebab(name), given, "job", _JOBS[name], face, ready=_CONNECT, alive=_CONNECT)
    if route.scope:
        given = Given((*given.variables, *TOKENS), given.reaches, given.account)
    ready = "/readyz" if "DATABASE_URL" in given.variables else "/healthz"
    face = _face(name, "http", "http") | ({"METRICS": "prometheus"} if route.internal else {})  # it is that page
    return _service(kebab(name), given, "api", _CALLS, face, ready=_get(ready), alive=_get("/healthz"))


def connector_service(type_: str) -> Manifest:
    """Return the Service that runs the connector of one type: its face takes calls and CloudEvents alike."""
    name, alive = "run_connector", _get("/healthz")
    given, face = FUNCTIONS[name], _face(name, "http", "http")
    return _service(f"run-connector-{type_}", given, "connector", _CHECKS, face, ready=alive, alive=alive)


def migration() -> Manifest:
    """Return the Job that runs `migrate_database`, once per deployment."""
    name, given = "migrate_database", FUNCTIONS["migrate_database"]
    command = [f"{HOME}/venv/bin/python", f"{HOME}/run_once.py", name]
    pod = {
        "serviceAccountName": given.account,
        "enableServiceLinks": False,
        "restartPolicy": "Never",
        "containers": [{**container(given, {}, "384Mi"), "command": command}],
        "volumes": volumes(given),
    }
    template = {"metadata": {"labels": labels(given, "migration")}, "spec": pod}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": kebab(name), "labels": labels(given, "migration")},
        "spec": {"backoffLimit": 3, "activeDeadlineSeconds": 900, "template": template},
    }


def _face(function: str, target: str, signature: str) -> dict[str, str]:
    return {
        "FUNCTION_SOURCE": f"{HOME}/functions/{function}/main.py",
        "FUNCTION_TARGET": target,
        "FUNCTION_SIGNATURE_TYPE": signature,
    }


def _service(
    name: str, given: Given, component: str, bounds: _Bounds, face: dict[str, str], *, ready: Manifest, alive: Manifest
) -> Manifest:
    threads = str(bounds.at_once + 2)  # probes come beside the requests
    pool = {"DATABASE_POOL_SIZE": threads} if has_database(given) else {}
    pod = {
        "serviceAccountName": given.account,
        "enableServiceLinks": False,
        "containerConcurrency": bounds.at_once,
        "timeoutSeconds": bounds.seconds,
        "containers": [
            {
                **container(given, {**face, "WORKERS": "1", "THREADS": threads, **pool}, bounds.memory),
                "ports": [{"containerPort": _PORT}],
                "readinessProbe": _probe(ready, period=5, failures=3),
                "livenessProbe": _probe(alive, period=10, failures=6),
            }
        ],
        "volumes": volumes(given),
    }
    scale = {f"autoscaling.knative.dev/{end}-scale": str(of) for end, of in (("min", 0), ("max", bounds.replicas))}
    inside = {"networking.knative.dev/visibility": "cluster-local"}  # the way in is the HTTPRoutes
    template = {"metadata": {"labels": labels(given, component), "annotations": scale}, "spec": pod}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": name, "labels": {**labels(given, component), **inside}},
        "spec": {"template": template},
    }


def _get(path: str) -> Manifest:
    return {"httpGet": {"path": path, "port": _PORT}}


def _probe(how: Manifest, *, period: int, failures: int) -> Manifest:
    return {**how, "timeoutSeconds": 3, "periodSeconds": period, "failureThreshold": failures}
