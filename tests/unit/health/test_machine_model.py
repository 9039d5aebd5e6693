"""The hysteresis and alert machine through random lives, against its specification in ten lines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from integrations_hub.connector.contract import CheckResult, Step, StepStatus
from integrations_hub.connector.reasons import EFFECTS, Effect, Reason, StepName
from integrations_hub.events.model import Severity
from integrations_hub.health.machine import conclude
from integrations_hub.plugins.registry import Plugins
from integrations_hub.storage.memory import MemoryHealth, MemorySweep
from tests.support.in_memory_hub import ACME, InMemoryHub, draft

PLUGINS = Plugins()  # found once: looking for them takes longer than a life
INTERVAL = timedelta(seconds=300)


@dataclass(frozen=True)
class Spec:
    """What §4 of the product says of one integration: streaks, the open alert, and what was told."""

    status: str = "unknown"
    failures: int = 0
    successes: int = 0
    alert: bool = False
    told: tuple[str, ...] = ()


def specified(s: Spec, effect: Effect, *, degraded: bool, alone: bool, quiet: bool, down_at: int, up_at: int) -> Spec:
    """Return what one result makes of it. `alone`: it has no verdict, and no incident tells of that."""
    if effect is Effect.SUCCESS:
        well = s.status != "unhealthy" or s.successes + 1 >= up_at
        status = ("degraded" if degraded else "healthy") if well else "unhealthy"
        s = replace(s, status=status, failures=0, successes=s.successes + 1)
        return replace(s, alert=False, told=(*s.told, "recovery")) if well and s.alert else s
    if effect in (Effect.FAILURE, Effect.FAILURE_AT_ONCE):
        failures = s.failures + 1 if effect is Effect.FAILURE else max(s.failures + 1, down_at)
        down = s.status == "unhealthy" or failures >= down_at
        s = replace(s, status="unhealthy" if down else "degraded", failures=failures, successes=0)
        return replace(s, alert=True, told=(*s.told, "alert")) if down and not s.alert and not quiet else s
    s = replace(s, status="unknown") if effect is Effect.UNKNOWN else s
    return replace(s, alert=True, told=(*s.told, "alert")) if alone and not s.alert and not quiet else s


def a_result(reason: Reason, *, passes_degraded: bool, wait_s: float | None) -> CheckResult:
    status = StepStatus.DEGRADED if passes_degraded else StepStatus.FAILED
    if reason is Reason.OK:
        status = StepStatus.PASSED
    step = Step(StepName.PRODUCT, status, 1.0, "seen", reason, "do this")
    return CheckResult((step,), 1.0, None, wait_s)


SUCCESSES = [reason for reason in Reason if EFFECTS[reason] is Effect.SUCCESS]
FAILED = [reason for reason in Reason if reason not in SUCCESSES]
RESULTS = st.one_of(
    st.sampled_from(SUCCESSES).map(lambda reason: a_result(reason, passes_degraded=True, wait_s=None)),
    st.builds(
        lambda reason, wait_s: a_result(reason, passes_degraded=False, wait_s=wait_s),
        st.sampled_from(FAILED),
        st.sampled_from([None, None, 30.0, 1800.0]),
    ),
)


class OneIntegration(RuleBasedStateMachine):
    """One integration's life, in the stores and by the specification."""

    def __init__(self) -> None:
        super().__init__()
        self.hub = InMemoryHub(plugins=PLUGINS)
        self.store = MemoryHealth(self.hub.memory)
        self.given: dict[str, object] = {"failureThreshold": 3, "successThreshold": 2}
        self.id = self.hub.register(**self.given).id
        self.spec = Spec()
        self.believed_until: datetime | None = None
        self.told: list[str] = []

    @rule(result=RESULTS)
    def is_checked_on_demand(self, result: CheckResult) -> None:
        self._conclude(self.store.claim("acme", self.id, 60), result)

    @rule(result=RESULTS)
    def is_swept(self, result: CheckResult) -> None:
        for claim in MemorySweep(self.hub.memory).claim_due(1, 60):
            self._conclude(claim, result)

    @rule(seconds=st.sampled_from([1, 60, 299, 301, 900, 3600, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.hub.wait(seconds)

    @precondition(lambda self: not self.given.get("paused"))
    @rule()
    def is_paused(self) -> None:
        self._change(paused=True)
        if self.standing.last_checked_at and self.believed_until:
            self.believed_until = self.standing.last_checked_at + 2 * INTERVAL

    @precondition(lambda self: self.given.get("paused"))
    @rule()
    def is_resumed(self) -> None:
        self._change(paused=False)
        due, checked = self.standing.next_check_at, self.standing.last_checked_at
        assert due is not None
        if due > self.hub.time and checked:  # it goes on resting, and its status is believed meanwhile
            self.believed_until = max(due + INTERVAL, checked + 2 * INTERVAL)

    @rule(minutes=st.sampled_from([0, 10, 600]))
    def is_maintained(self, minutes: int) -> None:
        until = self.hub.time + timedelta(minutes=minutes)
        window = {"from": self.hub.time.isoformat(), "until": until.isoformat()}
        self._change(maintenance=[window] if minutes else [])

    @rule(failures=st.integers(1, 5), successes=st.integers(1, 4))
    def gets_other_thresholds(self, failures: int, successes: int) -> None:
        self._change(failureThreshold=failures, successThreshold=successes)

    @rule(period=st.integers(1, 1000))
    def gets_another_config(self, period: int) -> None:
        before, config = self.given.get("config"), {"script": [{"do": "flap", "period": period}]}
        self._change(config=config)
        if config != before:  # what is known of it is forgotten; an open alert is still to be closed
            self.spec, self.believed_until = Spec(alert=self.spec.alert, told=self.spec.told), None

    @invariant()
    def reads_as_specified(self) -> None:
        view = self.hub.reader.get_integration(ACME, self.id)
        assert view.status == self._status()
        assert (self.standing.failures, self.standing.successes) == (self.spec.failures, self.spec.successes)

    @invariant()
    def was_told_as_specified(self) -> None:
        health = [event for event in self.hub.events() if event.type == "integration.health_changed"]
        self.told += [event.severity for event in health if event.severity is not Severity.INFO]
        assert tuple(self.told) == self.spec.told
        assert not any(one == other for one, other in zip(self.told, self.told[1:], strict=False))

    @property
    def standing(self):
        return self.store.latest("acme", self.id).standing

    def _status(self) -> str:
        fresh = self.believed_until is not None and self.believed_until >= self.hub.time
        return self.spec.status if fresh else "unknown"

    def _conclude(self, claim, result: CheckResult) -> None:
        now = self.hub.time
        quiet = claim.paused or any(window.starts_at <= now < window.ends_at for window in claim.maintenance)
        self.spec = specified(
            replace(self.spec, status=self._status()),
            EFFECTS[result.reason] if result.failed else Effect.SUCCESS,
            degraded=bool(result.decisive),
            alone=result.reason in (Reason.SECRET_UNAVAILABLE, Reason.EGRESS_DENIED),
            quiet=quiet,
            down_at=claim.failure_threshold,
            up_at=claim.success_threshold,
        )
        assert self.store.record("acme", conclude(claim, result, now))
        planned = self.standing.next_check_at
        self.believed_until = max((planned + INTERVAL) if planned else now, now + 2 * INTERVAL)

    def _change(self, **changes: object) -> None:
        self.given |= changes
        self.hub.catalog.update_integration(ACME, self.id, draft(**self.given), None)


TestOneIntegration = OneIntegration.TestCase
TestOneIntegration.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
