"""A JSON document in the state folder, readable by its owner only and never half written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import mkstemp
from typing import Any

__all__ = ["load", "save"]


def load(path: Path) -> Any:
    """Return the document, or None where there is none yet."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def save(path: Path, document: object) -> None:
    """Write the document as 0600 beside its place, then move it there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp creates with 0600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
    Path(temporary).replace(path)
