"""Run the Authority, or mint one token at the terminal."""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path

from local.authority import Authority, serve
from local.authority.scopes import SCOPES


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(prog="python -m local.authority", description=__doc__)
    parser.add_argument("command", choices=("serve", "token"))
    parser.add_argument("--state", type=Path, required=True, help="the folder of its keys and clients")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--issuer", default="", help="the URL others reach it under; default http://127.0.0.1:<port>")
    parser.add_argument("--tenant", default="dev")
    parser.add_argument("--scope", default=" ".join(SCOPES))
    parser.add_argument("--subject", default="hub-dev")
    parser.add_argument("--ttl", type=float, default=3600, help="seconds")
    given = parser.parse_args()
    authority = Authority(given.state, issuer=given.issuer or f"http://127.0.0.1:{given.port}")
    if given.command == "token":
        print(authority.mint(given.tenant, given.scope.split(), given.subject, given.ttl))
    else:
        _serve(authority, given.port)


def _serve(authority: Authority, port: int) -> None:
    stopped = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: stopped.set())
    running = serve(authority, port)
    print(
        f"Authority at {running.url} (issuer {authority.issuer}); clients: {', '.join(authority.clients)}", flush=True
    )
    stopped.wait()
    running.stop()


if __name__ == "__main__":
    main()
