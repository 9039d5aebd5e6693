"""What is known of connectors, the same in every store."""

from __future__ import annotations

from dataclasses import replace

from integrations_hub.catalog.plugin import PluginRecord, PluginState, Trust


def test_discovery_reports_exactly_what_changed(stores):
    # Given
    one = PluginRecord(
        plugin_id="one", path="/p", type="harbor", category="registry", version="1", capabilities=("discover",),
        config_schema={"type": "object"}, trust=Trust.BUILT_IN, sha256="ab",
    )  # fmt: skip
    bad = PluginRecord(plugin_id="bad", path="/q", state=PluginState.REJECTED, rejected_reason="no class")
    # When / Then
    first = stores.plugins.sync([one, bad])
    assert (list(first.added), dict(first.rejected)) == (["one"], {"bad": "no class"})
    again = stores.plugins.sync([one, bad])
    assert (list(again.added), list(again.changed), list(again.removed)) == ([], [], [])
    assert list(stores.plugins.active()) == [one]
    newer = replace(one, version="2")
    assert list(stores.plugins.sync([newer, bad]).changed) == ["one"]
    assert list(stores.plugins.active()) == [newer]
    gone = stores.plugins.sync([])
    assert list(gone.removed) == ["bad", "one"]
    assert not stores.plugins.active()
    # one of the same name in another folder takes nothing away
    shadow = replace(bad, plugin_id="one", path="/shadow")
    assert dict(stores.plugins.sync([newer, shadow]).rejected) == {"one": "no class"}
    assert list(stores.plugins.active()) == [newer]
    stores.plugins.sync([])
