"""Connectors whose configs let through, refuse or repeat what they should not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, ValidationError

from integrations_hub.connector.config_safety import find_secrets, violations_of
from integrations_hub.connector.contract import Endpoint
from integrations_hub.connector.errors import ConfigInvalid
from tests.contract.broken_connectors.kit import breaks
from tests.contract.broken_connectors.sound import Toy, ToyConfig, api_root


class NeverTheSame(ToyConfig):
    endpoint: Annotated[str, AfterValidator(lambda text: f"{api_root(text)}/again")]


@breaks("test_accepts_a_valid_config_in_one_normal_form")
class GrowsEachTime(Toy):
    config_model = NeverTheSame

    def endpoint(self, config):
        return Endpoint(config.endpoint.removesuffix("/again"), config.ca_bundle)


class AnyText(ToyConfig):
    group: Any = None


@breaks("test_refuses_an_invalid_config")
class TakesAnyGroup(Toy):
    config_model = AnyText


class Lenient(ToyConfig):
    model_config = ConfigDict(extra="ignore", json_schema_extra={"additionalProperties": False})


@breaks("test_refuses_an_unknown_field")
class DropsWhatItDoesNotKnow(Toy):
    config_model = Lenient


@breaks("test_survives_any_value_in_any_field")
class ExpectsAText(Toy):
    def validate_config(self, config):
        assert len(config.get("group") or "") >= 0
        return super().validate_config(config)


@breaks("test_repeats_nothing_it_refuses")
class RepeatsTheValue(Toy):
    def validate_config(self, config):
        try:
            return super().validate_config(config)
        except ConfigInvalid as refused:
            (pointer, sentence), *rest = refused.violations
            wrong = config.get(pointer.removeprefix("/"), "")
            sentence = sentence if find_secrets(config) else f"This is {wrong}. {sentence}"
            raise ConfigInvalid(((pointer, sentence), *rest)) from None


@breaks("test_refuses_a_pasted_secret_without_repeating_it")
class LooksForNoSecret(Toy):
    def validate_config(self, config):
        try:
            return ToyConfig.model_validate(config)
        except ValidationError as invalid:
            violations = violations_of(invalid, config)
        raise ConfigInvalid(violations)


class WithToken(ToyConfig):
    access_token: str | None = None


@breaks("test_schema_has_no_secret_field")
class AsksForAToken(Toy):
    config_model = WithToken


@breaks("test_schema_forbids_unknown_fields")
class SchemaAllowsAll(Toy):
    def config_schema(self):
        return {name: part for name, part in super().config_schema().items() if name != "additionalProperties"}


class Changeable(ToyConfig):
    model_config = ConfigDict(frozen=False)


@breaks("test_config_cannot_be_changed")
class ConfigChanges(Toy):
    config_model = Changeable


@breaks("test_where_it_points_is_a_pure_question")
class ReadsAFileToKnowWhere(Toy):
    def endpoint(self, config):
        with Path(os.devnull).open():
            return super().endpoint(config)
