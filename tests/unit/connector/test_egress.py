"""Which addresses a check may reach: vectors from the IANA registries, and the tricks that hide one in another."""

import pytest

from integrations_hub.connector.egress import EgressPolicy, parse_allow_list

PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "172.15.255.255",
    "172.32.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]

REFUSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",  # v4-compatible loopback
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0:7f00:1",  # v4-translated
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2001::1",  # Teredo
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "100::1",
    "fc00::1",
    "fd12:3456::1",
    "fec0::1",
    "ff02::1",
]

NEVER = [
    "169.254.169.254",
    "169.254.170.2",
    "169.254.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "fd00:ec2::23",
    "fd20:ce::254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_reached(address):
    assert EgressPolicy().judge(address) is None


@pytest.mark.parametrize("address", REFUSED)
def test_special_addresses_are_refused_and_an_allow_list_can_open_them(address):
    everything = EgressPolicy(parse_allow_list("0.0.0.0/0, ::/0"))

    refusal = EgressPolicy().judge(address)

    assert refusal is not None
    assert not refusal.final
    assert everything.judge(address) is None


@pytest.mark.parametrize("address", NEVER)
def test_metadata_and_link_local_are_refused_whatever_is_allowed(address):
    everything = EgressPolicy(parse_allow_list("0.0.0.0/0, ::/0"))

    refusal = everything.judge(address)

    assert refusal is not None
    assert refusal.final


def test_an_allow_list_opens_what_it_names_and_nothing_beside_it():
    policy = EgressPolicy(parse_allow_list("10.1.0.0/16,"))

    assert policy.judge("10.1.2.3") is None
    assert policy.judge("::ffff:10.1.2.3") is None
    assert policy.judge("10.2.0.1") is not None
    assert policy.judge("127.0.0.1") is not None


def test_a_refusal_names_the_range_and_not_the_address():
    refusal = EgressPolicy().judge("10.9.8.7")

    assert str(refusal) == "private (10.0.0.0/8)"


def test_a_network_with_host_bits_is_refused_with_its_text():
    with pytest.raises(ValueError, match=r"10\.1\.2\.3/8 has host bits set"):
        parse_allow_list("10.1.2.3/8")
