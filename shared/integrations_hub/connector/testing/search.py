"""Look for a secret wherever it could have got to: in text, in exceptions and their frames, in what is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from traceback import format_exception, walk_tb

from integrations_hub.connector.redaction import Redactor, Secret

__all__ = ["Marks", "chain", "frames_of", "text_of"]

_SDK = str(Path(__file__).parents[1])
_LINE = 20  # characters; a shorter line of a key is found in ordinary text


class Marks:
    """What must not occur: the canary and the secret's fields, plain, base64, quoted or as a login pair."""

    def __init__(self, canary: str, fields: Mapping[str, str]) -> None:
        """Work out the forms. A `username` names somebody and may be seen; every other field may not."""
        values = [text for name, text in fields.items() if name != "username"]
        lines = [line for text in values for line in text.splitlines() if "\n" in text and len(line) >= _LINE]
        login = [f"{fields['username']}:{text}" for text in values] if "username" in fields else []
        self._redactor = Redactor(map(Secret, [canary, *values, *login]))
        self._lines = [line for line in lines if not line.startswith("-----")]

    def found_in(self, text: str) -> bool:
        """Tell whether a text holds one of them."""
        return self._redactor.redact(text) != text or any(line in text for line in self._lines)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and all it was raised from or during."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]


def text_of(error: BaseException) -> str:
    """Return all an exception says by itself: its message, arguments, attributes and notes."""
    said = [str(error), repr(error), repr(error.args), repr(vars(error))]
    return "\n".join([*said, "".join(format_exception(type(error), error, None, chain=False))])


def frames_of(error: BaseException) -> Iterator[tuple[str, str]]:
    """Yield the connector's own functions an exception passed through, with the repr of their variables."""
    for frame, _ in walk_tb(error.__traceback__):
        if not frame.f_code.co_filename.startswith(_SDK):
            yield frame.f_code.co_qualname, "\n".join(map(_shown, frame.f_locals.values()))


def _shown(value: object) -> str:
    try:
        return repr(value)
    except Exception as broken:  # noqa: BLE001 - a repr of a stranger's
        return f"<{type(broken).__name__}>"
