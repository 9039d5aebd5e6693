"""What `run_connector` answers beside its messages: calls over both runtimes, each only from who may call."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from integrations_hub.errors import Forbidden
from integrations_hub.plugins.remote.answering import Answering
from integrations_hub.plugins.remote.call_key import CallKey, Unsigned

__all__ = ["Calls"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls as they come in; `key` is None where none is believed over HTTP."""

    answering: Answering
    key: CallKey | None

    def invoked(self, text: bytes) -> bytes:
        """Answer a call of Lambda's own, which IAM let through."""
        return self.answering.answer(text)

    def posted(self, headers: Mapping[str, str], body: bytes) -> tuple[Mapping[str, str], bytes]:
        """Answer a call over HTTP: the header fields that prove the answer, and the answer.

        Raises:
            Forbidden: the call is not proven; nothing of it was read.
        """
        if self.key is None:
            raise Forbidden("This function answers no calls over HTTP. Its operator sets CONNECTOR_CALL_KEY.")
        try:
            call_id = self.key.proven_question(headers, body)
        except Unsigned as unsigned:
            _log.warning("a call that is not proven: %s", unsigned)
            raise Forbidden(f"The call is not proven: {unsigned}.") from None
        answer = self.answering.answer(body)
        return self.key.answer(call_id, answer), answer
