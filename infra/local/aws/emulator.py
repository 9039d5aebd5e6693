"""ministack, an emulator of AWS's services that needs no container, on 127.0.0.1 alone. https://github.com/ministackorg/ministack."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import boto3

from local.aws.child import free_ports, stop, wait_for
from local.aws.tools import tool

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["REGION", "Emulator"]

REGION = "eu-central-1"
_ACCOUNT = "000000000000"
_STARTING_S = 60.0


class Emulator:
    """One emulator with nothing in it; use it as a context manager."""

    def __init__(self, folder: Path) -> None:
        """Hold the folder its files and its log go to; nothing is started."""
        self._folder = folder.resolve()
        self.log = self._folder / "emulator.log"
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it.

        Raises:
            ToolMissing: it is not installed.
            OSError: it did not come up.
        """
        program = tool("ministack", "ministack", "ministack")
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        self._folder.mkdir(parents=True, exist_ok=True)
        settings = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self._folder),
            "TMPDIR": str(self._folder),
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",  # it would listen on every interface
            "MINISTACK_HOST": "127.0.0.1",
            "IOT_MTLS_ENABLED": "0",  # a second port, which BIND_HOST does not keep to itself
            "MINISTACK_REGION": REGION,
            "STATE_DIR": str(self._folder / "state"),
            "S3_DATA_DIR": str(self._folder / "s3"),
        }
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(program)], cwd=self._folder, env=settings, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            wait_for(self._process, port, _STARTING_S, self.log)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop it, and what it holds is gone."""
        self.stop()

    def stop(self) -> None:
        """Stop it; a second call does nothing."""
        process, self._process = self._process, None
        if process is not None:
            stop(process)

    def client(self, service: str) -> Any:
        """Return a client of one of its services."""
        return boto3.Session(region_name=REGION).client(
            service,
            endpoint_url=self.url,
            aws_access_key_id="not-a-real-key-id",
            aws_secret_access_key="not-a-real-key",  # noqa: S106 - nobody's
        )

    @property
    def environment(self) -> Mapping[str, str]:
        """Return what points a program's AWS clients here, and nowhere else."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "not-a-real-key-id",
            "AWS_SECRET_ACCESS_KEY": "not-a-real-key",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
