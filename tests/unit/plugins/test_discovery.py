"""Finding connectors: what is used, what is refused and why, and that one bad plugin never stops the others."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from integrations_hub.catalog.plugin import PluginState, Trust
from integrations_hub.plugins.discovery import find_connectors
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


def found_in(folder: Path, *allowed: str):
    return {one.record.plugin_id: one for one in find_connectors([folder], frozenset(allowed))}


def digest_of(folder: Path, plugin_id: str) -> str:
    """Return the digest the refusal names, as an operator would read it."""
    reason = found_in(folder)[plugin_id].record.rejected_reason
    return next(word for word in reason.split() if "@" in word)


def test_installed_connectors_are_found_by_entry_point_and_built_in():
    records = {one.record.type: one.record for one in find_connectors([], frozenset())}
    assert {"harbor", "in-memory"} <= set(records)
    assert records["harbor"].trust is Trust.BUILT_IN
    assert len(records["harbor"].sha256 or "") == 64
    assert records["harbor"].config_schema["additionalProperties"] is False


def test_a_stranger_is_not_even_imported_and_the_refusal_says_what_to_allow(tmp_path):
    install(tmp_path, "stranger", "raise SystemExit('imported')")
    record = found_in(tmp_path)["stranger"].record
    assert record.state is PluginState.REJECTED
    assert f"stranger@{record.sha256}" in record.rejected_reason
    assert "stranger" not in sys.modules


def test_an_allow_listed_stranger_runs(tmp_path):
    install(tmp_path, "friend", toy("friendly"))
    one = found_in(tmp_path, digest_of(tmp_path, "friend"))["friend"]
    assert (one.record.state, one.record.trust, one.record.type) == (PluginState.ACTIVE, Trust.ALLOW_LISTED, "friendly")
    assert one.connector is not None


def test_one_changed_byte_ends_the_trust(tmp_path):
    package = install(tmp_path, "friend", toy("friendly"))
    allowed = digest_of(tmp_path, "friend")
    (package / "__init__.py").write_text(toy("friendly") + "#")
    assert found_in(tmp_path, allowed)["friend"].record.state is PluginState.REJECTED


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
    assert reason in found["bad"].record.rejected_reason
    assert "not-a-real-secret-1" not in found["bad"].record.rejected_reason
    assert any(one.record.type == "harbor" and one.connector for one in found.values())


def test_the_second_of_a_type_is_rejected_and_the_first_named(tmp_path):
    install(tmp_path, "impostor", toy("harbor"))
    found = found_in(tmp_path, digest_of(tmp_path, "impostor"))
    assert found["impostor"].record.rejected_reason.startswith("duplicate type harbor")
    assert found["impostor"].connector is None


def test_a_distribution_without_its_package_is_reported(tmp_path):
    package = install(tmp_path, "hollow", toy())
    (package / "__init__.py").unlink()
    package.rmdir()
    assert "not in the folder" in found_in(tmp_path)["hollow"].record.rejected_reason


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
