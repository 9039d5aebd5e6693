"""The canary: a secret that must not turn up anywhere, whatever the provider does with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from integrations_hub.connector.testing import faults
from integrations_hub.connector.testing.calls import Call, checks, discovers
from integrations_hub.connector.testing.harness import CANARY, Harness
from integrations_hub.connector.testing.listening import Heard, listening
from integrations_hub.connector.testing.memory import kept_by
from integrations_hub.connector.testing.outcome import Outcome, fail
from integrations_hub.connector.testing.search import Marks, chain, frames_of, text_of
from integrations_hub.connector.testing.server import Fault, Seen
from integrations_hub.connector.testing.subject import AnyConnector
from integrations_hub.connector.testing.table import Need, case

__all__ = ["SecretCases"]


@dataclass(frozen=True, slots=True)
class _Scene:
    """One call, and all that came of it."""

    when: str
    outcome: Outcome
    heard: Heard
    requests: tuple[Seen, ...]
    connector: AnyConnector
    echoed: bool


class SecretCases(Harness):
    """Cases about the secret, over a provider that is well, that says back what it was sent, and that breaks off."""

    @case(Need.CREDENTIAL)
    def test_secret_is_in_no_result(self) -> None:
        """The secret is in no step, resource, cursor or repr of a result."""
        for scene in self._scenes():
            if self._marks().found_in(f"{scene.outcome.result!r} {scene.outcome.value!r}"):
                fail(
                    f"{scene.when}: the result holds the secret. Let evidence come from `Answer.excerpt`.",
                    scene.outcome,
                )

    @case(Need.CREDENTIAL)
    def test_secret_is_in_no_log(self) -> None:
        """The secret is in no log record of any logger and level, no warning, and nothing printed."""
        for scene in self._scenes():
            found = next((text for text in scene.heard.texts if self._marks().found_in(text)), None)
            if found:
                fail(f"{scene.when}: the secret is logged or printed, in `{found[:60]}…`.")

    @case(Need.CREDENTIAL)
    def test_secret_is_in_no_exception(self) -> None:
        """The secret is in no exception, no cause of one, and no variable of the connector's functions on its way."""
        for scene in self._scenes():
            for one in chain(scene.outcome.raised):
                if self._marks().found_in(text_of(one)):
                    fail(
                        f"{scene.when}: {type(one).__name__} holds the secret; raise it `from None`, outside `except`."
                    )
                # what a provider says back stands in the variables of whoever reads it
                for name, variables in () if scene.echoed else frames_of(one):
                    if self._marks().found_in(variables):
                        fail(f"{scene.when}: a variable of `{name}` shows the secret to whoever reports exceptions.")

    @case(Need.NETWORK, Need.CREDENTIAL)
    def test_secret_is_in_no_address(self) -> None:
        """The secret is in no path and no query: those are logged by every proxy on the way."""
        for scene in self._scenes():
            found = next((seen for seen in scene.requests if self._marks().found_in(seen.target)), None)
            if found:
                fail(f"{scene.when}: a {found.method} carries the secret in its address.")

    @case(Need.CREDENTIAL)
    def test_secret_is_kept_nowhere(self) -> None:
        """After a call neither instance nor package keeps the secret; what was derived from it only as `Secret`."""
        for scene in self._scenes():
            places = list(kept_by(scene.connector, self._marks(), self._fields()))
            if places:
                fail(f"{scene.when}: the secret is kept in {', '.join(places)}.")

    def _scenes(self) -> Iterator[_Scene]:
        for call in self._calls():
            yield self._scene("A call that goes well", call)
            if not self.network:
                continue
            for since in self.each_request(call):
                for status in (200, 401, 500):
                    yield self._scene(f"{status} that says back what was sent", call, faults.echo(status), since)
                yield self._scene("A connection that breaks off", call, faults.reset, since)
            yield self._scene("Broken JSON", call, faults.answer(b"{"))

    def _calls(self) -> Iterator[Call]:
        yield checks
        yield from map(discovers, self.connector.resource_kinds)

    def _scene(self, when: str, call: Call, fault: Fault | None = None, since: int = 0) -> _Scene:
        with self.provider_running(fault, since) as served:
            caller = self.caller(served.url)
            with listening() as heard:
                outcome = self.asked(call, caller)
            return _Scene(
                f"{when}, from request {since + 1} on",
                outcome,
                heard,
                tuple(served.requests),
                caller.connector,
                "says back" in when,
            )

    def _fields(self) -> frozenset[str]:
        return frozenset(self.secret(CANARY).values())

    def _marks(self) -> Marks:
        return Marks(CANARY, self.secret(CANARY))
