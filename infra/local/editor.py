"""VS Code in a browser with the extension in it, where `make tools` and `npm run package` left both.

It asks for a password made for this run: whoever is in an editor can run programs as who started it.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING
from urllib.parse import quote

from integrations_hub.settings import environment
from local.runner.data_folder import CannotStart, free_port

if TYPE_CHECKING:
    from local.runner.hub import Started

__all__ = ["an_editor"]

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGE = _ROOT / "extensions" / "vscode" / "dist" / "vscode-stella-ops.vsix"
_ABSENT = (
    "  For VS Code in your browser with the extension in it: make tools, then npm run package in extensions/vscode,\n"
    "  and start again.\n"
)
_READY_S = 60.0
_ENDING_S = 10.0
_FLAGS = ("--disable-telemetry", "--disable-update-check", "--disable-getting-started-override", "--ignore-last-opened")


def an_editor(folder: Path, port: int, settings: Mapping[str, str], workspace: Path) -> Callable[[Started], str]:
    """Return what starts the editor on 127.0.0.1 and says where it is; 0 takes a free port.

    `settings` are the extension's, read when it is started.

    Raises, when it is started:
        CannotStart: it did not begin to serve.
    """

    def begin(hub: Started) -> str:
        server = _server()
        if server is None or not _PACKAGE.exists():
            return _ABSENT
        home = folder.resolve() / "editor"
        given = _prepared(home, settings)
        kept = ["--user-data-dir", str(home / "data"), "--extensions-dir", str(home / "extensions")]
        installing = [*server, *kept, "--install-extension", str(_PACKAGE), "--force"]
        installed = subprocess.run(installing, env=given, capture_output=True, text=True, check=False)
        if installed.returncode:
            raise CannotStart(f"The extension could not be installed: {installed.stderr.strip()[-500:]}")
        at = port or free_port(0)
        address = ["--bind-addr", f"127.0.0.1:{at}", "--auth", "password", "--config", str(home / "config.yaml")]
        running = subprocess.Popen(
            [*server, *kept, *address, *_FLAGS],
            env=given,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches us alone; we end it
        )
        hub.stack.callback(_end, running)
        _await(at, running)
        return (
            f"editor ready: http://127.0.0.1:{at}/?folder={quote(str(workspace))}\n"
            f"  its password: {given['PASSWORD']}\n"
        )

    return begin


def _server() -> list[str] | None:
    """Return the command of code-server as `tests/tools/editor.sh` installs it, None where it has not."""
    cache = Path(environment().get("XDG_CACHE_HOME") or Path.home() / ".cache") / "integrations-hub"
    versions = json.loads((_ROOT / "tests/tools/code-server/package.json").read_text(encoding="utf-8"))
    named = "-".join(("code-server", *versions["devDependencies"].values()))
    node, entry = cache / named / "node/bin/node", cache / named / "node_modules/code-server/out/node/entry.js"
    return [str(node), str(entry)] if node.exists() and entry.exists() else None


def _prepared(home: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Write the machine's settings; return an environment in which nothing is asked for off this machine."""
    for place in ("data/Machine", "extensions", "home"):
        (home / place).mkdir(parents=True, exist_ok=True)
    (home / "data/Machine/settings.json").write_text(json.dumps(dict(settings), indent=1), encoding="utf-8")
    own = {name: str(home / "home") for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    gallery = {"EXTENSIONS_GALLERY": '{"serviceUrl":""}'}
    return {**environment(), **own, **gallery, "PASSWORD": secrets.token_urlsafe(12)}


def _await(port: int, running: subprocess.Popen[bytes]) -> None:
    ends = monotonic() + _READY_S
    while monotonic() < ends and running.poll() is None:
        with suppress(OSError, HTTPException), closing(HTTPConnection("127.0.0.1", port, timeout=2)) as asking:
            asking.request("GET", "/healthz")
            if asking.getresponse().status == 200:  # noqa: PLR2004 - HTTP's own
                return
        sleep(0.1)
    raise CannotStart(
        f"The editor did not start to serve on port {port}. Choose another: make ide-demo EDITOR_PORT=8766"
    )


def _end(running: subprocess.Popen[bytes]) -> None:
    """End the editor and what it started."""
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGTERM)
    try:
        running.wait(_ENDING_S)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
