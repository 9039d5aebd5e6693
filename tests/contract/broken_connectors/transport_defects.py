"""Connectors with a client of their own for the second request: late, too large, half, unverified or led away."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

from integrations_hub.connector.answer import Answer
from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.reasons import Reason
from tests.contract.broken_connectors.kit import breaks
from tests.contract.broken_connectors.own_client import Lax, own_get
from tests.contract.broken_connectors.sound import Toy


class OwnClient(Toy):
    """Asks who it is with a client of its own, so far as it can without harm."""

    lax = Lax()

    async def ask_as(self, access, path, **params):
        if path != "me" or access.config.endpoint.startswith("https:"):
            return await super().ask_as(access, path, **params)
        return await own_get(access, f"{access.config.endpoint}/{path}", self.lax)


@breaks("test_ends_when_the_provider_hangs")
class TakesSilenceForYes(OwnClient):
    lax = Lax(silence_s=0.2)


@breaks(
    "test_ends_when_the_provider_drips",
    test_reads_no_flood="it reads nothing at all",
    test_unpacks_no_bomb="as above",
    test_takes_half_an_answer_for_none="as above",
)
class ReadsTheStatusOnly(OwnClient):
    lax = Lax(read=False)


@breaks("test_reads_no_flood")
class ReadsWithoutLimit(OwnClient):
    lax = Lax(limit=False)


@breaks("test_unpacks_no_bomb", test_reads_no_flood="what is not packed is read without limit too")
class UnpacksWithoutLimit(OwnClient):
    lax = Lax(unpack=True, limit=False)


@breaks("test_takes_half_an_answer_for_none")
class TakesHalfAnAnswer(OwnClient):
    lax = Lax(half=True)


@breaks("test_follows_no_redirect_to_another_host")
class FollowsRedirects(OwnClient):
    async def ask_as(self, access, path, **params):
        answer = await super().ask_as(access, path, **params)
        onward = answer.headers.get("location", "")
        return await own_get(access, onward, self.lax) if onward.startswith("http") else answer


@breaks("test_follows_no_redirect_without_a_scheme")
class FollowsRedirectsWithoutAScheme(OwnClient):
    async def ask_as(self, access, path, **params):
        answer = await super().ask_as(access, path, **params)
        onward = answer.headers.get("location", "")
        return await own_get(access, f"http:{onward}", self.lax) if onward.startswith("//") else answer


@breaks("test_asks_no_token_service_of_another_host")
class AsksAnyTokenService(OwnClient):
    async def ask_as(self, access, path, **params):
        answer = await super().ask_as(access, path, **params)
        _, bearer, rest = answer.headers.get("www-authenticate", "").partition('Bearer realm="')
        if bearer:
            await own_get(access, rest.partition('"')[0], self.lax)
        return answer


class FallsBack(Toy):
    """Asks again with a laxer context of its own where a certificate is not believed."""

    async def ask(self, access, path):
        return await self.again(access, path, super().ask(access, path))

    async def ask_as(self, access, path, **params):
        return await self.again(access, path, super().ask_as(access, path, **params))

    async def again(self, access, path, asking) -> Answer:
        try:
            return await asking
        except CheckFailed as failed:
            if failed.reason is not Reason.TLS_ERROR:
                raise
        return await own_get(access, f"{access.config.endpoint}/{path}", Lax(tls=self.context(access)))

    def context(self, access) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=access.config.ca_bundle)
        return context


@breaks("test_refuses_an_authority_nobody_trusts")
class TrustsWhatItSees(FallsBack):
    def context(self, access):
        context, where = super().context(access), urlsplit(access.config.endpoint)
        context.load_verify_locations(cadata=ssl.get_server_certificate((where.hostname, where.port)))
        context.verify_flags |= 0x80000  # X509_V_FLAG_PARTIAL_CHAIN
        return context


@breaks("test_refuses_a_certificate_for_another_name")
class LooksAtNoName(FallsBack):
    def context(self, access):
        context = super().context(access)
        context.check_hostname = False
        return context


@breaks("test_refuses_an_expired_certificate")
class LooksAtNoDate(FallsBack):
    def context(self, access):
        context = super().context(access)
        context.verify_flags |= 0x200000  # X509_V_FLAG_NO_CHECK_TIME
        return context


@breaks("test_believes_a_certificate_of_the_bundle")
class DropsTheBundle(Toy):
    def endpoint(self, config):
        return type(super().endpoint(config))(config.endpoint)
