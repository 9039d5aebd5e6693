"""JSON that is none, or of another shape than the provider documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from integrations_hub.connector.http import Transport
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.testing import faults
from integrations_hub.connector.testing.calls import Call, checks, discovers, run
from integrations_hub.connector.testing.harness import Harness
from integrations_hub.connector.testing.outcome import Outcome, expect, fail
from integrations_hub.connector.testing.table import Need, case

__all__ = ["ShapeCases"]

_DEEP = b"[" * 100_000
_BROKEN = {"cut off": b'{"a": ', "no JSON": b"\xff\xfe{", "deep nesting": _DEEP, "a huge number": b"9" * 5000}
_WHOLE = {"a list": b"[]", "an object": b"{}", "null": b"null", "a number": b"7", "a text": b'"text"', "true": b"true"}
_VALUES: tuple[object, ...] = (None, [], {}, "", "text", -1, 10**25, float("nan"), float("inf"), True, [[None]])
_MOST_PLACES = 24
_DEEPEST = 4

Place = tuple[str | int, ...]
Change = tuple[Place, object]


class ShapeCases(Harness):
    """Cases about what is inside an answer with status 200."""

    @case(Need.NETWORK)
    def test_takes_broken_json_for_another_product(self) -> None:
        """JSON that is cut off, not UTF-8, endlessly nested or a number of 5,000 digits is `wrong_product`."""
        for what, body in _BROKEN.items():
            expect(self.ask(checks, faults.answer(body)), {Reason.WRONG_PRODUCT}, f"Everything is answered with {what}")

    @case(Need.NETWORK)
    def test_survives_broken_json_anywhere(self) -> None:
        """JSON that is cut off or nested endlessly at a later request does not crash the connector."""
        for what in ("cut off", "deep nesting", "a huge number"):
            for when, outcome in self.sweep(faults.answer(_BROKEN[what])):
                if outcome.crashed:
                    fail(f"The JSON is {what} {when}.", outcome)

    @case(Need.NETWORK)
    def test_survives_json_of_another_shape(self) -> None:
        """A list where an object was expected, an object for a list, null, a number, a text: never a crash."""
        for call in self._calls():
            for what, body in _WHOLE.items():
                for when, outcome in self.sweep(faults.answer(body), call):
                    if outcome.crashed:
                        fail(f"The JSON is {what} {when}.", outcome)

    @case(Need.NETWORK)
    def test_survives_any_value_in_an_answer(self) -> None:
        """Null, list, object, text, a negative, huge or infinite number anywhere in an answer: never a crash."""
        for call in self._calls():
            places = list(islice(dict.fromkeys(self._places(call)), _MOST_PLACES))
            for place, value, outcome in self._with_each(
                call, [(place, value) for place in places for value in _VALUES]
            ):
                if outcome.crashed:
                    fail(f"An answer has {value!r} at /{'/'.join(map(str, place))}.", outcome)

    def _calls(self) -> Iterator[Call]:
        yield checks
        yield from map(discovers, self.connector.resource_kinds)

    def _places(self, call: Call) -> list[Place]:
        """Return every place in the answers of a provider that is well."""
        documents: list[object] = []

        def note(document: object) -> object:
            documents.append(document)
            return document

        self.ask(call, faults.rewritten(note))
        return [place for document in documents for place in _places_in(document, ())]

    def _with_each(self, call: Call, changes: Sequence[Change]) -> Sequence[tuple[Place, object, Outcome]]:
        """Ask once per change; one server and one loop for all of them."""
        current: list[Change] = [((), None)]
        fault = faults.rewritten(lambda document: _put(document, *current[0]))
        with self.provider_running(fault) as served:
            caller = self.caller(served.url)

            async def work(transport: Transport) -> list[tuple[Place, object, Outcome]]:
                found = []
                for current[0] in changes:
                    found.append((*current[0], await call(caller, transport)))
                return found

            return run(work)


def _places_in(document: object, above: Place) -> Iterator[Place]:
    if isinstance(document, dict):
        inside = list(document.items())
    else:
        inside = list(enumerate(document))[:1] if isinstance(document, list) else []
    for name, inner in inside:
        yield (*above, name)
        if len(above) + 1 < _DEEPEST:
            yield from _places_in(inner, (*above, name))


def _put(document: object, place: Place, value: object) -> object:
    """Return the document with a value at a place, as it is where it has no such place."""
    if not place:
        return value
    name, *rest = place
    if isinstance(document, dict) and name in document:
        return {**document, name: _put(document[name], tuple(rest), value)}
    if isinstance(document, list) and isinstance(name, int) and name < len(document):
        return [*document[:name], _put(document[name], tuple(rest), value), *document[name + 1 :]]
    return document
