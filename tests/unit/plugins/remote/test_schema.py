"""A config against its published schema: only what is surely wrong, where it is, and never its value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations_hub.connector.errors import ConfigInvalid
from integrations_hub.plugins.registry import Plugins
from integrations_hub.plugins.remote.schema import violations_by
from integrations_hub_in_memory import InMemoryConnector

SCHEMA = InMemoryConnector().config_schema()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 70_000) | st.sampled_from(["healthy", "slow", "flap", "", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["do", "delayMs", "checks", "period", "reason", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, set()),
        ({"projects": ["a"], "script": [{"do": "healthy"}]}, set()),
        ({"projects": 7}, {("/projects", "This must be array.")}),
        ({"projects": [""]}, {("/projects/0", "This must have at least 1 characters.")}),
        ({"script": []}, {("/script", "This must have at least 1 entries.")}),
        ({"nothing": 1}, {("/nothing", "There is no such field; look at the connector's configSchema.")}),
        ({"script": [{"do": "no such turn"}]}, set()),  # a union: the connector says more
    ],
)
def test_what_is_surely_wrong_is_told_with_its_place(config, expected) -> None:
    assert set(violations_by(SCHEMA, config)) == expected


@given(st.dictionaries(st.sampled_from(["script", "projects", "repositories", "x"]), JSON, max_size=3))
def test_what_a_schema_refuses_the_connector_refuses_too(config) -> None:
    if violations_by(SCHEMA, config):
        with pytest.raises(ConfigInvalid):
            InMemoryConnector().validate_config(config)


def test_every_installed_connectors_schema_can_be_judged() -> None:
    records = Plugins().scan()
    assert {"harbor", "in-memory"} <= {record.type for record in records}
    for record in records:
        assert violations_by(record.config_schema, {"noSuchField": 1})


def test_no_sentence_repeats_a_value_or_a_name_that_may_be_a_secret() -> None:
    pasted = "GHXABCDEFsecret12345678"
    told = violations_by(SCHEMA, {pasted: pasted, "projects": pasted, "script": [{"do": pasted}]})
    assert told
    assert pasted not in repr(told)


def test_a_schema_fetches_nothing_and_is_not_needed() -> None:
    assert violations_by(None, {"a": 1}) == ()
    assert violations_by({}, {"a": 1}) == ()
    remote = {"properties": {"a": {"$ref": "http://127.0.0.1:1/schema"}}}
    assert violations_by(remote, {"a": 1}) == ()
    endless = {"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}
    assert violations_by(endless, {"a": 1}) == ()
