"""Bring the whole deployment up on this machine, print a call that works, and stop all of it at Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType

from local.aws.deployment import CannotDeploy
from local.aws.hub import EmulatedHub, emulated_hub
from local.aws.package import CannotBuild, build
from local.aws.tools import ROOT, ToolMissing
from local.postgres import EmbeddedPostgresError

_BUILT = ROOT / ".aws-sam" / "local"
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Run until Ctrl-C or SIGTERM; a foreseeable fault is a sentence and status 1."""
    parser = argparse.ArgumentParser(
        prog="python -m local.aws", description=__doc__, epilog="example: make aws-local TENANT=acme"
    )
    parser.add_argument("--tenant", default="demo", help="whose token is printed (%(default)s)")
    tenant = parser.parse_args().tenant
    for number in _ENDING:
        signal.signal(number, _end)
    try:
        _run(tenant)
    except KeyboardInterrupt:
        print("stopped", flush=True)
    except (CannotBuild, CannotDeploy, ToolMissing, EmbeddedPostgresError, OSError) as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


def _end(_number: int, _frame: FrameType | None) -> None:
    """End whatever is going on, and let nothing disturb the clearing up."""
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run(tenant: str) -> None:
    print("building the stack", flush=True)
    built = build(_BUILT)
    with tempfile.TemporaryDirectory(prefix="hub-aws-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL's own user passes through
        print("starting and deploying", flush=True)
        with emulated_hub(folder, built) as hub:
            print(_welcome(hub, tenant), flush=True)
            threading.Event().wait()


def _welcome(hub: EmulatedHub, tenant: str) -> str:
    emulator = hub.deployed.emulator
    token = hub.authority.mint(tenant, ttl=8 * 3600)
    return f"""
The stack is deployed to an emulator at {emulator.url}; its functions run under Lambda's own runtime.
Nothing here proves a deployment to AWS.

  TOKEN={token}

  curl -sS -H "Host: {hub.deployed.host}" -H "Authorization: Bearer $TOKEN" {emulator.url}/api/v1/integrations/plugins

Any AWS tool sees it with AWS_ENDPOINT_URL={emulator.url} and keys that are nobody's.
What it printed: {hub.runner.folder} (functions), {emulator.log} (emulator). Ctrl-C stops all of it and forgets it."""


if __name__ == "__main__":
    sys.exit(main())
