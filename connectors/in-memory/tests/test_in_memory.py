"""The script is played the same way every time."""

import asyncio

import pytest

from integrations_hub.connector.contract import Credential, Probe, StepStatus
from integrations_hub.connector.egress import EgressPolicy
from integrations_hub.connector.errors import CheckFailed, ConfigInvalid
from integrations_hub.connector.http import Sender, Transport
from integrations_hub.connector.reasons import Reason
from integrations_hub_in_memory import InMemoryConnector

CONNECTOR = InMemoryConnector()


async def check(config, sequence):
    sender = Sender(Transport(EgressPolicy()), CONNECTOR.endpoint(config))
    probe = Probe(config, Credential(), sender, sequence)
    try:
        await CONNECTOR.check_health(probe)
    except CheckFailed:
        assert probe.result().failed
    return probe.result()


def play(script, checks):
    config = CONNECTOR.validate_config({"script": script})
    return [asyncio.run(check(config, n)) for n in range(checks)]


def test_without_a_script_all_is_well():
    result = asyncio.run(check(CONNECTOR.validate_config({}), 0))

    assert result.reason is Reason.OK
    assert result.steps[0].evidence == "scripted: healthy"


def test_turns_follow_each_other_and_the_last_one_lasts_on():
    script = [{"do": "healthy", "checks": 2}, {"do": "degraded", "reason": "quota_low"}, {"do": "unhealthy"}]

    reasons = [result.reason for result in play(script, 6)]

    assert reasons == [Reason.OK, Reason.OK, Reason.QUOTA_LOW, *[Reason.SERVER_ERROR] * 3]


def test_flapping_is_good_first_and_changes_each_period():
    script = [{"do": "healthy"}, {"do": "flap", "period": 2, "reason": "timeout"}]

    failed = [result.failed for result in play(script, 9)]

    assert failed == [False, False, False, True, True, False, False, True, True]


def test_a_rate_limit_says_how_long_to_wait():
    (result,) = play([{"do": "unhealthy", "reason": "rate_limited", "retryAfterS": 90}], 1)

    assert (result.reason, result.retry_after_s) == (Reason.RATE_LIMITED, 90)


def test_an_expired_credential_shows_at_its_own_step():
    (result,) = play([{"do": "unhealthy", "reason": "credential_rejected"}], 1)

    assert [(step.name, step.status) for step in result.steps] == [("authenticate", StepStatus.FAILED)]


@pytest.mark.parametrize(
    ("do", "step", "reason"),
    [
        ("expired", "authenticate", Reason.CREDENTIAL_REJECTED),
        ("rate_limited", "quota", Reason.RATE_LIMITED),
        ("wrong_product", "product", Reason.WRONG_PRODUCT),
    ],
)
def test_what_has_a_name_of_its_own_needs_no_reason(do, step, reason):
    well, ill = play([{"do": "healthy"}, {"do": do}], 2)

    assert well.reason is Reason.OK
    assert (ill.decisive.name, ill.reason) == (step, reason)
    assert ill.retry_after_s == (60 if do == "rate_limited" else None)


def test_slow_takes_its_time():
    (result,) = play([{"do": "slow", "delayMs": 30}], 1)

    assert result.reason is Reason.OK
    assert result.latency_ms >= 29


@pytest.mark.parametrize("turn", [{"do": "slow", "delayMs": 5000}, {"do": "hang"}])
def test_a_check_whose_time_is_up_says_in_which_step(turn):
    config = CONNECTOR.validate_config({"script": [turn]})

    async def hurried():
        probe = Probe(config, Credential(), Sender(Transport(EgressPolicy()), CONNECTOR.endpoint(config)))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await CONNECTOR.check_health(probe)
        return probe.result()

    assert asyncio.run(hurried()).reason is Reason.TIMEOUT


def test_a_crash_is_the_connectors_own():
    with pytest.raises(RuntimeError):
        play([{"do": "crash"}], 1)


@pytest.mark.parametrize(
    ("turn", "pointer"),
    [
        ({"do": "canary"}, "/script/0"),
        ({"do": "degraded", "reason": "timeout"}, "/script/0/reason"),
        ({"do": "unhealthy", "reason": "ok"}, "/script/0/reason"),
        ({"do": "unhealthy", "reason": "canary"}, "/script/0/reason"),
        ({"do": "slow"}, "/script/0/delayMs"),
        ({"do": "slow", "delayMs": 60_001}, "/script/0/delayMs"),
        ({"do": "healthy", "canary": 1}, "/script/0/canary"),
        ({}, "/script/0"),
    ],
)
def test_a_wrong_script_is_refused_where_it_is_wrong(turn, pointer):
    with pytest.raises(ConfigInvalid) as refused:
        CONNECTOR.validate_config({"script": [turn]})

    assert refused.value.violations[0][0] == pointer
    assert all("canary" not in sentence for _, sentence in refused.value.violations)
