"""Two tenants never meet in one place, and a secret goes only where it says it may."""

import itertools

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from integrations_hub.connector.contract import Target
from integrations_hub.credentials.errors import HostNotAllowed, SecretForbidden, SecretNotFound
from integrations_hub.credentials.policy import check_host, environment_variable, tenant_namespace, tenant_path

TENANTS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,6}", fullmatch=True)
SEGMENTS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,3}(\.[A-Za-z0-9_-]{1,2})?", fullmatch=True)
PATHS = st.lists(SEGMENTS, min_size=1, max_size=3).map("/".join)


@pytest.mark.parametrize("mapping", [tenant_path, environment_variable])
@given(one=st.tuples(TENANTS, PATHS), other=st.tuples(TENANTS, PATHS))
def test_two_secrets_never_share_a_place(mapping, one, other):
    assume(one != other)

    assert mapping("file", *one) != mapping("file", *other)


@pytest.mark.parametrize("mapping", [tenant_path, environment_variable])
def test_no_two_of_many_close_names_share_a_place(mapping):
    names = ["".join(letters) for length in (1, 2, 3) for letters in itertools.product("ahud_-.", repeat=length)]
    tenants = [f"a{name}" for name in names][:60]
    segments = [f"a{name}" for name in names if ".." not in name and not name.endswith(".")]
    paths = [*segments, *(f"{one}/b" for one in segments), *(f"a/{one}" for one in segments)]

    pairs = list(itertools.product(tenants, dict.fromkeys(paths)))

    assert len({mapping("env", tenant, path) for tenant, path in pairs}) == len(pairs)


@pytest.mark.parametrize(
    "path", ["../b", "a/../b", "a//b", "", "/a", "a/", "a.", "%2e%2e/b", "a?version=1", "a#k", "a b", "a\\b", "é"]
)
def test_a_path_outside_the_grammar_has_no_place_whoever_asks(path):
    for mapping in (tenant_path, environment_variable):
        with pytest.raises(SecretNotFound):
            mapping("vault", "acme", path)


def test_a_variable_reads_well_where_names_are_plain():
    assert environment_variable("env", "acme", "github/app") == "HUB_SECRET_acme__github__app"
    assert environment_variable("env", "a-b", "c.d_e") == "HUB_SECRET_a_hb__c_dd_ue"


@pytest.mark.parametrize(
    "tenant", ["", "..", ".", "a/b", "../b", "a\\b", "a b", "-a", "é", "a\n", "a" * 65, "a%2fb", "a\x00"]
)
def test_a_tenant_outside_the_grammar_has_no_place(tenant):
    for mapping in (tenant_path, environment_variable):
        with pytest.raises(SecretForbidden):
            mapping("vault", tenant, "x")
    with pytest.raises(SecretForbidden):
        tenant_namespace("vault", None, tenant)


@pytest.mark.parametrize("tenant", ["root", "sys", "auth", "Root", "cubbyhole", "identity", "audit"])
def test_a_name_vault_reserves_is_no_tenants_namespace(tenant):
    with pytest.raises(SecretForbidden):
        tenant_namespace("vault", None, tenant)


def test_a_namespace_lies_below_its_parent():
    assert tenant_namespace("vault", None, "acme") == "acme"
    assert tenant_namespace("vault", "hub/prod", "acme") == "hub/prod/acme"


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        (None, "anywhere.example:443"),
        (("gitlab.example",), "gitlab.example"),
        (("gitlab.example",), "gitlab.example:8443"),
        (("GitLab.Example.",), str(Target("gitlab.example", 443))),
        (("gitlab.example:8443",), "gitlab.example:8443"),
        (("other.example", "gitlab.example"), "gitlab.example:443"),
        (("::1",), str(Target("::1", 443))),
        (("[::1]:443",), str(Target("::1", 443))),
        (("10.0.0.1",), "10.0.0.1:80"),
    ],
)
def test_a_secret_goes_to_the_hosts_it_lists(allowed, host):
    check_host("vault", allowed, host)


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ((), "gitlab.example"),
        (("gitlab.example",), "evil.example:443"),
        (("gitlab.example",), "gitlab.example.evil.example"),
        (("gitlab.example",), "evil-gitlab.example"),
        (("gitlab.example",), "gitlab.example@evil.example"),
        (("gitlab.example",), ""),
        (("gitlab.example:8443",), "gitlab.example:443"),
        (("gitlab.example:8443",), "gitlab.example"),
        (("https://gitlab.example",), "gitlab.example"),
        (("*",), "gitlab.example"),
        (("*.example",), "gitlab.example"),
        (("::1",), "[::2]:443"),
        (("::1:443",), "[::1]:443"),
    ],
)
def test_and_nowhere_else(allowed, host):
    with pytest.raises(HostNotAllowed) as refusal:
        check_host("vault", allowed, host)
    assert refusal.value.cause_key is None
