"""The pages a person sees. They load nothing from elsewhere, run no script, and cannot be framed.

All lie in one folder, and their links are relative: they work behind the port forwarding of an editor in the browser.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.wrappers import Response

from local.authority.consents import Question
from local.authority.people import PEOPLE
from local.authority.scopes import MEANING

__all__ = ["consent_page", "device_page", "message_page", "stylesheet"]

_FOLDER = Path(__file__).parent / "pages"
_TEMPLATES = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)


def consent_page(question: Question, ticket: str, *, alert: str = "", status: int = 200) -> Response:
    """Ask a person who they are and what the client may have."""
    return _page(
        "consent.html",
        status,
        question.returns_to,
        client=question.client.name or question.client.id,
        asked=question.asked,
        user_code=question.user_code,
        people=PEOPLE.values(),
        meaning=MEANING,
        ticket=ticket,
        alert=alert,
    )


def device_page(*, user_code: str = "", alert: str = "", status: int = 200) -> Response:
    """Ask a person for the code their program shows."""
    return _page("device.html", status, user_code=user_code, alert=alert)


def message_page(title: str, sentence: str, status: int = 200) -> Response:
    """Tell a person how it ended."""
    return _page("message.html", status, heading=title, sentence=sentence)


def stylesheet() -> Response:
    """Return the pages' looks."""
    return Response((_FOLDER / "style.css").read_bytes(), mimetype="text/css")


def _page(template: str, status: int, returns_to: str = "", **values: object) -> Response:
    html = _TEMPLATES.get_template(template).render(**values)
    policy = f"default-src 'none'; style-src 'self'; form-action 'self'{_source(returns_to)}; frame-ancestors 'none'"
    headers = {
        "Content-Security-Policy": f"{policy}; base-uri 'none'",
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",  # with no-referrer a browser would send `Origin: null` with the form
    }
    return Response(html, status, headers, mimetype="text/html")


def _source(uri: str) -> str:
    """Return where the answer to the form may redirect to, as CSP writes it; it has no word for an IPv6 address."""
    parts = urlsplit(uri)
    if not uri:
        return ""
    return f" http://{parts.netloc}" if parts.scheme == "http" and "[" not in parts.netloc else f" {parts.scheme}:"
