"""What the hub reads of its environment: the classes of settings, and the variables of all of them."""

from __future__ import annotations

from integrations_hub import settings

__all__ = ["KINDS", "SETTINGS"]

KINDS = [getattr(settings, name) for name in settings.__all__ if name.endswith("Settings")]
SETTINGS = {str(field.alias) for kind in KINDS for field in kind.model_fields.values()}
