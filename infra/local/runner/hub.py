"""Start everything in order, show it, and stop it in the reverse order."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from integrations_hub import bootstrap
from integrations_hub.credentials.core_dumps import forbid_core_dumps
from integrations_hub.health.stopping import signals_set
from integrations_hub.settings import check_settings
from integrations_hub.storage.migrate import migrate
from integrations_hub.web.scopes import SCOPES
from local.authority import Authority
from local.authority import serve as serve_authority
from local.gateway import Function, Gateway, load_functions
from local.postgres import EmbeddedPostgres, EmbeddedPostgresError
from local.runner.api import Api
from local.runner.data_folder import CannotStart, DataFolder, Running
from local.runner.demo import Harbors, register
from local.runner.display import Watcher, show
from local.runner.environment import LOGINS, environment
from local.runner.logging_to_file import logging_to
from local.runner.schedule import Schedule, tick
from local.runner.welcome import welcome
from local.server import listen, serve

__all__ = ["Companion", "Options", "Started", "mint", "run"]

_FUNCTIONS = Path(__file__).resolve().parents[3] / "functions"
_TOKEN_S = 8 * 3600
_ANOTHER_PORT = 8765


@dataclass(frozen=True, slots=True)
class Started:
    """A hub that serves: its address, its Authority's, and where to put what has to be stopped with it."""

    url: str
    issuer: str
    api: Api
    stack: ExitStack


Companion = Callable[[Started], str]
"""What is started beside the hub; it returns what a person should be told of it."""


@dataclass(frozen=True, slots=True)
class Options:
    """What `make run` was asked for."""

    data_dir: Path
    port: int
    demo: bool
    tenant: str
    companions: Sequence[Companion] = ()


def run(options: Options) -> None:
    """Run the hub until Ctrl-C or SIGTERM.

    Raises:
        CannotStart: with a sentence that says what to do.
    """
    forbid_core_dumps()
    stopped = threading.Event()
    with signals_set(stopped, signal.SIGINT, signal.SIGTERM, signal.SIGHUP), ExitStack() as stack:
        try:
            watcher = _start(options, stopped, stack)
        except EmbeddedPostgresError as refused:
            if not stopped.is_set():  # Ctrl-C ends PostgreSQL's own first steps too
                raise CannotStart(str(refused)) from None
            return
        if watcher:
            show(watcher, stopped)
        print("stopping", flush=True)


def mint(authority: Authority, tenant: str, scopes: Sequence[str] = ()) -> str:
    """Return a development token for the hub, with every scope where none is named; it lives eight hours."""
    return authority.mint(tenant, scopes or SCOPES, ttl=_TOKEN_S)


def _start(options: Options, stopped: threading.Event, stack: ExitStack) -> Watcher | None:
    """Start everything; what was started is on the stack. None when we were stopped meanwhile."""
    data = stack.enter_context(DataFolder(options.data_dir))
    listening = stack.enter_context(_port(options.port))
    stack.enter_context(logging_to(data.log))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    authority = stack.enter_context(_authority(data))
    database = stack.enter_context(_database(data))
    os.environ.update(environment(data, url, authority.issuer, database))
    check_settings()
    if stopped.is_set():
        return None
    functions = _functions(data)
    stack.callback(bootstrap.reset)
    stack.callback(serve(listening, Gateway(functions)).stop)
    inside = serve(listen(data.port("metrics")), Gateway(functions, internal=True))
    stack.callback(inside.stop)
    api = Api(url, lambda: mint(authority, options.tenant))
    if options.demo:
        register(api, data, options.tenant, stack.enter_context(_harbors(data, stopped)))
    schedule = Schedule(functions)
    stack.callback(schedule.stop)
    stack.callback(bootstrap.stopping().set)  # checks under way end at once, and what they leave is given back
    schedule.start()
    data.announce(Running(os.getpid(), url, authority.issuer))
    told = [companion(Started(url, authority.issuer, api, stack)) for companion in options.companions]
    print(
        "\n".join([welcome(url, f"{inside.url}/metrics", mint(authority, options.tenant), data, api), *told]),
        flush=True,
    )
    return Watcher(api)


@contextmanager
def _port(port: int) -> Iterator[socket.socket]:
    """Take the port before anything slow is done."""
    try:
        taken = listen(port)
    except (OSError, OverflowError) as refused:
        why = getattr(refused, "strerror", None) or "there is no such port"
        raise CannotStart(
            f"Port {port} cannot be used ({why}). Choose another: make run PORT={_ANOTHER_PORT}"
        ) from None
    with taken:
        yield taken


@contextmanager
def _authority(data: DataFolder) -> Iterator[Authority]:
    """Serve the development Authority; its keys and its port survive."""
    authority = Authority(data.path / "authority")
    server = serve_authority(authority, data.port("authority"))
    try:
        yield authority
    finally:
        server.stop()


@contextmanager
def _database(data: DataFolder) -> Iterator[Mapping[str, str]]:
    """Start PostgreSQL, bring its schema to this release, and yield one connection string per variable."""
    with EmbeddedPostgres(data.path) as server:
        owner = server.bootstrap_cluster()
        passwords = {role: server.password(role) for role in LOGINS.values()}
        migrate(owner, passwords=passwords)
        logins = {variable: server.dsn(role, passwords[role]) for variable, role in LOGINS.items()}
        yield {**logins, "OWNER_DATABASE_URL": owner}


@contextmanager
def _harbors(data: DataFolder, stopped: threading.Event) -> Iterator[Mapping[str, str]]:
    harbors = Harbors(data)
    harbors.start()
    following = threading.Thread(target=harbors.follow, args=(stopped,), name="harbors", daemon=True)
    following.start()
    try:
        yield harbors.urls
    finally:
        stopped.set()
        following.join()
        harbors.stop()


def _functions(data: DataFolder) -> Sequence[Function]:
    """Load the functions and run the one a deployment runs first, which registers the connectors."""
    functions = load_functions(_FUNCTIONS)
    first = next(function for function in functions if function.name == "migrate_database")
    if not tick(first):
        raise CannotStart(f"The database could not be brought to this release. The cause is at the end of {data.log}")
    return functions
