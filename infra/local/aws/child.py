"""A program that serves one port of 127.0.0.1: it is waited for, and stopped."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path

__all__ = ["free_ports", "stop", "wait_for"]

_STOPPING_S = 10.0


def free_ports(number: int) -> list[int]:
    """Return ports of 127.0.0.1 that nobody has now, each another."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    try:
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def wait_for(process: subprocess.Popen[bytes], port: int, within_s: float, log: Path) -> None:
    """Return once the port takes connections.

    Raises:
        OSError: it does not within the seconds, or the process ended; the message names `log`, which says why.
    """
    ends = time.monotonic() + within_s
    while process.poll() is None and time.monotonic() < ends:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise OSError(f"what should serve port {port} did not come up; its output is in {log}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop it, and kill it when it takes its time."""
    process.terminate()
    try:
        process.wait(_STOPPING_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
