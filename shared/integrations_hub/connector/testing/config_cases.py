"""Configs: what is accepted, what is refused, and that a refusal repeats nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from integrations_hub.connector.errors import ConfigInvalid
from integrations_hub.connector.testing.harness import Harness
from integrations_hub.connector.testing.outcome import fail
from integrations_hub.connector.testing.search import chain, text_of
from integrations_hub.connector.testing.table import case
from integrations_hub.connector.testing.watch import ANY_IO, watched

__all__ = ["ConfigCases"]

_ENDPOINT = "https://provider.example"
_CANARY = "pastedcanary"
_SECRET_NAME = re.compile(r"(^|_)(pass(word|phrase)?|secret|token|pat|credentials?|(api|private|access|signing)_?key)$")
_PASTED = {
    "a private key": f"-----BEGIN PRIVATE KEY-----\n{_CANARY}\n-----END PRIVATE KEY-----",
    "a token": "gl" + f"pat-{_CANARY}{_CANARY}",
    "a URL with a password": f"https://user:{_CANARY}@provider.example/",
}


class ConfigCases(Harness):
    """Cases about `validate_config`, `config_schema`, `endpoint` and `target`."""

    @case()
    def test_accepts_a_valid_config_in_one_normal_form(self) -> None:
        """A valid config is accepted, and what comes of it is accepted again and stays as it is."""
        connector = self.connector()
        once = connector.validate_config(self.config(_ENDPOINT))
        stored = once.model_dump(mode="json", by_alias=True, exclude_none=True)
        if connector.validate_config(stored) != once:
            fail("A config that was validated, stored and validated again is another one.")

    @case()
    def test_refuses_an_invalid_config(self) -> None:
        """Each invalid config is refused by pointer and sentence."""
        if not self.invalid_configs:
            fail("`invalid_configs` is empty; name at least one config the connector must refuse.")
        for nth, config in enumerate(self.invalid_configs):
            refused = _refusal(self, config)
            if refused is None:
                fail(f"invalid_configs[{nth}] was accepted.")
            if not refused.violations or not all(_sentence(text) for _, text in refused.violations):
                fail(f"invalid_configs[{nth}] is refused without a sentence for each place: {refused.violations}")

    @case()
    def test_refuses_an_unknown_field(self) -> None:
        """A field the config does not have is refused, at its place."""
        refused = _refusal(self, {**self.config(_ENDPOINT), "fieldNobodyKnows": 1})
        if refused is None or "/fieldNobodyKnows" not in dict(refused.violations):
            fail("An unknown field is not refused at /fieldNobodyKnows; base the config on ConnectorConfig.")

    @case()
    def test_survives_any_value_in_any_field(self) -> None:
        """Whatever JSON stands in a field, the config is accepted or refused; nothing else is raised."""
        for name, value, config in _with_each(self, [None, True, -1, 1e308, 2**70, "", "\0", "x" * 5000, [], [[]], {}]):
            try:
                self.connector().validate_config(config)
            except ConfigInvalid:
                continue
            except Exception as broken:  # noqa: BLE001 - that is what the case is about
                fail(f"`{name}` as {str(value)[:20]!r} raised {type(broken).__name__}, not ConfigInvalid: {broken}")

    @case()
    def test_repeats_nothing_it_refuses(self) -> None:
        """A refusal says what to change and repeats nothing of what was sent, in no cause and no context either."""
        for name, value, config in _with_each(self, [f"{_CANARY}\x07", {f"{_CANARY}\x07": _CANARY}, [_CANARY]]):
            refused = _refusal(self, config)
            if refused and any(_CANARY in text_of(one) for one in chain(refused)):
                fail(f"Refusing `{name}` as {type(value).__name__}, it repeats the value.")

    @case()
    def test_refuses_a_pasted_secret_without_repeating_it(self) -> None:
        """A private key, a token or a URL with a password is refused in any field, and not repeated."""
        for what, pasted in _PASTED.items():
            for name, _, config in [*_with_each(self, [pasted]), ("unknown", pasted, {"unknown": pasted})]:
                refused = _refusal(self, config)
                if refused is None:
                    fail(f"`{name}` accepts {what}; let Connector.validate_config look first.")
                if any(_CANARY in text_of(one) for one in chain(refused)):
                    fail(f"Refusing {what} in `{name}`, it repeats it.")

    @case()
    def test_schema_has_no_secret_field(self) -> None:
        """The JSON Schema has no field for a secret; one that ends in Ref names where a secret is."""
        for pointer, field in _fields(self.connector().config_schema()):
            snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", pointer.rpartition("/")[2]).lower()
            if _SECRET_NAME.search(snake) or field.get("format") == "password" or field.get("writeOnly"):
                fail(f"The config has a field for a secret: {pointer}. Take it from the credential instead.")

    @case()
    def test_schema_forbids_unknown_fields(self) -> None:
        """Every object of the JSON Schema with fields of its own forbids others, so that forms and the hub agree."""
        for pointer, part in _objects("", self.connector().config_schema()):
            if "properties" in part and part.get("additionalProperties") is not False:
                fail(f"The schema allows unknown fields at {pointer or '/'}; base the model on ConnectorConfig.")

    @case()
    def test_config_cannot_be_changed(self) -> None:
        """A validated config is frozen: one object serves many calls at once."""
        if self.connector.config_model.model_config.get("frozen") is not True:
            fail("The config model is not frozen; base it on ConnectorConfig.")

    @case()
    def test_where_it_points_is_a_pure_question(self) -> None:
        """`endpoint` and `target` do no I/O and always answer the same."""
        connector = self.connector()
        config = connector.validate_config(self.config(_ENDPOINT))
        first = connector.endpoint(config), connector.target(config)  # what is imported late is imported here
        with watched(ANY_IO) as seen:
            again = connector.endpoint(config), connector.target(config)
        if seen:
            fail(f"`endpoint` or `target` did I/O: {', '.join(sorted(set(seen)))}.")
        if first != again or (self.connector().endpoint(config), connector.target(config)) != first:
            fail("`endpoint` or `target` answers otherwise the second time.")


def _refusal(kit: ConfigCases, config: Mapping[str, object]) -> ConfigInvalid | None:
    try:
        kit.connector().validate_config(config)
    except ConfigInvalid as refused:
        return refused
    return None


def _sentence(text: str) -> bool:
    return text[:1].isupper() and text.endswith((".", ")"))


def _with_each(kit: ConfigCases, values: list[Any]) -> Iterator[tuple[str, Any, Mapping[str, object]]]:
    """Yield the valid config with each field replaced by each value."""
    valid = kit.config(_ENDPOINT)
    properties: Mapping[str, object] = dict(_own_fields(kit.connector().config_schema()))
    for name in properties:
        for value in values:
            yield name, value, {**valid, name: value}


def _own_fields(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from schema.get("properties", {}).items()


def _fields(schema: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for pointer, part in _objects("", schema):
        yield from ((f"{pointer}/{name}", field) for name, field in _own_fields(part))


def _objects(pointer: str, part: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every object of a JSON document with its JSON pointer."""
    if isinstance(part, Mapping):
        yield pointer, part
    items = part.items() if isinstance(part, Mapping) else enumerate(part) if isinstance(part, list) else ()
    for name, inner in items:
        yield from _objects(f"{pointer}/{name}", inner)
