"""The one development Authority: issues and publishes what the hub, the command line and the IDEs need to sign in.

For one developer on one machine: it listens on 127.0.0.1 only, and whoever can read its state folder can be anyone.

    python -m local.authority serve --state .hub/authority --port 8081
    python -m local.authority token --state .hub/authority --issuer http://127.0.0.1:8081 --tenant acme
"""

from __future__ import annotations

from local.authority.authority import Authority
from local.authority.clients import Client
from local.authority.server import RunningServer, serve

__all__ = ["Authority", "Client", "RunningServer", "serve"]
