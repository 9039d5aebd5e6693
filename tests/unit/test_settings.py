"""Settings: a wrong one is named with what it must be, and its value is never repeated."""

from __future__ import annotations

import pytest

from integrations_hub.settings import (
    AuthenticationSettings,
    ConnectorSettings,
    CredentialSettings,
    DatabaseSettings,
    DeliverySettings,
    DispatchSettings,
    HealthSettings,
    PluginSettings,
    SettingsInvalid,
    TelemetrySettings,
    load,
    secrets_set,
)


def test_a_missing_setting_is_named(monkeypatch):
    monkeypatch.delenv("ISSUER_URL", raising=False)
    with pytest.raises(SettingsInvalid, match="ISSUER_URL"):
        load(AuthenticationSettings)


def test_an_empty_variable_counts_as_not_set(monkeypatch):
    monkeypatch.setenv("SWEEP_BATCH", "")
    assert load(HealthSettings).sweep_batch == 200


@pytest.mark.parametrize(
    ("kind", "variable", "value"),
    [
        (HealthSettings, "SWEEP_BATCH", "not-a-real-secret-1"),
        (HealthSettings, "MINIMUM_CHECK_INTERVAL", "4"),
        (CredentialSettings, "SECRET_BACKENDS", "{not-a-real-secret-1"),
        (DeliverySettings, "EVENT_WEBHOOK_URL", "http://receiver.example/not-a-real-secret-1"),
        (DeliverySettings, "EVENT_WEBHOOK_URL", "ftp://127.0.0.1/not-a-real-secret-1"),
        (DeliverySettings, "EVENT_WEBHOOK_SECRET", "whsec_not-a-real-secret-1"),
        (DeliverySettings, "EVENT_WEBHOOK_SECRET", "whsec_"),
        (DatabaseSettings, "DATABASE_POOL_SIZE", "not-a-real-secret-1"),
        (TelemetrySettings, "METRICS", "emf,not-a-real-secret-1"),
        (TelemetrySettings, "METRICS", "none,emf"),
        (TelemetrySettings, "METRICS", "otlp"),
        (TelemetrySettings, "OTEL_EXPORTER_OTLP_ENDPOINT", "not-a-real-secret-1"),
        (ConnectorSettings, "CONNECTOR_TYPES", "harbor,not-a-real-secret_1"),
        (ConnectorSettings, "CONNECTOR_FUNCTION", "hub/not-a-real-secret-1"),
        (ConnectorSettings, "CONNECTOR_URL", "ftp://not-a-real-secret-1/"),
        (ConnectorSettings, "CONNECTOR_CALL_KEY", "not-a-real-secret-1"),
        (ConnectorSettings, "CONNECTOR_CALL_KEY", "an obviously fake key of calls 01,not-a-real-secret-1"),
        (PluginSettings, "PLUGIN_FUNCTIONS", "hub;not-a-real-secret-1"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(monkeypatch, kind, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsInvalid) as wrong:
        load(kind)
    assert variable in str(wrong.value)
    assert "not-a-real-secret" not in str(wrong.value)


def test_two_settings_that_do_not_go_together_are_named(monkeypatch):
    monkeypatch.setenv("CHECK_QUEUE_URL", "https://sqs.example/not-a-real-secret-1")
    monkeypatch.setenv("CHECK_SINK_URL", "https://sink.example/not-a-real-secret-1")
    with pytest.raises(SettingsInvalid) as wrong:
        load(DispatchSettings)
    assert "CHECK_QUEUE_URL and CHECK_SINK_URL" in str(wrong.value)
    assert "not-a-real-secret" not in str(wrong.value)


@pytest.mark.parametrize(
    ("settings", "on_lambda", "places"),
    [
        ({}, False, []),
        ({}, True, ["emf"]),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, False, ["otlp"]),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, True, ["emf"]),
        ({"METRICS": "none"}, True, []),
        ({"METRICS": " prometheus, emf ,prometheus"}, False, ["prometheus", "emf"]),
    ],
)
def test_metrics_go_where_the_runtime_has_them_unless_it_is_said(monkeypatch, settings, on_lambda, places):
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert load(TelemetrySettings).places(on_lambda=on_lambda) == places


def test_a_secret_setting_shows_in_no_repr(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://hub_api:not-a-real-secret-1@db.example/hub")
    assert "not-a-real-secret" not in repr(load(DatabaseSettings))


@pytest.mark.parametrize(
    ("kind", "given", "sentence"),
    [
        (
            DispatchSettings,
            {"CHECK_QUEUE_URL": "http://q/", "CHECK_SINK_URL": "http://s/"},
            "CHECK_SINK_URL are two ways",
        ),
        (ConnectorSettings, {"CONNECTOR_FUNCTION": "f-{type}"}, "CONNECTOR_TYPES must name"),
        (ConnectorSettings, {"CONNECTOR_URL": "http://f/", "CONNECTOR_TYPES": "a"}, "needs CONNECTOR_CALL_KEY"),
        (
            ConnectorSettings,
            {"CONNECTOR_URL": "http://f/", "CONNECTOR_FUNCTION": "f", "CONNECTOR_TYPES": "a"},
            "are two ways to the same connectors",
        ),
    ],
)
def test_settings_that_contradict_each_other_say_what_to_do(monkeypatch, kind, given, sentence):
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid, match=sentence):
        load(kind)


def test_connectors_and_keys_are_listed_as_they_are_meant(monkeypatch):
    monkeypatch.setenv("CONNECTOR_TYPES", " harbor, github ,harbor,")
    monkeypatch.setenv("CONNECTOR_CALL_KEY", "an obviously fake key of calls 02, an obviously fake key of calls 01")
    settings = load(ConnectorSettings)
    assert settings.type_names == ("github", "harbor")
    assert settings.call_keys == ("an obviously fake key of calls 02", "an obviously fake key of calls 01")
    assert "obviously fake" not in repr(settings)


def test_what_holds_a_secret_of_the_hubs_is_known_by_name(monkeypatch):
    for name in ("DATABASE_URL", "SECRET_BACKENDS", "CONNECTOR_CALL_KEY", "RECEIPT_KEY", "EVENT_WEBHOOK_SECRET"):
        assert name not in secrets_set()
        monkeypatch.setenv(name, "x")
        assert name in secrets_set()
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    assert "LOG_LEVEL" not in secrets_set()
