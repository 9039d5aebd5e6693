"""A person's browser, as far as the Authority's pages need one: cookies, one form, no redirect followed."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPMessage
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

__all__ = ["Browser", "Page"]


@dataclass
class Page(HTMLParser):
    """One answer, with the form it holds as a person finds it: boxes ticked as they are, the first button named."""

    status: int
    headers: HTTPMessage
    text: str
    path: str
    action: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    alert: str = ""
    _inside: str = ""

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        filled = named.get("type") not in {"radio", "checkbox"} or "checked" in named
        if tag == "form":
            self.action = urljoin(self.path, named["action"])
        if tag == "input" and named.get("name") and filled:
            self.fields.append((str(named["name"]), named.get("value") or ""))
        self._inside = f"label {named['for']}" if tag == "label" else "alert" if named.get("role") == "alert" else ""

    def handle_data(self, data: str) -> None:
        if self._inside.startswith("label"):
            self.labels[self._inside.removeprefix("label ")] = data.strip()
        elif self._inside == "alert":
            self.alert += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def sent_back(self) -> dict[str, str]:
        """Return what the program is told by the redirect."""
        assert self.status == 303, self.text
        return dict(parse_qsl(urlsplit(self.headers["Location"]).query))


class Browser:
    """One browser at one site."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Page:
        return self._send("GET", path, None, headers)

    def post(self, path: str, fields: Any, **headers: str) -> Page:
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.url, **headers}
        return self._send("POST", path, urlencode(fields), sent)

    def decide(self, page: Page, decision: str = "allow", *, without: tuple[str, ...] = (), **changed: str) -> Page:
        """Press a button of the consent page, with some boxes unticked and some fields changed."""
        kept = [
            (name, changed.get(name, value))
            for name, value in page.fields
            if not (name == "scope" and value in without)
        ]
        return self.post(page.action, [*kept, ("decision", decision)])

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Page:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=5)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, body, {**({"Cookie": cookies} if cookies else {}), **headers})
        answer = connection.getresponse()
        page = Page(answer.status, answer.headers, answer.read().decode(), path)
        connection.close()
        for given in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = given.partition(";")[0].partition("=")
            self.cookies[name] = value
        return page
