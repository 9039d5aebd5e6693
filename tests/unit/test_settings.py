"""Settings: a wrong one is named with what it must be, and its value is never repeated."""

from __future__ import annotations

import pytest

from integrations_hub.settings import (
    AuthenticationSettings,
    CredentialSettings,
    DatabaseSettings,
    DeliverySettings,
    HealthSettings,
    SettingsInvalid,
    load,
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
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(monkeypatch, kind, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsInvalid) as wrong:
        load(kind)
    assert variable in str(wrong.value)
    assert "not-a-real-secret" not in str(wrong.value)


def test_a_secret_setting_shows_in_no_repr(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://hub_api:not-a-real-secret-1@db.example/hub")
    assert "not-a-real-secret" not in repr(load(DatabaseSettings))
