"""One tenant against another's secret in every kind of backend, with rights over all of them; and what a failure shows."""

from __future__ import annotations

import asyncio
import gc
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.credentials.authref import AuthRef, AuthRefInvalid
from integrations_hub.credentials.backends import build_backends
from integrations_hub.credentials.errors import SecretUnavailable
from integrations_hub.credentials.ports import SecretBackend
from integrations_hub.credentials.resolver import Resolver
from integrations_hub.credentials.secrets import Secrets
from tests.support.aws import aws_at, client, moto_server
from tests.support.key_vault import key_vaults
from tests.support.openbao import ROOT_TOKEN, open_bao
from tests.support.secret_manager import secret_manager

THEIRS = "not-a-real-secret-of-globex"
KINDS = ("vault", "aws-sm", "aws-ssm", "azure-kv", "azure-shared", "gcp-sm", "gcp-shared", "k8s", "file", "env")
# What acme writes in the hope of globex's `gitlab`, knowing how each backend builds its names.
PATHS = [
    "gitlab", "globex/gitlab", "../globex/gitlab", "x/../../globex/gitlab", "./../globex/gitlab", "..%2fglobex%2fgitlab",
    "%2e%2e/globex/gitlab", "/globex/gitlab", "//globex/gitlab", "hub/globex/gitlab", "../../hub/globex/gitlab", "globex--gitlab",
    "-globex-gitlab", "gitlab/../../../globex/gitlab", "..\\globex\\gitlab", "gitlab:1", "globex:gitlab", "*", "?", "gitlab\x00",
    "projects/hub-globex/secrets/gitlab", "../../hub-globex/secrets/gitlab", "gitlab/versions/1/../../../../hub-globex/secrets/gitlab",
    "arn:aws:secretsmanager:eu-central-1:123456789012:secret:hub/globex/gitlab", "https://hub-globex.vault.azure.net/secrets/gitlab",
    "@hub-globex.vault.azure.net/secrets/gitlab", "..data/../../globex/gitlab", "globex__gitlab", "_u", "d1eb6d1e29b1c9d5d2d3f0f8f0ab6d1e-gitlab",
    "gitlab?version=1", "gitlab#token", "gitlab ", " gitlab", "GITLAB", "gitlab.", ".gitlab", "gitlab/", "gitlab/.", "tenants/globex/gitlab",
    "secret/data/tenants/globex/gitlab", "../../../../../../proc/self/environ", "․․/globex/gitlab", "．．/globex/gitlab",
]  # fmt: skip
TENANTS = [
    "globex/x/..",
    "../globex",
    "acme/../globex",
    "Globex",
    "globex.",
    "globex/",
    "*",
    "",
    "globex\n",
    "g1obex",
    "ɡlobex",
    "{tenant}",
]


@pytest.fixture(scope="module")
def backends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, SecretBackend]]:
    folder = tmp_path_factory.mktemp("backends")
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        bao, google = stack.enter_context(open_bao()), stack.enter_context(secret_manager())
        vaults = stack.enter_context(key_vaults(folder))
        stack.enter_context(aws_at(stack.enter_context(moto_server())))
        patch.setenv("HTTPS_PROXY", vaults.proxy)
        patch.setenv("REQUESTS_CA_BUNDLE", vaults.ca_file)
        environment: dict[str, str] = {}
        built = build_backends(
            {
                "vault": {"url": bao.url, "login": {"method": "token", "token": ROOT_TOKEN}},
                "aws-sm": {},
                "aws-ssm": {},
                "azure-kv": {"vault_url": "https://hub-{tenant}.vault.azure.net", "login": vaults.login()},
                "azure-shared": {
                    "kind": "azure-kv",
                    "vault_url": "https://hub.vault.azure.net",
                    "login": vaults.login(),
                },
                "gcp-sm": {"project": "hub-{tenant}", "emulator": google.url},
                "gcp-shared": {"kind": "gcp-sm", "project": "hub-shared", "emulator": google.url},
                "k8s": {"root": str(folder / "mounted")},
                "file": {"root": str(folder / "files")},
                "env": {},
            },
            development=True,
            environment=environment,
        )
        manager, store = client("secretsmanager"), client("ssm")
        write: dict[str, Callable[[Any, str], object]] = {
            "vault": lambda place, value: bao.write(place[0], token=value),
            "aws-sm": lambda place, value: manager.create_secret(Name=place, SecretString=value),
            "aws-ssm": lambda place, value: store.put_parameter(Name=place, Value=value, Type="SecureString"),
            "azure-kv": lambda place, value: vaults.write(place[0][8:].partition(".")[0], place[1], value),
            "azure-shared": lambda place, value: vaults.write("hub", place[1], value),
            "gcp-sm": lambda place, value: google.write(place, value.encode()),
            "gcp-shared": lambda place, value: google.write(place, value.encode()),
            "k8s": _mount,
            "file": lambda place, value: (place.parent.mkdir(parents=True, exist_ok=True), place.write_text(value)),
            "env": environment.__setitem__,
        }
        for alias, backend in built.items():
            write[alias](backend.place("globex", "gitlab"), THEIRS)
            write[alias](backend.place("acme", "own"), mine(alias))
        yield built


