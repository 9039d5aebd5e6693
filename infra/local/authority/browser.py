"""What a person's browser asks for: the authorization endpoint, the consent page, and the page for device codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from local.authority.authorization_endpoint import address, client_and_redirect, code_request
from local.authority.codes import Code
from local.authority.consents import Answer, Question
from local.authority.pages import consent_page, device_page, message_page
from local.authority.parameters import pairs_of, query_of
from local.authority.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Request

    from local.authority.authority import Authority
    from local.authority.grant import Grant

__all__ = ["authorize", "consent", "device"]

_COOKIE = "authority_browser"
_SEE_OTHER = 303  # never 307, which would post the form on (RFC 9700 §4.12)


def authorize(authority: Authority, request: Request) -> Response:
    """Put a request for a code to the person; one that cannot be is sent back with the error."""
    asked = query_of(request)
    client, uri = client_and_redirect(authority.clients, asked)
    try:
        grant, challenge = code_request(client, asked)
    except Refused as refused:
        return _send_back(authority, uri, asked, error=refused.code, error_description=refused.sentence)

    def answered(given: Grant | None) -> Response:
        if given is None:
            return _send_back(authority, uri, asked, error="access_denied", error_description="The person refused.")
        return _send_back(authority, uri, asked, code=authority.codes.issue(Code(given, uri, challenge)))

    return _ask(authority, request, Question(client, grant, answered, returns_to=uri))


def device(authority: Authority, request: Request) -> Response:
    """Ask for the code a program shows, then put what that program asks for to the person."""
    user_code = query_of(request).get("user_code", "")
    if not user_code:
        return device_page()
    try:
        waiting = authority.devices.entered(user_code)
    except Refused as refused:
        return device_page(user_code=user_code, alert=refused.sentence, status=refused.status)
    client = authority.clients[waiting.grant.client_id]

    def answered(given: Grant | None) -> Response:
        waiting.decide(given)
        told = "is signed in" if given else "was refused"
        return message_page(f"{client.name or client.id} {told}", "You may close this page and go back to it.")

    return _ask(authority, request, Question(client, waiting.grant, answered, user_code=waiting.user_code))


def consent(authority: Authority, request: Request) -> Response:
    """Take the person's answer. One that cannot be taken is asked again, with a sentence that says why.

    Raises:
        Refused: the form comes from elsewhere, or its question is not open in this browser.
    """
    ours = {f"http://{request.host}", authority.issuer}
    if request.headers.get("Origin", authority.issuer) not in ours:
        raise Refused("invalid_request", "This form was sent from another site.", 403)
    pairs = pairs_of(request)
    form = dict(pairs)
    ticket, browser = form.get("ticket", ""), request.cookies.get(_COOKIE, "")
    question = authority.consents.question(ticket, browser)
    scopes = [value for name, value in pairs if name == "scope"]
    answer = Answer(form.get("decision") == "allow", form.get("person", ""), form.get("tenant", ""), scopes)
    try:
        return authority.consents.answer(ticket, browser, answer)
    except Refused as refused:
        return consent_page(question, ticket, alert=refused.sentence, status=refused.status)


def _ask(authority: Authority, request: Request, question: Question) -> Response:
    ticket, browser = authority.consents.ask(question, request.cookies.get(_COOKIE, ""))
    page = consent_page(question, ticket)
    page.set_cookie(_COOKIE, browser, httponly=True, samesite="Lax")
    return page


def _send_back(authority: Authority, uri: str, asked: Mapping[str, str], **answer: str) -> Response:
    """Answer with `state` and `iss` (RFC 9207)."""
    where = address(uri, **answer, state=asked.get("state", ""), iss=authority.issuer)
    return redirect(where, _SEE_OTHER)
