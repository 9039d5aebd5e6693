"""Finding connectors: what is used, what is refused and why, and that one bad plugin never stops the others."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from integrations_hub.catalog.plugin import PluginRecord, PluginState, Trust
from integrations_hub.plugins.registry import Plugins
from tests.support.strangers import install, toy


@pytest.fixture(autouse=True)
def _own_modules(monkeypatch):
    """Forget modules and paths that a test's strangers brought."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def found_in(folder: Path, *allowed: str) -> dict[str, PluginRecord]:
    """Scan without a cage: strangers are found, and not used."""
    return {one.plugin_id: one for one in Plugins([folder], frozenset(allowed)).scan()}


def digest_of(folder: Path, plugin_id: str) -> str:
    """Return the digest the refusal names, as an operator would read it."""
    reason = found_in(folder)[plugin_id].rejected_reason
    return next(word for word in reason.split() if "@" in word)


def test_installed_connectors_are_found_by_entry_point_and_built_in():
    records = {one.type: one for one in Plugins().scan()}
    assert {"harbor", "in-memory"} <= set(records)
    assert records["harbor"].trust is Trust.BUILT_IN
    assert len(records["harbor"].sha256 or "") == 64
    assert records["harbor"].config_schema["additionalProperties"] is False


def test_a_stranger_is_not_even_imported_and_the_refusal_says_what_to_allow(tmp_path):
    install(tmp_path, "stranger", "raise SystemExit('imported')")
    record = found_in(tmp_path)["stranger"]
    assert record.state is PluginState.REJECTED
    assert f"stranger@{record.sha256}" in (record.rejected_reason or "")
    assert "stranger" not in sys.modules


def test_an_allow_listed_stranger_runs(tmp_path):
    install(tmp_path, "friend", toy("friendly"))
    plugins = Plugins([tmp_path], frozenset({digest_of(tmp_path, "friend")}))
    one = next(record for record in plugins.scan() if record.plugin_id == "friend")
    assert (one.state, one.trust, one.type) == (PluginState.ACTIVE, Trust.ALLOW_LISTED, "friendly")
    assert plugins.get("friendly") is not None


def test_one_changed_byte_ends_the_trust(tmp_path):
    package = install(tmp_path, "friend", toy("friendly"))
    allowed = digest_of(tmp_path, "friend")
    (package / "__init__.py").write_text(toy("friendly") + "#")
    assert "hash mismatch" in (found_in(tmp_path, allowed)["friend"].rejected_reason or "")


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("import a_module_that_is_not_there", "Toy", "ModuleNotFoundError"),
        ("raise RuntimeError('not-a-real-secret-1')", "Toy", "RuntimeError"),
        ("raise SystemExit(3)", "Toy", "SystemExit"),
        ("Toy = 3", "Toy", "not a Connector"),
        ("", "Toy", "AttributeError"),
        (toy().replace("version = ", "_ = "), "Toy", "AttributeError"),
    ],
)
def test_a_bad_plugin_is_reported_and_stops_nobody(tmp_path, source, target, reason):
    install(tmp_path, "bad", source, target=target)
    found = found_in(tmp_path, digest_of(tmp_path, "bad"))
    assert reason in (found["bad"].rejected_reason or "")
    assert "not-a-real-secret-1" not in (found["bad"].rejected_reason or "")
    assert any(one.type == "harbor" and one.state is PluginState.ACTIVE for one in found.values())


def test_the_second_of_a_type_is_rejected_and_the_first_named(tmp_path):
    install(tmp_path, "impostor", toy("harbor"))
    found = found_in(tmp_path, digest_of(tmp_path, "impostor"))
    assert (found["impostor"].rejected_reason or "").startswith("duplicate type harbor")
    assert found["impostor"].state is PluginState.REJECTED


def test_a_distribution_without_its_package_is_reported(tmp_path):
    package = install(tmp_path, "hollow", toy())
    (package / "__init__.py").unlink()
    package.rmdir()
    assert "not in the folder" in (found_in(tmp_path)["hollow"].rejected_reason or "")


def test_the_registry_answers_from_memory_until_it_scans_again(tmp_path):
    plugins = Plugins([tmp_path], frozenset())
    before = plugins.types()
    install(tmp_path, "late", toy("late"))
    allowed = digest_of(tmp_path, "late")
    assert plugins.types() == before
    again = Plugins([tmp_path], frozenset({allowed}))
    assert "late" in again.types()
    assert again.get("late").type == "late"
    assert again.get("never") is None


def test_a_folder_on_the_hubs_own_path_makes_nobody_built_in(tmp_path):
    install(tmp_path / "a", "friend", toy("friendly"))
    install(tmp_path / "b", "stranger", "raise SystemExit('imported')")
    plugins = Plugins([tmp_path / "a", tmp_path / "b"], frozenset({digest_of(tmp_path / "a", "friend")}))
    sys.path.append(str(tmp_path / "b"))
    for _ in range(2):
        trusts = {one.plugin_id: one.trust for one in plugins.scan()}
        assert trusts["friend"] is Trust.ALLOW_LISTED
        assert trusts["stranger"] is Trust.UNTRUSTED
    assert "stranger" not in sys.modules


def test_whoever_is_allow_listed_lies_in_no_folder_with_a_stranger(tmp_path):
    install(tmp_path, "friend", toy("friendly"))
    install(tmp_path, "stranger", "")
    found = found_in(tmp_path, digest_of(tmp_path, "friend"))
    assert "a folder of its own" in (found["friend"].rejected_reason or "")
    assert str(tmp_path) not in sys.path


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("METADATA", ""),
        ("METADATA", "Metadata-Version: 2.1\nName: ../../etc\nVersion: 1\n"),
        ("METADATA", "Metadata-Version: 2.1\nName: a b\nVersion: 1\n"),
        ("entry_points.txt", "[integrations_hub.connectors]\nmine\n"),
        ("entry_points.txt", "[integrations_hub.connectors]\nmine = \n"),
        ("entry_points.txt", "[integrations_hub.connectors]\nmine = mine\n"),
        ("entry_points.txt", "[integrations_hub.connectors]\nmine = a;b:c\n"),
        ("entry_points.txt", b"\xff\xfe\x00"),
    ],
)
def test_a_bad_manifest_is_reported_and_stops_nobody(tmp_path, file, content):
    install(tmp_path, "mine", toy("mine"))
    install(tmp_path, "other", toy("other"))
    path = tmp_path / "mine-1.0.dist-info" / file
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = found_in(tmp_path)
    assert any("bad manifest" in (one.rejected_reason or "") for one in found.values())
    assert "not allow-listed" in (found["other"].rejected_reason or "")


def test_a_plugin_of_links_or_pipes_is_reported_and_not_read(tmp_path):
    (install(tmp_path, "linked", toy()) / "secret.py").symlink_to("/dev/zero")
    os.mkfifo(install(tmp_path, "piped", toy()) / "pipe.py")
    found = found_in(tmp_path)
    assert "secret.py is no regular file" in (found["linked"].rejected_reason or "")
    assert "pipe.py is no regular file" in (found["piped"].rejected_reason or "")
