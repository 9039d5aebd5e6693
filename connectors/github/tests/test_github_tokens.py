"""Installation tokens are asked for once, kept while they last, and forgotten when refused."""

import asyncio

import pytest

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from integrations_hub.connector.redaction import Secret
from integrations_hub_github.grants import METADATA, Grant, InstallationToken
from integrations_hub_github.tokens import InstallationTokens, TokenKey

KEY = TokenKey("https://api.github.com", "7", 70, "f" * 64, METADATA)


class Github:
    """Gives numbered tokens, or fails, after one turn of the loop."""

    def __init__(self, lifetime_s=3600.0):
        self.now = 1_700_000_000.0
        self.lifetime_s = lifetime_s
        self.minted = 0
        self.failing = False
        self.tokens = InstallationTokens(lambda: self.now)

    async def mint(self):
        self.minted += 1
        number = self.minted
        await asyncio.sleep(0)
        if self.failing:
            raise CheckFailed(Reason.SERVER_ERROR, "HTTP 503")
        return InstallationToken(Secret(f"not-a-real-token-{number}"), self.lifetime_s)

    async def token(self, key=KEY):
        return (await self.tokens.get(key, self.mint)).reveal()


def test_many_who_ask_at_once_and_later_share_one_token():
    github = Github()

    async def ask():
        at_once = await asyncio.gather(*(github.token() for _ in range(50)))
        return {*at_once, await github.token()}

    assert asyncio.run(ask()) == {"not-a-real-token-1"}
    assert asyncio.run(github.token()) == "not-a-real-token-1"  # on another loop too
    assert github.minted == 1


@pytest.mark.parametrize(
    "change",
    [
        {"api_root": "https://ghes.example/api/v3"},
        {"issuer": "8"},
        {"installation_id": 71},
        {"fingerprint": "e" * 64},
        {"grant": Grant((("contents", "read"),))},
        {"grant": Grant(METADATA.permissions, ("hub",))},
    ],
    ids=str,
)
def test_a_token_is_for_one_purpose_only(change):
    github = Github()

    async def ask():
        return await github.token(), await github.token(KEY._replace(**change))

    assert asyncio.run(ask()) == ("not-a-real-token-1", "not-a-real-token-2")


@pytest.mark.parametrize(("later_s", "minted"), [(3299.0, 1), (3300.0, 2), (3601.0, 2)])
def test_a_token_is_replaced_five_minutes_before_its_end(later_s, minted):
    github = Github()

    asyncio.run(github.token())
    github.now += later_s
    asyncio.run(github.token())

    assert github.minted == minted


@pytest.mark.parametrize("lifetime_s", [-3e8, 0.0, 299.0])
def test_a_token_that_ends_too_soon_is_given_to_who_waited_and_not_kept(lifetime_s):
    github = Github(lifetime_s)

    async def ask():
        at_once = await asyncio.gather(*(github.token() for _ in range(5)))
        return set(at_once), await github.token()

    assert asyncio.run(ask()) == ({"not-a-real-token-1"}, "not-a-real-token-2")
    assert github.minted == 2


def test_a_refused_token_is_forgotten_but_not_the_one_that_took_its_place():
    github = Github()
    first = asyncio.run(github.token())

    github.tokens.drop(KEY, Secret(first))
    second = asyncio.run(github.token())
    github.tokens.drop(KEY, Secret(first))

    assert asyncio.run(github.token()) == second == "not-a-real-token-2"


def test_a_failure_is_for_all_who_waited_and_is_not_kept():
    github = Github()

    async def ask():
        github.failing = True
        failures = await asyncio.gather(*(github.token() for _ in range(5)), return_exceptions=True)
        github.failing = False
        return failures, await github.token()

    failures, token = asyncio.run(ask())

    assert [failure.reason for failure in failures] == [Reason.SERVER_ERROR] * 5
    assert (token, github.minted) == ("not-a-real-token-2", 2)


def test_when_the_one_who_asks_is_cancelled_another_of_those_who_wait_asks():
    github = Github()

    async def ask():
        first, *others = [asyncio.create_task(github.token()) for _ in range(3)]
        await asyncio.sleep(0)
        first.cancel()
        return await asyncio.gather(first, *others, return_exceptions=True)

    cancelled, *tokens = asyncio.run(ask())

    assert isinstance(cancelled, asyncio.CancelledError)
    assert tokens == ["not-a-real-token-2"] * 2
    assert github.minted == 2


def test_one_who_waits_and_is_cancelled_takes_nobody_with_it():
    github = Github()

    async def ask():
        first, second, third = [asyncio.create_task(github.token()) for _ in range(3)]
        await asyncio.sleep(0)
        second.cancel()
        return await asyncio.gather(first, second, third, return_exceptions=True)

    first, second, third = asyncio.run(ask())

    assert first == third == "not-a-real-token-1"
    assert isinstance(second, asyncio.CancelledError)


def test_what_is_kept_does_not_grow_without_end():
    github = Github()

    async def ask():
        for number in range(100, 10_100):
            await github.token(KEY._replace(installation_id=number))
        await github.token(KEY)  # no room: given, not kept
        github.now += 3600
        await github.token(KEY)  # what has ended makes room
        return await github.token(KEY)

    assert asyncio.run(ask()) == "not-a-real-token-10002"
