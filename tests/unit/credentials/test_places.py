"""Where each backend looks for a tenant's secret: two pairs of tenant and path never meet in one place."""

import itertools
import re
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from integrations_hub.credentials.backends import build_backends
from integrations_hub.credentials.errors import SecretForbidden, SecretNotFound, SecretUnavailable
from integrations_hub.credentials.names import flat_name

VAULT = {"kind": "vault", "url": "https://vault.example", "login": {"method": "token", "token": "not-a-real-token"}}
BACKENDS = build_backends(
    {
        "vault": VAULT,
        "namespaces": {**VAULT, "tenancy": "namespace", "namespace": "hub"},
        "aws-sm": {},
        "aws-ssm": {},
        "azure-kv": {"vault_url": "https://hub-{tenant}.vault.azure.net"},
        "azure-shared": {"kind": "azure-kv", "vault_url": "https://hub.vault.azure.net"},
        "gcp-sm": {"project": "hub-{tenant}"},
        "gcp-shared": {"kind": "gcp-sm", "project": "hub"},
        "k8s": {"root": "/secrets"},
        "file": {"root": "/secrets"},
        "env": {},
    },
    development=True,
    environment={},
)
TENANTS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,6}", fullmatch=True)
SEGMENTS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,3}(\.[A-Za-z0-9_-]{1,2})?", fullmatch=True)
PATHS = st.lists(SEGMENTS, min_size=1, max_size=3).map("/".join)
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
NEAR = st.text("abAB01-_./", min_size=1, max_size=5)  # as close to each other as names get


def place(alias, tenant, path):
    """Return where a backend looks; None where the tenant or path has no place at all."""
    try:
        return BACKENDS[alias].place(tenant, path)
    except SecretUnavailable:
        return None


@pytest.mark.parametrize("alias", BACKENDS)
@PATIENT
@given(one=st.tuples(TENANTS, PATHS), other=st.tuples(TENANTS, PATHS))
def test_two_secrets_never_share_a_place(alias, one, other):
    assume(one != other)
    places = place(alias, *one), place(alias, *other)

    assert None in places or places[0] != places[1]


@pytest.mark.parametrize("alias", BACKENDS)
@PATIENT
@given(one=st.tuples(NEAR, NEAR), other=st.tuples(NEAR, NEAR))
def test_nor_do_names_that_differ_in_separators_only(alias, one, other):
    assume(one != other)
    places = place(alias, *one), place(alias, *other)

    assert None in places or places[0] != places[1]


@pytest.mark.parametrize("alias", BACKENDS)
def test_no_two_of_many_close_names_share_a_place(alias):
    names = ["".join(letters) for length in (1, 2) for letters in itertools.product("ah-_.A/", repeat=length)]
    pairs = list(itertools.product([f"a{name}" for name in names], [f"a{name}" for name in names]))
    places = [found for tenant, path in pairs if (found := place(alias, tenant, path)) is not None]

    # folded: Azure's names know no capitals, nor do host names
    folded = {str(found).lower() if alias.startswith("azure") else found for found in places}
    assert len(folded) == len(places)
    assert len(places) > 100


@pytest.mark.parametrize("alias", BACKENDS)
@pytest.mark.parametrize("tenant", ["", "..", "a/b", "../b", "a b", "é", "a\n", "a" * 65, "a%2fb", "{tenant}"])
def test_a_tenant_outside_the_grammar_has_no_place(alias, tenant):
    with pytest.raises(SecretForbidden):
        BACKENDS[alias].place(tenant, "x")


@pytest.mark.parametrize("alias", BACKENDS)
@pytest.mark.parametrize(
    "path",
    ["../b", "a/../b", "a//b", "", "/a", "a/", "a.", "%2e%2e/b", "a?version=1", "a#k", "a b", "a\\b", "é", "a:1"],
)
def test_a_path_outside_the_grammar_has_no_place(alias, path):
    with pytest.raises(SecretNotFound):
        BACKENDS[alias].place("acme", path)


def read_back(name):
    """Return the path a flat name stands for: the inverse, written from its description."""
    runs = re.compile(r"---(?:c(?P<capital>[a-z])|(?P<letter>[hud]))|(?P<slash>--)|(?P<plain>[a-z0-9-])")
    letters, path, at = {"h": "-", "u": "_", "d": "."}, "", 0
    while at < len(name):
        # a run of five is a slash and an escape; of three, an escape
        dashes = len(name) - at - len(name[at:].lstrip("-"))
        found = runs.match(name, at + 2) if dashes == 5 else runs.match(name, at)
        path += "/" if dashes == 5 else ""
        path += (
            (found["capital"] or "").upper() or letters.get(found["letter"]) or ("/" if found["slash"] else found[0])
        )
        at = found.end()
    return path


@PATIENT
@given(PATHS)
def test_a_flat_name_can_be_read_back(path):
    name = flat_name("azure-kv", path, 500)

    assert re.fullmatch(r"[a-z0-9-]+", name)
    assert read_back(name) == path


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("harbor-robot", "harbor-robot"),
        ("github/app", "github--app"),
        ("a/B_c.d", "a-----cb---uc---dd"),
        ("a-/b", "a---h--b"),
        ("a-b/c", "a-b--c"),
        ("a/b-c", "a--b-c"),
    ],
)
def test_plain_names_stay_as_they_are(path, name):
    assert flat_name("azure-kv", path, 127) == name


def test_where_things_lie_is_as_the_documentation_says():
    digest = sha256(b"acme").hexdigest()[:32]

    assert {alias: place(alias, "acme", "github/app") for alias in BACKENDS} == {
        "vault": ("tenants/acme/github/app", None),
        "namespaces": ("github/app", "hub/acme"),
        "aws-sm": "hub/acme/github/app",
        "aws-ssm": "/hub/acme/github/app",
        "azure-kv": ("https://hub-acme.vault.azure.net", "github--app"),
        "azure-shared": ("https://hub.vault.azure.net", f"{digest}-github--app"),
        "gcp-sm": "projects/hub-acme/secrets/github--app",
        "gcp-shared": f"projects/hub/secrets/{digest}-github--app",
        "k8s": Path("/secrets/acme/github/app"),
        "file": Path("/secrets/acme/github/app"),
        "env": "HUB_SECRET_acme__github__app",
    }
