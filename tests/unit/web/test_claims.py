import pytest

from integrations_hub.errors import Forbidden, TenantInvalid, TenantRequired, Unauthenticated
from integrations_hub.web.claims import caller_of, require_scope

CLAIMS: dict[str, object] = {"sub": "ci", "stellaops:tenant": "acme", "scope": "integration:read"}


def test_caller_of_a_program() -> None:
    caller = caller_of({**CLAIMS, "client_id": "deployer"})
    assert (caller.tenant, caller.subject, caller.client_id, caller.interactive) == ("acme", "ci", "deployer", False)


def test_a_person_took_part() -> None:
    assert caller_of({**CLAIMS, "auth_time": 1}).interactive


@pytest.mark.parametrize(
    "claim",
    [
        {"scope": "integration:read integration:write"},
        {"scope": ["integration:read", "integration:write"]},
        {"scp": "integration:read integration:write"},
        {"scp": ["integration:read", "integration:write", 7]},
        {"scope": "integration:read", "scp": ["integration:write"]},
        {"scp": "[integration:read integration:write]"},
    ],
)
def test_scopes_in_every_spelling(claim: dict[str, object]) -> None:
    claims = {name: value for name, value in CLAIMS.items() if name != "scope"} | claim
    assert caller_of(claims).scopes == {"integration:read", "integration:write"}


@pytest.mark.parametrize("claim", [None, 7, {"a": 1}, True])
def test_a_scope_claim_of_another_kind_grants_nothing(claim: object) -> None:
    assert caller_of({**CLAIMS, "scope": claim}).scopes == frozenset()


def test_the_legacy_tenant_claim_counts_only_where_the_new_one_is_absent() -> None:
    assert caller_of({"sub": "a", "tid": "old"}).tenant == "old"
    assert caller_of({"sub": "a", "tid": "old", "stellaops:tenant": "new"}).tenant == "new"


@pytest.mark.parametrize(
    "claims", [{}, {"stellaops:tenant": None}, {"stellaops:tenant": ""}, {"stellaops:tenant": None, "tid": "old"}]
)
def test_no_tenant(claims: dict[str, object]) -> None:
    with pytest.raises(TenantRequired):
        caller_of({"sub": "a", **claims})


@pytest.mark.parametrize("tenant", ["-a", ".", "a/b", "a b", "a" * 65, "ä", "a\n", 7, ["acme"], "acme\0", "%61"])
def test_a_tenant_outside_the_grammar(tenant: object) -> None:
    with pytest.raises(TenantInvalid):
        caller_of({**CLAIMS, "stellaops:tenant": tenant})


@pytest.mark.parametrize("subject", [None, "", 7, "a\nb", "a" * 257])
def test_no_usable_subject(subject: object) -> None:
    with pytest.raises(Unauthenticated):
        caller_of({**CLAIMS, "sub": subject})


def test_scopes_are_matched_whole_and_none_implies_another() -> None:
    caller = caller_of({**CLAIMS, "scope": "integration:admin integration:readx"})
    with pytest.raises(Forbidden) as refused:
        require_scope(caller, "integration:read")
    challenge = refused.value.extras.headers["WWW-Authenticate"]
    assert challenge == 'Bearer error="insufficient_scope", scope="integration:read"'
