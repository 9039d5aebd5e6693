"""What went wrong on the network, and whose fault it is, decided without a network."""

import errno

import pytest
from aiohttp import ClientConnectorError, ClientPayloadError, InvalidURL, ServerDisconnectedError
from aiohttp.client_reqrep import ConnectionKey

from integrations_hub.connector.egress import EgressPolicy
from integrations_hub.connector.failures import explain_failure
from integrations_hub.connector.phases import PhaseClock
from integrations_hub.connector.reasons import Reason, StepName

KEY = ConnectionKey("h.example", 443, is_ssl=True, ssl=True, proxy=None, proxy_auth=None, proxy_headers_hash=None)
ADDRESS = (2, 1, 6, "", ("192.0.2.1", 443))


def connector_error(number):
    return ClientConnectorError(KEY, OSError(number, "canary"))


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENETUNREACH, errno.EADDRNOTAVAIL])
def test_what_is_short_on_this_side_is_not_the_providers_fault(number):
    failed = explain_failure(connector_error(number), PhaseClock(), "h.example")

    assert failed.reason is Reason.EGRESS_DOWN


@pytest.mark.parametrize("number", [errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ETIMEDOUT, None])
def test_what_the_provider_refuses_is_a_connect_error(number):
    failed = explain_failure(connector_error(number), PhaseClock(), "h.example")

    assert (failed.reason, failed.step) == (Reason.CONNECT_ERROR, StepName.CONNECT)
    assert failed.evidence.startswith("h.example: ")
    assert "canary" not in failed.evidence


@pytest.mark.parametrize("phase", [None, StepName.RESOLVE, StepName.CONNECT, StepName.TLS])
def test_a_timeout_is_one_of_the_phase_under_way(phase):
    clock = PhaseClock()
    if phase:
        clock.begin(phase)

    failed = explain_failure(TimeoutError(), clock, "h.example")

    assert (failed.reason, failed.step) == (Reason.TIMEOUT, phase)


def test_a_name_with_a_refused_and_an_open_address_failed_at_the_open_one():
    clock = PhaseClock()
    clock.refuse(EgressPolicy().judge("10.0.0.1"))
    clock.try_address(ADDRESS)

    failed = explain_failure(connector_error(errno.ECONNREFUSED), clock, "h.example")

    assert failed.reason is Reason.CONNECT_ERROR


def test_a_connection_reset_in_the_handshake_is_a_tls_error():
    clock = PhaseClock()
    clock.begin(StepName.TLS)

    failed = explain_failure(connector_error(errno.ECONNRESET), clock, "h.example")

    assert (failed.reason, failed.step) == (Reason.TLS_ERROR, StepName.TLS)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ClientPayloadError("canary"), Reason.SERVER_ERROR),
        (ServerDisconnectedError("canary"), Reason.SERVER_ERROR),
        (InvalidURL("canary"), Reason.INVALID_CONFIG),
    ],
)
def test_the_librarys_words_are_not_repeated(error, reason):
    failed = explain_failure(error, PhaseClock(), "h.example")

    assert failed.reason is reason
    assert failed.remedy
    assert "canary" not in failed.evidence