def mine(kind: str) -> str:
    return f"not-a-real-secret-of-acme-in-{kind}"


def _mount(place: Path, value: str) -> None:
    """Write a secret as the kubelet does."""
    (place / "..2026_11_26").mkdir(parents=True)
    (place / "..2026_11_26" / "token").write_text(value)
    (place / "..data").symlink_to("..2026_11_26")
    (place / "token").symlink_to("..data/token")


def got(resolver: Resolver, tenant: str, uri: str) -> set[str]:
    """Return the values a tenant gets by a reference."""
    try:
        found = asyncio.run(resolver.resolve(tenant, AuthRef.parse(uri), host="evil.example"))
    except (AuthRefInvalid, SecretUnavailable):
        return set()
    return {secret.reveal() for secret in found.credential.fields.values()}


@pytest.mark.parametrize("kind", KINDS)
def test_each_reads_its_own(backends: Mapping[str, SecretBackend], kind: str) -> None:
    resolver = Resolver(backends)

    assert got(resolver, "acme", f"authref://{kind}/own") == {mine(kind)}
    assert got(resolver, "globex", f"authref://{kind}/gitlab") == {THEIRS}


@pytest.mark.parametrize("kind", KINDS)
def test_no_reference_and_no_path_round_the_grammar_names_anothers_secret(
    backends: Mapping[str, SecretBackend], kind: str
) -> None:
    assert len(PATHS) >= 40
    resolver, backend = Resolver(backends), backends[kind]
    for path in PATHS:
        assert got(resolver, "acme", f"authref://{kind}/{path}") == set(), path
        with pytest.raises(SecretUnavailable):
            backend.read("acme", path, None)
        with pytest.raises(SecretUnavailable):
            backend.previous("acme", path, "2")


@pytest.mark.parametrize("kind", KINDS)
def test_no_other_spelling_of_a_tenant_is_that_tenant(backends: Mapping[str, SecretBackend], kind: str) -> None:
    for tenant in TENANTS:
        with pytest.raises(SecretUnavailable):
            backends[kind].read(tenant, "gitlab", None)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "env"])  # an environment does show its values
def test_a_failing_call_holds_nothing_that_shows_a_secret(backends: Mapping[str, SecretBackend], kind: str) -> None:
    """The hub read the secret, and refuses to hand it out: neither the error nor anything of the hub's shows it."""
    secrets = Secrets(Resolver(backends))

    async def fails() -> CheckFailed:
        await secrets.credential("acme", f"authref://{kind}/own", "harbor.example:443")
        with pytest.raises(CheckFailed) as failure:
            await secrets.credential("acme", f"authref://{kind}/own#gone", "harbor.example:443")
        return failure.value

    failure = asyncio.run(fails())

    shown = "".join(traceback.TracebackException.from_exception(failure, capture_locals=True).format())
    assert failure.__cause__ is failure.__context__ is None
    assert mine(kind) not in shown + repr(failure) + failure.evidence + failure.remedy
    assert not [repr(one) for one in _of_the_hub() if mine(kind) in repr(one)]


def test_and_the_walk_finds_what_does_show() -> None:
    """Not the secret's type but its text, kept in an object of the hub's: the walk is no test without this."""
    kept = AuthRef("vault", THEIRS)
    assert repr(kept) in [repr(one) for one in _of_the_hub()]


def _of_the_hub() -> list[object]:
    """Return every living object whose type is the hub's own, and those its containers and frames hold."""
    alive = [one for one in gc.get_objects() if str(type(one).__module__).startswith("integrations_hub")]
    held = [one for other in alive for one in gc.get_referents(other) if isinstance(one, dict | list | tuple | set)]
    frames = [
        one for one in gc.get_objects() if isinstance(one, FrameType) and "integrations_hub" in one.f_code.co_filename
    ]
    return [*alive, *held, *(frame.f_locals for frame in frames)]
