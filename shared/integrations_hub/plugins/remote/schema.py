"""A config against its published JSON Schema (2020-12): what is surely wrong is told without asking the connector.

Only keywords with one clear meaning are judged; unions, patterns and formats are the connector's to judge, whose
sentences say more. No sentence repeats a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from integrations_hub.connector.config_safety import pointer_to

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

__all__ = ["violations_by"]

_MOST = 100
_JUDGED = (
    *("$ref", "properties", "required", "additionalProperties", "items", "type", "const", "enum"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("minLength", "maxLength", "minItems", "maxItems"),
)
_SENTENCES: Mapping[str, Callable[[Any], str]] = {
    "type": lambda value: f"This must be {' or '.join([value] if isinstance(value, str) else value)}.",
    "const": lambda value: f"This must be {value!r}.",
    "enum": lambda value: f"This must be one of: {', '.join(map(str, value))}.",
    "minimum": lambda value: f"This must be at least {value}.",
    "maximum": lambda value: f"This must be at most {value}.",
    "exclusiveMinimum": lambda value: f"This must be more than {value}.",
    "exclusiveMaximum": lambda value: f"This must be less than {value}.",
    "minLength": lambda value: f"This must have at least {value} characters.",
    "maxLength": lambda value: f"This must have at most {value} characters.",
    "minItems": lambda value: f"This must have at least {value} entries.",
    "maxItems": lambda value: f"This must have at most {value} entries.",
}


def violations_by(schema: Mapping[str, Any] | None, config: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return JSON pointer (RFC 6901) and sentence of what a schema surely refuses; nothing without a schema."""
    if not schema:
        return ()
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415 - for who really writes
    from referencing import Registry  # noqa: PLC0415 - as above
    from referencing.exceptions import Unresolvable  # noqa: PLC0415 - as above

    judge = validators.create(
        meta_schema=Draft202012Validator.META_SCHEMA,
        validators={keyword: Draft202012Validator.VALIDATORS[keyword] for keyword in _JUDGED},
        type_checker=Draft202012Validator.TYPE_CHECKER,
    )
    registry: Registry[Any] = Registry()  # an empty one fetches nothing
    errors = judge(dict(schema), registry=registry).iter_errors(dict(config))
    try:
        return tuple(dict.fromkeys(islice((one for error in errors for one in _told(error)), _MOST)))
    except (Unresolvable, RecursionError):
        return ()  # the schema refers to what is elsewhere, or to itself without end


def _told(error: ValidationError) -> Iterator[tuple[str, str]]:
    place = tuple(error.absolute_path)
    if error.validator == "required":
        missing = (name for name in error.validator_value if name not in error.instance)
        yield from ((pointer_to((*place, name)), "This field is required.") for name in missing)
    elif error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        strange = (name for name in error.instance if name not in known)
        sentence = "There is no such field; look at the connector's configSchema."
        yield from ((pointer_to((*place, name)), sentence) for name in strange)
    else:
        yield pointer_to(place), _SENTENCES[str(error.validator)](error.validator_value)
