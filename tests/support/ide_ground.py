"""Everything an IDE plugin talks to, for a test run in another process: hub, Authority, platform, and people at a browser.

One small server tells the settings and does what the run asks for: `/browse?person=bob` opens the page in its body as bob
and follows the way back, `/platform/stop` and `/platform/start` rehearse an outage.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

from flask import Flask, request

from devserver.application import Tenants, create_app
from devserver.behaviour import Behaviour
from devserver.callers import Callers
from devserver.progress import Timing
from devserver.seed import seeded
from local.server import RunningServer, listen, serve
from tests.support.browser import Browser
from tests.support.hub import Hub, outside_folder, running_hub

__all__ = ["TENANT", "running_ground"]

TENANT = "acme"
_TIMING = Timing(pending_s=0.5, approved_s=3600, deploying_s=3600)
_BROKEN = {"script": [{"do": "expired"}]}


@contextmanager
def running_ground() -> Iterator[str]:
    """Run it all, and yield the URL of the small server."""
    with outside_folder() as folder, running_hub(folder) as hub:
        caller = hub.client(TENANT)
        ids = {"harbor": caller.register("harbor")["id"], "broken": caller.register("broken", config=_BROKEN)["id"]}
        platform = _Platform(hub, ids)
        ground = serve(listen(0), _ground(hub, platform))
        try:
            yield ground.url
        finally:
            ground.stop()
            platform.stop()


class _Platform:
    """A platform that keeps its port and what it holds while it is stopped."""

    def __init__(self, hub: Hub, integrations: dict[str, str]) -> None:
        tenants = Tenants(lambda: seeded(time.time, _TIMING))
        self._app = create_app(Callers(hub.authority.issuer), tenants, integrations=integrations, behaviour=Behaviour())
        self._server: RunningServer | None = serve(listen(0), self._app)
        self.url = self._server.url

    def start(self) -> None:
        self._server = serve(listen(urlsplit(self.url).port or 0), self._app)

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
        self._server = None


def _ground(hub: Hub, platform: _Platform) -> Flask:
    app = Flask("ground", static_folder=None)
    settings = {"platformUrl": platform.url, "hubUrl": hub.url, "authorityUrl": hub.authority.issuer}
    doings: dict[str, Callable[[], object]] = {
        "/settings": lambda: json.dumps(settings),
        "/browse": lambda: _browse(request.get_data(as_text=True), request.args["person"]),
        "/platform/stop": platform.stop,
        "/platform/start": platform.start,
        "/wait-for-approval": lambda: time.sleep(2 * _TIMING.pending_s),
    }
    for path, do in doings.items():
        app.add_url_rule(path, path, lambda do=do: str(do() or ""), methods=["POST"])
    return app


def _browse(url: str, person: str) -> None:
    """Be a person who opens a page of the Authority, allows what is asked, and is sent back where there is a way back."""
    asked = urlsplit(url)
    browser = Browser(f"{asked.scheme}://{asked.netloc}")
    page = browser.decide(browser.get(f"{asked.path}?{asked.query}"), person=person)
    back = urlsplit(page.headers.get("Location", ""))
    if back.netloc:
        connection = HTTPConnection(back.netloc, timeout=5)
        connection.request("GET", f"{back.path}?{back.query}")
        assert connection.getresponse().status == 200
        connection.close()
