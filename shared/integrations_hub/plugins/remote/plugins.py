"""Which connectors there are, where each is in a function of its own: what the functions say of themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from integrations_hub.catalog.plugin import Isolation, PluginRecord, PluginState, Strangers
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.plugins.remote.host import RemoteHost
from integrations_hub.plugins.remote.messages import Described

__all__ = ["RemotePlugins"]

_AT_ONCE = 8
_FEWEST_FIRST = [Strangers.UNCONFINED, Strangers.REFUSED, Strangers.CONFINED]
_NOBODY = Isolation(Strangers.REFUSED, (), (), "No connector's function answers. Look at their logs.")


class RemotePlugins:
    """Asks the function of each type; `known` gives what was written down of them before."""

    def __init__(self, types: Sequence[str], host: RemoteHost, known: Callable[[], Sequence[PluginRecord]]) -> None:
        """Hold the parts; nobody is asked."""
        self._types, self._host, self._known = types, host, known
        self._isolation: Isolation | None = None

    def scan(self) -> Sequence[PluginRecord]:
        """Have every function describe itself; one that does not answer keeps what was known of it, and is reported."""
        found: dict[str, PluginRecord] = {}
        for type_, answer in zip(self._types, self._answers(), strict=True):
            for record in self._records(type_, answer):
                found.setdefault(record.plugin_id, record)
        return list(found.values())

    def isolation(self) -> Isolation:
        """Tell which walls stand around strangers: those where fewest do, of the functions that answer."""
        if self._isolation is None:
            said = [one.isolation for one in self._answers() if isinstance(one, Described)]
            fewest = min(said, key=lambda one: _FEWEST_FIRST.index(one.strangers), default=_NOBODY)
            if len(said) < len(self._types):
                return fewest
            self._isolation = fewest  # it changes with a deployment, and that brings new processes
        return self._isolation

    def _answers(self) -> Sequence[Described | CheckFailed]:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            return list(threads.map(self._answer, self._types))

    def _answer(self, type_: str) -> Described | CheckFailed:
        try:
            return self._host.describe(type_)
        except CheckFailed as failure:
            return failure

    def _records(self, type_: str, answer: Described | CheckFailed) -> Iterator[PluginRecord]:
        if isinstance(answer, Described):
            mine = [one for one in answer.plugins if one.state is not PluginState.ACTIVE or one.type == type_]
            yield from mine
            if any(one.type == type_ for one in mine):
                return
            reason = f"its function carries no connector for the type {type_}"
        else:
            yield from (one for one in self._known() if one.type == type_)
            reason = f"its function did not describe itself: {answer.evidence}. {answer.remedy}"
        yield PluginRecord(
            plugin_id=f"function of {type_}", path=type_, state=PluginState.REJECTED, rejected_reason=reason
        )
