"""The check of a Harbor over TLS: whose certificate is believed, and what is said of the others."""

import ssl
from datetime import UTC, datetime

import pytest
import trustme

from integrations_hub.connector.reasons import Reason, StepName

from .harbor_hub import asking, decisive, harbor, no_secret_in_logs, served

__all__ = ["harbor", "no_secret_in_logs"]


@pytest.fixture
def authority():
    return trustme.CA()


def tls_harbor(authority, *names, **options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **options).configure_cert(context)
    return served(tls=context)


def bundle_of(authority):
    return authority.cert_pem.bytes().decode()


def test_a_certificate_is_verified_against_the_bundle_and_its_end_is_told(authority):
    with tls_harbor(authority, "127.0.0.1") as simulated:
        result = asking(simulated.url, caBundle=bundle_of(authority)).check()

    assert result.reason is Reason.OK
    assert [step.name for step in result.steps] == ["connect", "tls", "product", "authenticate"]
    assert result.steps[1].evidence.startswith("TLSv1.3, certificate valid until ")
    assert result.certificate_ends_at is not None


def test_a_certificate_for_another_name_is_a_tls_error_that_says_which(authority):
    with tls_harbor(authority, "other.example") as simulated:
        result = asking(simulated.url, caBundle=bundle_of(authority)).check()

    assert decisive(result) == (StepName.TLS, Reason.TLS_ERROR)
    assert "not for this address" in result.decisive.evidence
    assert "other.example" in result.decisive.evidence
    assert simulated.requests == []


def test_a_certificate_for_another_host_name_is_a_tls_error(authority):
    with tls_harbor(authority, "other.example") as simulated:
        named = simulated.url.replace("127.0.0.1", "localhost")
        result = asking(named, caBundle=bundle_of(authority)).check()

    assert decisive(result) == (StepName.TLS, Reason.TLS_ERROR)
    assert "for another name; it names other.example" in result.decisive.evidence


@pytest.mark.parametrize("bundle", [None, "another"])
def test_an_authority_nobody_trusts_is_a_tls_error(authority, bundle):
    other = {"caBundle": bundle_of(trustme.CA())} if bundle else {}
    with tls_harbor(authority, "127.0.0.1") as simulated:
        result = asking(simulated.url, **other).check()

    assert decisive(result) == (StepName.TLS, Reason.TLS_ERROR)
    assert "not trusted; it names 127.0.0.1" in result.decisive.evidence
    assert "caBundle" in result.decisive.remedy
    assert simulated.requests == []


def test_an_expired_certificate_is_a_tls_error(authority):
    with tls_harbor(authority, "127.0.0.1", not_after=datetime(2020, 1, 1, tzinfo=UTC)) as simulated:
        result = asking(simulated.url, caBundle=bundle_of(authority)).check()

    assert decisive(result) == (StepName.TLS, Reason.TLS_ERROR)
    assert "expired" in result.decisive.evidence
    assert "2020-01-01" in result.decisive.evidence


def test_a_port_that_does_not_speak_tls_says_so(harbor):
    result = asking(harbor.url.replace("http:", "https:")).check()

    assert decisive(result) == (StepName.TLS, Reason.TLS_ERROR)
    assert "does not speak TLS" in result.decisive.evidence
