"""The check of a Harbor that is not reached: down, unknown, or where checks may not go."""

from dataclasses import replace

import pytest

from integrations_hub.connector.egress import EgressPolicy, parse_allow_list
from integrations_hub.connector.reasons import Reason, StepName

from .harbor_hub import QUICK, asking, decisive, harbor, no_secret_in_logs

__all__ = ["harbor", "no_secret_in_logs"]


def test_a_refused_connection_is_a_connect_error(harbor):
    harbor.stop()

    result = asking(harbor.url).check()

    assert decisive(result) == (StepName.CONNECT, Reason.CONNECT_ERROR)
    assert "connection refused" in result.decisive.evidence


def test_a_name_nobody_knows_is_a_dns_error():
    patient = replace(QUICK, connect_s=15, request_s=15, check_s=20)

    result = asking("https://no-such-host.invalid").but(limits=patient).check()

    assert decisive(result) == (StepName.RESOLVE, Reason.DNS_ERROR)
    assert "no-such-host.invalid" in result.decisive.evidence


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
def test_loopback_is_denied_unless_the_operator_opens_it(harbor, host):
    result = asking(harbor.url.replace("127.0.0.1", host)).but(policy=EgressPolicy()).check()

    assert decisive(result) == (StepName.CONNECT, Reason.EGRESS_DENIED)
    assert "loopback" in result.decisive.evidence
    assert "EGRESS_ALLOW" in result.decisive.remedy
    assert harbor.requests == []


@pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "100.100.100.200"])
def test_no_setting_opens_a_metadata_service(host):
    everything = EgressPolicy(parse_allow_list("0.0.0.0/0,::/0"))

    result = asking(f"http://{host}").but(policy=everything, limits=QUICK).check()

    assert decisive(result) == (StepName.CONNECT, Reason.EGRESS_DENIED)
    assert result.decisive.remedy == "No setting opens this range."


def test_a_proxy_in_the_environment_is_not_used(harbor, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert asking(harbor.url).check().reason is Reason.OK
