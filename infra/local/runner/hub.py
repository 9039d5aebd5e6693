"""Start everything in order, show it, and stop it in the reverse order."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from integrations_hub import bootstrap
from integrations_hub.storage.migrate import migrate
from local.authority import Authority
from local.authority import serve as serve_authority
from local.gateway import Function, Gateway, load_functions
from local.postgres import EmbeddedPostgres, EmbeddedPostgresError
from local.runner.api import Api
from local.runner.data_folder import CannotStart, DataFolder, Running
from local.runner.demo import Harbors, register
from local.runner.display import Watcher, show
from local.runner.logging_to_file import logging_to
from local.runner.schedule import Schedule, tick
from local.runner.welcome import welcome
from local.server import listen, serve

__all__ = ["Options", "development_token", "run"]

_FUNCTIONS = Path(__file__).resolve().parents[3] / "functions"
_LOGINS = {"DATABASE_URL": "hub_api", "WORKER_DATABASE_URL": "hub_worker", "MAINTENANCE_DATABASE_URL": "hub_maintenance"}
_TOKEN_S = 8 * 3600


@dataclass(frozen=True, slots=True)
class Options:
    """What `make run` was asked for."""

    data_dir: Path
    port: int
    demo: bool
    tenant: str


class _Stopped(Exception):
    """Somebody asked us to stop before everything had started."""


def run(options: Options) -> None:
    """Run the hub until Ctrl-C or SIGTERM.

    Raises:
        CannotStart: with a sentence that says what to do.
    """
    with _stopping() as stopped, ExitStack() as stack:
        try:
            _start(options, stopped, stack)
        except EmbeddedPostgresError as refused:
            raise CannotStart(str(refused)) from None
        except _Stopped:
            return
        finally:
            _say("stopping" if stopped.is_set() else "")


def development_token(data: DataFolder, issuer: str, tenant: str, scopes: Sequence[str] = ()) -> str:
    """Return a token of the development Authority, with every scope where none is named."""
    authority = Authority(data.path / "authority", issuer=issuer)
    known = [scope for scope in _scopes(authority) if scope.startswith("integration:")]
    return authority.mint(tenant, scopes or known, ttl=_TOKEN_S)
