"""Tokens of the real Authority, over real HTTP, against the verifier every face uses; and tokens of everyone else."""

import hmac
import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copytree
from typing import Any, NamedTuple

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from integrations_hub.errors import Unavailable
from integrations_hub.web import READ, Call, NoBody, NoQuery, Response, expose, json_answer
from integrations_hub.web.authentication import authenticate
from integrations_hub.web.token_verifier import TokenVerifier
from local.authority import Authority, serve

PATH = "/api/v1/integrations"


class Counting(Authority):
    """The Authority, counting what it is asked, and silent, wordy or wrong when a case wants it so."""

    def __init__(self, state_dir: Path, **settings: Any) -> None:
        super().__init__(state_dir, **settings)
        self.asked: list[str] = []
        self.instead: bytes | None = None
        self.discovery: dict[str, str] | None = None
        self.more_keys: list[dict[str, object]] = []

    def wsgi_app(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        self.asked.append(environ["PATH_INFO"])
        instead = self.instead
        if environ["PATH_INFO"].endswith("openid-configuration") and self.discovery:
            instead = json.dumps(self.discovery).encode()
        if environ["PATH_INFO"].endswith("jwks.json") and self.more_keys:
            instead = json.dumps({"keys": self.more_keys}).encode()
        if instead is None:
            return super().wsgi_app(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [instead]


class Clock:
    """A wall clock that a case sets."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


class Answered(NamedTuple):
    status: int
    code: str
    headers: dict[str, str]
    body: dict[str, Any]


class Hub:
    """One function of the hub, verifying tokens of one Authority."""

    def __init__(self, authority: Authority, clock: Clock) -> None:
        self.verifier = TokenVerifier(authority.issuer, "integrations-hub", clock=clock)

        def whoami(call: Call[NoQuery, NoBody]) -> Response:
            return json_answer(
                200,
                {"tenant": call.caller.tenant, "scopes": sorted(call.caller.scopes), "subject": call.caller.subject},
            )

        self.face, _ = expose(
            whoami, "GET", PATH, scope=READ, authenticate=lambda request: authenticate(request, self.verifier)
        )

    def ask(self, token: str, **authorizer: Any) -> Answered:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        event = {"rawPath": PATH, "headers": headers, "requestContext": {"http": {"method": "GET"}, **authorizer}}
        answer = self.face(event, None)
        body = json.loads(answer["body"])
        return Answered(answer["statusCode"], body.get("code", ""), answer["headers"], body)


@pytest.fixture(scope="module")
def first_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make keys once: an RSA pair takes longer than most cases."""
    state_dir = tmp_path_factory.mktemp("authority")
    Authority(state_dir)
    return state_dir


@pytest.fixture
def state_dir(first_keys: Path, tmp_path: Path) -> Path:
    return copytree(first_keys, tmp_path / "authority")


@pytest.fixture
def authority(state_dir: Path) -> Iterator[Counting]:
    authority = Counting(state_dir)
    server = serve(authority)
    yield authority
    server.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hub(authority: Counting, clock: Clock) -> Hub:
    return Hub(authority, clock)


def encode(part: object) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims_of(authority: Authority, **overrides: Any) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(authority.mint("acme", **overrides), options={"verify_signature": False})
    return claims


def sign(authority: Authority, header: dict[str, object], claims: object, alg: str = "RS256") -> str:
    """Sign anything at all with the Authority's own key."""
    key = authority.keys.current(alg)
    signing_input = f"{encode({'alg': alg, 'kid': key.kid, **header})}.{encode(claims)}"
    algorithm = jwt.get_algorithm_by_name(alg)
    return f"{signing_input}.{encode(algorithm.sign(signing_input.encode(), key.private_key()))}"


# --- tokens that are true


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_the_authoritys_tokens_are_believed(authority: Counting, hub: Hub, alg: str) -> None:
    # Given / When
    answer = hub.ask(authority.mint("acme", [READ], "ci", alg=alg))
    # Then
    assert answer.status == 200
    assert answer.body == {"tenant": "acme", "scopes": [READ], "subject": "ci"}


def test_an_ed25519_key_that_is_published_is_believed(authority: Counting, hub: Hub) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    public = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key()))
    authority.more_keys = [{**public, "kid": "ed"}]
    token = jwt.encode(claims_of(authority), key, algorithm="EdDSA", headers={"kid": "ed"})
    assert hub.ask(token).status == 200


