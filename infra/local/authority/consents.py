"""The consent page's rules: one question to one browser, answered once.

A question is bound to the browser it was shown in by a cookie, and to the page by a ticket in its form: a page of
somebody else's can neither read the ticket nor post the answer (RFC 9700 §4.16, RFC 6819 §5.2.3).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from werkzeug.wrappers import Response

from local.authority.clients import Client
from local.authority.grant import Grant
from local.authority.parameters import tenant_in
from local.authority.people import PEOPLE
from local.authority.refused import Refused
from local.authority.short_lived import ShortLived

__all__ = ["Answer", "Consents", "Question"]

_QUESTION_S = 600.0


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked: may this client have this? `answered` is told what it got, None for a refusal."""

    client: Client
    asked: Grant
    answered: Callable[[Grant | None], Response]
    returns_to: str = ""
    user_code: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the form of the page holds."""

    allowed: bool
    person: str = ""
    tenant: str = ""
    scopes: Sequence[str] = ()


class Consents:
    """The questions that are open."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Keep each for ten minutes."""
        self._clock = clock
        self._open: ShortLived[tuple[str, Question]] = ShortLived(_QUESTION_S, clock)

    def ask(self, question: Question, browser: str) -> tuple[str, str]:
        """Return the ticket of the page, and the name of the browser it is shown in, a new one where it has none."""
        browser = browser or secrets.token_urlsafe(32)
        return self._open.put((browser, question)), browser

    def question(self, ticket: str, browser: str) -> Question:
        """Return the question of a page.

        Raises:
            Refused: it was answered, is older than ten minutes, or was shown in another browser.
        """
        asked_in, question = self._open.get(ticket) or ("", None)
        if question is None or not secrets.compare_digest(asked_in.encode(), browser.encode("utf-8", "replace")):
            raise Refused(
                "invalid_request",
                "This page was answered before, is older than ten minutes, or belongs to another browser. "
                "Start the sign-in again where you began it.",
                403,
            )
        return question

    def answer(self, ticket: str, browser: str, answer: Answer) -> Response:
        """Let the program know what it got.

        Raises:
            Refused: as for `question`; or the person or the tenant cannot be, and the question stays open.
        """
        question = self.question(ticket, browser)
        given = self._given(question, answer) if answer.allowed else None
        if self._open.take(ticket) is None:
            raise Refused("invalid_request", "This page was answered a moment ago.", 403)
        return question.answered(given)

    def _given(self, question: Question, answer: Answer) -> Grant | None:
        """Return the scopes that were asked for, ticked, and the person's to give; None where that is nothing."""
        person = PEOPLE.get(answer.person)
        if person is None:
            raise Refused("invalid_request", "Choose who you are.")
        tenant = question.asked.tenant or tenant_in({"tenant": answer.tenant.strip()}, question.client)
        scopes = [scope for scope in question.asked.scopes if scope in answer.scopes and scope in person.scopes]
        now = int(self._clock())
        given = replace(question.asked, tenant=tenant, scopes=scopes, subject=person.id, signed_in_at=now)
        return given if scopes else None
