"""What `webUrl` leads to. A browser is signed in nowhere here, so a page tells nothing but where to look."""

from __future__ import annotations

from flask import Flask, Response, request
from markupsafe import escape

from devserver.views import View

__all__ = ["add_pages", "with_page"]

_KINDS = {"releases": "Release", "environments": "Environment", "promotions": "Promotion"}
_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_PAGE = """\
<!doctype html><html lang="en"><meta charset="utf-8"><title>{kind} {id}</title>
<style>:root{{color-scheme:light dark}}body{{font:1.1rem system-ui;margin:20vh auto;max-width:32em}}</style>
<h1>{kind} {id}</h1>
<p>A Stella Ops platform has its own page here. This small one has none: what it knows is shown in your editor.</p>
"""


def with_page(kind: str, view: View) -> View:
    """Add to a view where its page is."""
    return {**view, "webUrl": f"{request.url_root}{kind}/{view['id']}"}


def add_pages(app: Flask) -> None:
    """Serve the pages."""

    def page(kind: str, id_: str) -> Response:
        body = _PAGE.format(kind=_KINDS[kind], id=escape(id_))
        return Response(body, mimetype="text/html", headers={"Content-Security-Policy": _CSP})

    app.add_url_rule(f"/<any({','.join(_KINDS)}):kind>/<id_>", "page", page)
