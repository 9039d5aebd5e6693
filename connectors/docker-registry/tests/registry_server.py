"""Debian's own registry server on 127.0.0.1, with images in it, and a token service it trusts.

https://distribution.github.io/distribution/about/configuration/ and
https://distribution.github.io/distribution/spec/auth/jwt/ (what a token of its holds).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import trustme

__all__ = ["HTPASSWD", "binary", "push", "running"]

# bcrypt of the fake password of `asking`, at its least cost: the server takes no other kind
HTPASSWD = "hub:$2b$04$F0HVv16AOnbCAOcrYosp.ueJbbXPoPWk0gmWKf9.t7nuCbkRbopNG"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'


def binary() -> str:
    """Return the server's program; skip the test where there is none."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "integrations-hub"
    unpacked = sorted(map(str, cache.glob("docker-registry-*/usr/bin/docker-registry")))
    found = shutil.which("docker-registry") or next(reversed(unpacked), None)
    if found is None:
        pytest.skip("no docker-registry here: make tools unpacks it on Debian")
    return found


@contextmanager
def running(
    storage: Path, *, auth: Mapping[str, object] | None = None, tls: trustme.LeafCert | None = None, prefix: str = "/"
) -> Iterator[str]:
    """Run a server over a folder of images; yield its address."""
    folder = storage.parent / f"registry-{time.monotonic_ns()}"
    folder.mkdir()
    http: dict[str, object] = {"addr": "127.0.0.1:0", "secret": "not-a-real-secret", "prefix": prefix}
    if tls:
        tls.private_key_pem.write_to_path(folder / "key.pem")
        (folder / "chain.pem").write_bytes(b"".join(one.bytes() for one in tls.cert_chain_pems))
        http["tls"] = {"key": str(folder / "key.pem"), "certificate": str(folder / "chain.pem")}
    config = {
        "version": "0.1",
        "log": {"level": "info"},
        "storage": {"filesystem": {"rootdirectory": str(storage)}},
        "http": http,
        **({"auth": auth} if auth else {}),
    }
    (folder / "config.yml").write_text(json.dumps(config))  # JSON is YAML
    log = folder / "log"
    with log.open("wb") as output:
        command = [binary(), "serve", str(folder / "config.yml")]
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder)
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{_port(process, log)}{prefix.rstrip('/')}"
        finally:
            process.kill()
            process.wait()


def push(url: str, repository: str, tags: Iterable[str] = ("1.0",), mount_from: str | None = None) -> None:
    """Push an image of one small blob under each tag; `mount_from` is a repository that has the blob already."""
    digest = f"sha256:{hashlib.sha256(_CONFIG).hexdigest()}"
    described = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": len(_CONFIG)}
    manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": described, "layers": []}
    with requests.Session() as session:
        session.trust_env = False
        mount = {"mount": digest, "from": mount_from} if mount_from else {}
        begun = session.post(f"{url}/v2/{repository}/blobs/uploads/", params=mount, timeout=10)
        if begun.status_code == 202:
            session.put(
                begun.headers["Location"], params={"digest": digest}, data=_CONFIG, timeout=10
            ).raise_for_status()
        for tag in tags:
            session.put(
                f"{url}/v2/{repository}/manifests/{tag}",
                data=json.dumps(manifest),
                headers={"Content-Type": _MANIFEST},
                timeout=10,
            ).raise_for_status()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    for _ in range(400):
        listening = re.search(r"listening on 127\.0\.0\.1:(\d+)", log.read_text())
        if listening:
            return int(listening[1])
        assert process.poll() is None, f"the registry ended while starting: {log.read_text()}"
        time.sleep(0.025)
    raise AssertionError("the registry did not come up")