@pytest.mark.parametrize(
    "scope",
    [{"scope": f"{READ} other"}, {"scope": [READ]}, {"scope": None, "scp": READ}, {"scope": None, "scp": [READ, "x"]}],
)
def test_scopes_as_text_or_array(authority: Counting, hub: Hub, scope: dict[str, Any]) -> None:
    assert hub.ask(authority.mint("acme", **scope)).status == 200


def test_one_of_several_audiences_is_enough(authority: Counting, hub: Hub) -> None:
    assert hub.ask(authority.mint("acme", aud=["stella-platform", "integrations-hub"])).status == 200


def test_the_clocks_may_differ_by_a_minute(authority: Counting, hub: Hub) -> None:
    assert hub.ask(authority.mint("acme", ttl=-40)).status == 200
    assert hub.ask(authority.mint("acme", nbf=int(time.time()) + 40)).status == 200


def test_a_token_without_kid_is_matched_where_one_key_fits(authority: Counting, hub: Hub) -> None:
    key = authority.keys.current("ES256")
    assert hub.ask(jwt.encode(claims_of(authority), key.private_key(), algorithm="ES256")).status == 200


def test_a_token_without_kid_is_refused_where_several_keys_fit(authority: Counting, hub: Hub) -> None:
    authority.keys.rotate()
    key = authority.keys.current("ES256")
    assert hub.ask(jwt.encode(claims_of(authority), key.private_key(), algorithm="ES256")).status == 401


# --- tokens that are not


@pytest.mark.parametrize(
    ("overrides", "status", "code"),
    [
        ({"exp": 1_700_000_000}, 401, "unauthenticated"),
        ({"exp": None}, 401, "unauthenticated"),
        ({"exp": "tomorrow"}, 401, "unauthenticated"),
        ({"exp": []}, 401, "unauthenticated"),
        ({"nbf": 2**40}, 401, "unauthenticated"),
        ({"nbf": {}}, 401, "unauthenticated"),
        ({"aud": "stella-platform"}, 401, "unauthenticated"),
        ({"aud": ["a", "b"]}, 401, "unauthenticated"),
        ({"aud": None}, 401, "unauthenticated"),
        ({"aud": "integrations-hub "}, 401, "unauthenticated"),
        ({"iss": "http://127.0.0.1:1"}, 401, "unauthenticated"),
        ({"iss": None}, 401, "unauthenticated"),
        ({"sub": None, "client_id": None}, 401, "unauthenticated"),
        ({"stellaops:tenant": None}, 403, "TENANT_REQUIRED"),
        ({"stellaops:tenant": ""}, 403, "TENANT_REQUIRED"),
        ({"stellaops:tenant": "../acme"}, 403, "TENANT_INVALID"),
        ({"stellaops:tenant": ["acme"]}, 403, "TENANT_INVALID"),
        ({"scope": "integration:write"}, 403, "forbidden"),
        ({"scope": None}, 403, "forbidden"),
    ],
    ids=str,
)
def test_claims_that_do_not_do(
    authority: Counting, hub: Hub, overrides: dict[str, Any], status: int, code: str
) -> None:
    # signed here, as PyJWT would not write some of these
    claims = {**claims_of(authority), **overrides}
    answer = hub.ask(sign(authority, {}, {name: value for name, value in claims.items() if value is not None}))
    assert (answer.status, answer.code) == (status, code)


def test_a_missing_token_is_challenged_and_a_wrong_one_is_told(authority: Counting, hub: Hub) -> None:
    assert hub.ask("").headers["WWW-Authenticate"] == "Bearer"
    assert hub.ask(authority.mint("acme", ttl=-120)).headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None, ["RS256"], "HS256", "PS256", "RS1"])
def test_algorithms_that_are_not_ours(authority: Counting, hub: Hub, alg: object) -> None:
    claims = encode(claims_of(authority))
    header = encode({"alg": alg, "kid": authority.keys.current("RS256").kid})
    for signature in ("", encode(b"x")):
        answer = hub.ask(f"{header}.{claims}.{signature}")
        assert answer.status == 401
        assert not authority.asked


