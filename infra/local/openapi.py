"""Write the OpenAPI document of all functions, as they declare it: `python -m local.openapi`.

The document is the file that `get_openapi` serves; `infra/openapi.json` is a link to it. A test compares it with what
this module would write.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from integrations_hub.web.openapi import openapi_document
from integrations_hub.web.routing import Route
from local.gateway import load_functions

__all__ = ["DOCUMENT", "FUNCTIONS", "VERSION", "main", "openapi_text", "routes"]

FUNCTIONS = Path(__file__).parents[2] / "functions"
DOCUMENT = FUNCTIONS / "get_openapi" / "openapi.json"
TITLE = "Stella Ops integrations hub"
VERSION = "1.0.0"


def routes() -> Sequence[Route]:
    """Return the public routes of all functions, in order of name."""
    if not DOCUMENT.exists():  # get_openapi reads it when it is loaded
        DOCUMENT.write_text("{}\n", encoding="utf-8")
    found = [function.route for function in load_functions(FUNCTIONS) if function.route]
    return [route for route in found if not route.internal]


def openapi_text() -> str:
    """Return the document as it is written: the same functions give the same text."""
    document = openapi_document(routes(), title=TITLE, version=VERSION)
    document["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the document."""
    DOCUMENT.write_text(openapi_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
