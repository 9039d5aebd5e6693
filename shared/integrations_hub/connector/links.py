"""Whether a list goes on, by its `Link` field (RFC 8288). The address of the next page is judged, never followed."""

from __future__ import annotations

import re

from integrations_hub.connector.answer import Answer

__all__ = ["has_next"]

_LINK = re.compile(r"<([^<>]*)>([^<>]*)")
_RELATION = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([\w-]+))", re.IGNORECASE)


def has_next(answer: Answer, root: str) -> bool:
    """Tell whether there is a page after this one.

    Raises:
        CheckFailed: `wrong_product` when it would be outside `root`: what sends a client elsewhere is not believed.
    """
    for target, parameters in _LINK.findall(answer.headers.get("link", "")):
        relation = _RELATION.search(parameters)
        if relation and "next" in (relation[1] or relation[2] or "").lower().split():
            from integrations_hub.connector.base_url import BaseUrl  # noqa: PLC0415 - few lists go on

            BaseUrl(root).join(target)
            return True
    return False