def test_hs256_signed_with_the_public_key_is_refused(authority: Counting, hub: Hub) -> None:
    """CVE-2015-9235: a public key is not a shared secret."""
    key = authority.keys.current("RS256")
    public = key.private_key().public_key()
    jwk = json.dumps(key.jwk()).encode()
    formats = [
        (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        (serialization.Encoding.DER, serialization.PublicFormat.PKCS1),
    ]
    for secret in (*(public.public_bytes(*form) for form in formats), jwk):
        signing_input = f"{encode({'alg': 'HS256', 'kid': key.kid})}.{encode(claims_of(authority))}"
        signature = hmac.digest(secret, signing_input.encode(), "sha256")
        assert hub.ask(f"{signing_input}.{encode(signature)}").status == 401


def test_a_shared_secret_among_the_published_keys_verifies_nothing(authority: Counting, hub: Hub) -> None:
    secret = b"not-a-real-secret-1-not-a-real-secret-1"
    real = authority.keys.current("RS256").jwk()
    authority.more_keys = [real, {"kty": "oct", "kid": "shared", "k": encode(secret)}]
    for alg in ("HS256", "RS256"):
        signing_input = f"{encode({'alg': alg, 'kid': 'shared'})}.{encode(claims_of(authority))}"
        token = f"{signing_input}.{encode(hmac.digest(secret, signing_input.encode(), 'sha256'))}"
        assert hub.ask(token).status == 401


def test_a_kid_of_another_kind_of_key_is_refused(authority: Counting, hub: Hub) -> None:
    rsa_key, ec_key = authority.keys.current("RS256"), authority.keys.current("ES256")
    claims = claims_of(authority)
    crossed = jwt.encode(claims, ec_key.private_key(), algorithm="ES256", headers={"kid": rsa_key.kid})
    assert hub.ask(crossed).status == 401
    assert (
        hub.ask(jwt.encode(claims, rsa_key.private_key(), algorithm="PS256", headers={"kid": rsa_key.kid})).status
        == 401
    )


@pytest.mark.parametrize("limits", [{"use": "enc"}, {"key_ops": ["encrypt"]}, {"alg": "RS512"}])
def test_a_key_published_for_something_else_verifies_nothing(
    authority: Counting, hub: Hub, limits: dict[str, object]
) -> None:
    key = authority.keys.current("RS256")
    authority.more_keys = [{**key.jwk(), **limits}, authority.keys.current("ES256").jwk()]
    assert hub.ask(authority.mint("acme")).status == 401
    assert hub.ask(authority.mint("acme", alg="ES256")).status == 200


def test_a_weak_key_verifies_nothing(authority: Counting, hub: Hub) -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(weak.public_key()))
    authority.more_keys = [{**jwk, "kid": "weak"}, authority.keys.current("ES256").jwk()]
    signing_input = f"{encode({'alg': 'RS256', 'kid': 'weak'})}.{encode(claims_of(authority))}"
    signature = jwt.get_algorithm_by_name("RS256").sign(signing_input.encode(), weak)
    assert hub.ask(f"{signing_input}.{encode(signature)}").status == 401


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_a_tampered_token_is_refused(authority: Counting, hub: Hub, alg: str) -> None:
    header, _, signature = authority.mint("acme", alg=alg).split(".")
    other = encode(claims_of(authority, **{"stellaops:tenant": "other"}))
    assert hub.ask(f"{header}.{other}.{signature}").status == 401
    assert hub.ask(f"{header}.{encode(claims_of(authority))}.{'A' * len(signature)}").status == 401
    assert hub.ask(f"{header}.{encode(claims_of(authority))}.").status == 401


def test_keys_a_token_brings_along_are_ignored(authority: Counting, hub: Hub) -> None:
    """CVE-2018-0114: neither `jwk` nor an address in the header is a reason to believe it."""
    mine = ec.generate_private_key(ec.SECP256R1())
    jwk = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(mine.public_key()))
    kid = authority.keys.current("ES256").kid
    before = len(authority.asked)
    for brought in (
        {"jwk": jwk},
        {"jku": f"{authority.issuer}/mine.json"},
        {"x5u": f"{authority.issuer}/mine.pem"},
        {"x5c": ["AAAA"]},
    ):
        for named in ({"kid": kid}, {"kid": "mine"}, {}):
            token = jwt.encode(claims_of(authority), mine, algorithm="ES256", headers={**named, **brought})
            assert hub.ask(token).status == 401
    assert {path for path in authority.asked[before:] if "mine" in path} == set()


def test_such_headers_do_no_harm_to_a_true_token(authority: Counting, hub: Hub) -> None:
    assert (
        hub.ask(
            sign(
                authority,
                {"jku": f"{authority.issuer}/mine.json", "jwk": {"kty": "oct", "k": "AA"}},
                claims_of(authority),
            )
        ).status
        == 200
    )


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"b64": False, "crit": ["b64"]},
        {"b64": False},
        {"kid": 7},
        {"kid": ["a"]},
    ],
)
def test_headers_that_demand_what_we_do_not_know(authority: Counting, hub: Hub, header: dict[str, object]) -> None:
    answer = hub.ask(sign(authority, header, claims_of(authority)))
    assert answer.status == 401
    assert not authority.asked


