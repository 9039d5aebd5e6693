"""Pods without a cluster: the process of a manifest, in its environment, confined as its security context says."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from local.runner.data_folder import free_port
from tests.support.hub import Answer

__all__ = ["Cluster", "Pod", "cloud_event"]

ROOT = Path(__file__).resolve().parents[2]
_POD = Path(__file__).with_name("pod.sh")
_START_S = 60.0
Manifest = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pod:
    """A running process of one Service."""

    port: int
    process: subprocess.Popen[bytes]

    def call(self, method: str, path: str = "/", body: object = None, **headers: str) -> Answer:
        """Send one request; `body` is sent as JSON unless it is bytes."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body, sent = json.dumps(body).encode(), {"Content-Type": "application/json", **sent}
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())

    def stop(self) -> int:
        """Send SIGTERM, as Kubernetes does; return how it ended."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


@dataclass(frozen=True, slots=True)
class Cluster:
    """What stands in for one: the image's folder, the database's, and the values of Secrets and the ConfigMap."""

    image: Path
    sockets: Path
    values: Mapping[str, str]
    logs: list[str] = field(default_factory=list)

    @contextmanager
    def running(self, service: Manifest, port: int = 0) -> Iterator[Pod]:
        """Run a Service's container until left; it must end well."""
        (container,) = service["spec"]["template"]["spec"]["containers"]
        port = port or free_port(0)
        environment = {**self._environment(container), "PORT": str(port), "HOST": "127.0.0.1"}
        command = ["/srv/hub/venv/bin/python", "-m", "functions_framework"]  # the image's entry point
        process = self._start(command, environment)
        pod = Pod(port, process)
        try:
            _until_ready(pod, container["readinessProbe"])
            yield pod
            ended = pod.stop()
        finally:
            process.kill()
            self.logs.append(process.communicate()[0].decode(errors="replace"))
        assert ended == 0, self.logs[-1]

    def run(self, job: Manifest, command: Sequence[str] = ()) -> subprocess.CompletedProcess[bytes]:
        """Run a Job's container, or a command in its place, to its end."""
        (container,) = job["spec"]["template"]["spec"]["containers"]
        process = self._start(command or container["command"], self._environment(container))
        said, _ = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, said)

    def _start(self, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        user = str(self.sockets.stat().st_uid)
        confined: list[str | Path] = ["sh", _POD, self.image, self.sockets, sys.base_prefix, ROOT, user]
        values = [f"{name}={value}" for name, value in environment.items()]
        return subprocess.Popen(
            [_unshare(), "--mount", *confined, "/usr/bin/env", "-i", *values, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(Path.home())},
        )

    def _environment(self, container: Manifest) -> dict[str, str]:
        """Return the variables of a container; a reference that nothing holds is left out if it is optional."""
        found = {}
        for variable in container["env"]:
            name, source = variable["name"], variable.get("valueFrom")
            if source is None:
                found[name] = variable["value"]
            elif name in self.values:
                found[name] = self.values[name]
            else:
                (reference,) = source.values()
                assert reference.get("optional"), f"{name} must be set"
        return found


def cloud_event(pod: Pod, attributes: Mapping[str, str], data: object, *, structured: bool) -> Answer:
    """Post a CloudEvent (1.0) in one of its two modes."""
    event = {"specversion": "1.0", "source": "/tests", **attributes}
    if structured:
        envelope = {**event, "datacontenttype": "application/json", "data": data}
        body = json.dumps(envelope).encode()
        return pod.call("POST", "/", body, Content_Type="application/cloudevents+json")
    return pod.call("POST", "/", data, **{f"Ce_{name}": value for name, value in event.items()})


def _unshare() -> str:
    found = shutil.which("unshare")
    if found is None or os.geteuid() != 0:
        pytest.skip("pods need `unshare --mount` (Linux, as root): sudo make test")
    return found


def _until_ready(pod: Pod, probe: Manifest) -> None:
    """Probe as the manifest says, until it is ready."""
    ends = time.monotonic() + _START_S
    while time.monotonic() < ends:
        try:
            with socket.create_connection(("127.0.0.1", pod.port)):
                if "tcpSocket" in probe or pod.call("GET", probe["httpGet"]["path"]).status == 200:
                    return
        except OSError:
            assert pod.process.poll() is None, "it ended before it was ready"
        time.sleep(0.05)
    raise AssertionError("it did not become ready")
