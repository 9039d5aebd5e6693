"""Files and variables: a tenant's own, and nothing beside them."""

import os
from base64 import b64encode
from shutil import rmtree
from threading import Event, Thread
from time import sleep

import pytest

from integrations_hub.credentials.environment import EnvironmentBackend
from integrations_hub.credentials.errors import SecretForbidden, SecretNotFound
from integrations_hub.credentials.files import FileBackend


@pytest.fixture
def root(tmp_path):
    for tenant in ("acme", "globex"):
        (tmp_path / "root" / tenant / "harbor").mkdir(parents=True)
        (tmp_path / "root" / tenant / "github").write_text(f'{{"token": "not-a-real-secret-{tenant}"}}')
        (tmp_path / "root" / tenant / "harbor" / "password").write_text(f"not-a-real-password-{tenant}\n")
        (tmp_path / "root" / tenant / "harbor" / "username").write_text("robot$x")
    (tmp_path / "outside").write_text("not-a-real-secret-outside")
    return tmp_path / "root"


def shown(stored):
    return {name: secret.reveal() for name, secret in stored.values.fields.items()}


def test_a_file_and_a_folder_are_read(root):
    backend = FileBackend("file", root)

    assert shown(backend.read("acme", "github", None)) == {"token": "not-a-real-secret-acme"}
    assert shown(backend.read("globex", "harbor", None)) == {
        "username": "robot$x",
        "password": "not-a-real-password-globex",
    }
    assert backend.probe().reachable


def test_a_mounted_kubernetes_secret_is_read_through_its_links(root):
    mount = root / "acme" / "mounted"
    (mount / "..2026_11_01").mkdir(parents=True)
    (mount / "..2026_11_01" / "token").write_text("not-a-real-secret-1")
    (mount / "..data").symlink_to("..2026_11_01")
    (mount / "token").symlink_to("..data/token")

    assert shown(FileBackend("file", root).read("acme", "mounted", None)) == {"token": "not-a-real-secret-1"}


@pytest.mark.parametrize("target", ["../globex/github", "../../outside", "/etc/hostname", "../globex"])
def test_a_link_out_of_the_tenants_folder_leads_nowhere(root, target):
    (root / "acme" / "way-out").symlink_to(target)
    (root / "acme" / "folder").mkdir()
    (root / "acme" / "folder" / "token").symlink_to(f"../{target}" if target.startswith(".") else target)
    backend = FileBackend("file", root)

    with pytest.raises(SecretNotFound):
        backend.read("acme", "way-out", None)
    assert shown(backend.read("acme", "folder", None)) == {}


def test_a_tenant_that_is_a_link_has_no_secrets(root):
    (root / "shadow").symlink_to("globex")

    with pytest.raises(SecretNotFound):
        FileBackend("file", root).read("shadow", "github", None)


@pytest.mark.parametrize(
    "path", ["gone", "github/deeper", "harbor/gone", "../globex/github", "../../outside", "/etc/hostname"]
)
def test_what_is_not_there_is_not_found(root, path):
    with pytest.raises(SecretNotFound) as missing:
        FileBackend("file", root).read("acme", path, None)
    assert str(root) not in repr(missing.value) + missing.value.evidence + missing.value.remedy


@pytest.mark.parametrize("tenant", ["..", ".", "", "acme/../globex", "ACME", "nobody"])
def test_another_name_for_a_tenant_is_no_tenant(root, tenant):
    with pytest.raises((SecretNotFound, SecretForbidden)):
        FileBackend("file", root).read(tenant, "github", None)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"decodes\x00and yet"])
def test_bytes_that_are_no_text_are_their_base64(root, content):
    (root / "acme" / "binary").write_bytes(content)
    (root / "acme" / "folder").mkdir()
    (root / "acme" / "folder" / "keystore").write_bytes(content)
    backend = FileBackend("k8s", root, "k8s")

    assert shown(backend.read("acme", "binary", None)) == {"binary": b64encode(content).decode()}
    assert shown(backend.read("acme", "folder", None)) == {"keystore": b64encode(content).decode()}


def test_a_file_beyond_measure_is_refused_without_showing_it(root):
    (root / "acme" / "large").write_bytes(b"x" * 65_537)

    with pytest.raises(SecretNotFound, match="64 KiB") as refusal:
        FileBackend("file", root).read("acme", "large", None)
    assert refusal.value.__context__ is None


def test_a_mounted_secret_that_turns_over_is_read_in_one_state(root):
    """As the kubelet does it: a new folder, `..data` renamed over the old link, the old folder removed."""
    mount, ended = root / "acme" / "turning", Event()
    mount.mkdir()

    def turn(number):
        state = mount / f"..{number}"
        state.mkdir()
        for name in ("username", "password"):
            (state / name).write_text(f"{name}-{number}")
        (mount / "..data_tmp").symlink_to(state.name)
        (mount / "..data_tmp").rename(mount / "..data")
        rmtree(mount / f"..{number - 1}", ignore_errors=True)

    def turn_on():
        for number in range(1, 150):
            turn(number)
            sleep(0.01)  # a kubelet takes a minute; a reader that never gets between two turns has no state to read
        ended.set()

    turn(0)
    for name in ("username", "password"):
        (mount / name).symlink_to(f"..data/{name}")
    kubelet = Thread(target=turn_on)
    kubelet.start()
    seen = set()
    while not ended.is_set():
        found = shown(FileBackend("k8s", root, "k8s").read("acme", "turning", None))
        seen.add((found["username"].rpartition("-")[2], found["password"].rpartition("-")[2]))
    kubelet.join()

    assert all(one == other for one, other in seen)


def test_a_pipe_is_no_secret(root):
    os.mkfifo(root / "acme" / "pipe")

    with pytest.raises(SecretNotFound):
        FileBackend("file", root).read("acme", "pipe", None)


def test_a_missing_root_is_away_and_holds_nothing(tmp_path):
    backend = FileBackend("file", tmp_path / "gone")

    assert not backend.probe().reachable
    with pytest.raises(SecretNotFound):
        backend.read("acme", "github", None)


def test_a_variable_is_read_from_the_mapping_that_was_given():
    environment = {
        "HUB_SECRET_acme__github": "not-a-real-secret-1",
        "HUB_SECRET_globex__github": "not-a-real-secret-2",
        "PATH": "x",
    }
    backend = EnvironmentBackend("env", environment)

    assert shown(backend.read("acme", "github", None)) == {"token": "not-a-real-secret-1"}
    assert "not-a-real" not in repr(backend)
    with pytest.raises(SecretNotFound):
        backend.read("nobody", "github", None)


@pytest.mark.parametrize("backend", [FileBackend, EnvironmentBackend])
def test_neither_keeps_versions(backend, root):
    with pytest.raises(SecretNotFound, match="versions"):
        backend("local", root if backend is FileBackend else {}).read("acme", "github", "1")