@pytest.mark.parametrize("twice", [b'"exp":1,', b'"stellaops:tenant":"other",', b'"scope":"integration:admin",'])
def test_a_claim_given_twice_is_refused_although_truly_signed(authority: Counting, hub: Hub, twice: bytes) -> None:
    once = json.dumps(claims_of(authority)).encode()
    assert hub.ask(sign(authority, {}, once)).status == 200
    assert hub.ask(sign(authority, {}, b"{" + twice + once[1:])).status == 401


@pytest.mark.parametrize("payload", [b"[]", b"7", b'"a"', b"null", b"\xff", b"{", b"[" * 5000])
def test_a_payload_that_is_no_object_is_refused(authority: Counting, hub: Hub, payload: bytes) -> None:
    assert hub.ask(sign(authority, {}, payload)).status == 401


@pytest.mark.parametrize(
    "token",
    ["a", "a.b", "a.b.c", "a.b.c.d", "..", "a..c", "é.b.c", "a.b.c.d.e", "eyJhbGciOiJub25lIn0.e30.", "a" * 20_000],
)
def test_what_is_no_token(hub: Hub, token: str) -> None:
    assert hub.ask(token).status == 401


def test_a_giant_token_is_refused_although_truly_signed(authority: Counting, hub: Hub) -> None:
    assert hub.ask(authority.mint("acme", pad="x" * 8000)).status == 200
    assert hub.ask(authority.mint("acme", pad="x" * 16 * 1024)).status == 401


# --- where the keys come from


def test_keys_are_read_once_for_many_tokens_and_threads(authority: Counting, hub: Hub) -> None:
    tokens = [authority.mint("acme", alg=alg) for alg in ("RS256", "ES256")] * 8
    gate = threading.Barrier(len(tokens))

    def ask(token: str) -> int:
        gate.wait()
        return hub.ask(token).status

    with ThreadPoolExecutor(len(tokens)) as pool:
        assert set(pool.map(ask, tokens)) == {200}
    assert authority.asked == ["/.well-known/openid-configuration", "/.well-known/jwks.json"]


def test_a_configured_address_spares_the_discovery(authority: Counting) -> None:
    verifier = TokenVerifier(authority.issuer, "integrations-hub", jwks_url=f"{authority.issuer}/.well-known/jwks.json")
    assert verifier.verify(authority.mint("acme"))["stellaops:tenant"] == "acme"
    assert authority.asked == ["/.well-known/jwks.json"]


def test_nothing_is_asked_before_the_first_token(authority: Counting, hub: Hub) -> None:
    assert hub.ask("").status == 401
    assert hub.ask("a.b.c").status == 401
    assert authority.asked == []


def test_a_rotated_key_is_found_at_once_and_the_old_one_still_serves(
    authority: Counting, hub: Hub, clock: Clock
) -> None:
    # Given
    old = authority.mint("acme")
    assert hub.ask(old).status == 200
    # When
    authority.keys.rotate()
    clock.now += 31
    # Then
    assert hub.ask(authority.mint("acme")).status == 200
    assert hub.ask(old).status == 200


def test_unknown_keys_make_us_ask_at_most_every_thirty_seconds(authority: Counting, hub: Hub, clock: Clock) -> None:
    # Given
    stranger = ec.generate_private_key(ec.SECP256R1())
    assert hub.ask(authority.mint("acme")).status == 200
    # When
    for n in range(40):
        clock.now += 2
        token = jwt.encode(claims_of(authority), stranger, algorithm="ES256", headers={"kid": f"guess-{n}"})
        assert hub.ask(token).status == 401
    # Then: 80 seconds, so twice after the first
    assert authority.asked.count("/.well-known/jwks.json") == 3


def test_keys_are_read_again_after_ten_minutes(authority: Counting, hub: Hub, clock: Clock) -> None:
    assert hub.ask(authority.mint("acme")).status == 200
    clock.now += 599
    assert hub.ask(authority.mint("acme")).status == 200
    assert authority.asked.count("/.well-known/jwks.json") == 1
    clock.now += 2
    assert hub.ask(authority.mint("acme")).status == 200
    assert authority.asked.count("/.well-known/jwks.json") == 2


def test_a_withdrawn_key_is_refused_once_the_keys_are_read_again(authority: Counting, hub: Hub, clock: Clock) -> None:
    token = authority.mint("acme")
    assert hub.ask(token).status == 200
    authority.more_keys = [authority.keys.current("ES256").jwk()]
    clock.now += 601
    assert hub.ask(token).status == 401


def test_while_the_authority_is_away_the_last_keys_serve(state_dir: Path, clock: Clock) -> None:
    # Given
    authority = Counting(state_dir)
    server = serve(authority)
    hub = Hub(authority, clock)
    assert hub.ask(authority.mint("acme")).status == 200
    # When
    server.stop()
    clock.now += 3600
    # Then
    assert hub.ask(authority.mint("acme")).status == 200
    authority.keys.rotate()
    assert hub.ask(authority.mint("acme")).status == 401


def test_an_authority_that_was_never_reached_is_503_until_it_is(state_dir: Path, clock: Clock) -> None:
    # Given
    authority = Counting(state_dir)
    server = serve(authority)
    port = int(server.url.rpartition(":")[2])
    server.stop()
    hub = Hub(authority, clock)
    # When
    refused = hub.ask(authority.mint("acme"))
    # Then
    assert (refused.status, refused.code, refused.headers["Retry-After"]) == (503, "unavailable", "5")
    # When it is back
    server = serve(authority, port)
    clock.now += 5
    # Then
    assert hub.ask(authority.mint("acme")).status == 200
    server.stop()


@pytest.mark.parametrize("instead", [b"", b"not json", b"[]", b"{}", b'{"keys":[]}', b'{"issuer":1,"issuer":2}'])
def test_an_authority_that_answers_nonsense_is_as_good_as_away(authority: Counting, hub: Hub, instead: bytes) -> None:
    authority.instead = instead
    assert hub.ask(authority.mint("acme")).status == 503


def test_keys_are_read_only_where_the_issuer_itself_says_they_are(authority: Counting, clock: Clock) -> None:
    # Given an Authority that calls itself by another name
    token = authority.mint("acme")
    url = authority.issuer
    authority.issuer = "https://elsewhere.example"
    authority.instead = json.dumps({"issuer": "https://elsewhere.example", "jwks_uri": f"{url}/keys"}).encode()
    # When
    verifier = TokenVerifier(url, "integrations-hub", clock=clock)
    # Then
    with pytest.raises(Unavailable):
        verifier.verify(token)
    assert authority.asked == ["/.well-known/openid-configuration"]


def test_only_so_much_is_read(authority: Counting, hub: Hub) -> None:
    found = json.dumps({"issuer": authority.issuer, "jwks_uri": f"{authority.issuer}/keys"}).encode()
    authority.instead = found.ljust(256 * 1024 + 1)
    assert hub.ask(authority.mint("acme")).status == 503
    assert authority.asked == ["/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    "url", ["http://u@{host}/.well-known/jwks.json", "http://{host}/.well-known/jwks.json?a", "ftp://{host}/", ""]
)
def test_the_discovery_cannot_send_us_where_the_settings_could_not(authority: Counting, hub: Hub, url: str) -> None:
    jwks_uri = url.format(host=authority.issuer.removeprefix("http://"))
    authority.discovery = {"issuer": authority.issuer, "jwks_uri": jwks_uri}
    assert hub.ask(authority.mint("acme")).status == 503
    assert authority.asked == ["/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    "url",
    [
        "http://authority.example",
        "ftp://127.0.0.1",
        "https://",
        "https://u:p@authority.example",
        "https://a.example/?x",
        "file:///etc/passwd",
        "127.0.0.1",
    ],
)
def test_an_issuer_that_cannot_be_trusted_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="must be https"):
        TokenVerifier(url, "integrations-hub")


# --- behind API Gateway


def test_claims_its_authorizer_verified_are_believed_and_no_other_token_is_looked_at(
    authority: Counting, hub: Hub
) -> None:
    claims = {"sub": "ci", "stellaops:tenant": "acme", "scope": READ, "aud": "[integrations-hub]", "exp": "1"}
    answer = hub.ask("whatever", authorizer={"jwt": {"claims": claims, "scopes": None}})
    assert answer.body["tenant"] == "acme"
    assert authority.asked == []


def test_its_claims_still_need_tenant_and_scope(hub: Hub) -> None:
    assert hub.ask("", authorizer={"jwt": {"claims": {"sub": "ci"}}}).code == "TENANT_REQUIRED"
    assert (
        hub.ask("", authorizer={"jwt": {"claims": {"sub": "ci", "tid": "acme", "scp": "[other]"}}}).code == "forbidden"
    )


@pytest.mark.parametrize("authorizer", [{}, {"jwt": None}, {"iam": {"userId": "x"}}, {"lambda": {"tenant": "acme"}}])
def test_without_its_claims_the_token_is_verified_here(hub: Hub, authorizer: dict[str, object]) -> None:
    assert hub.ask("", authorizer=authorizer).status == 401
