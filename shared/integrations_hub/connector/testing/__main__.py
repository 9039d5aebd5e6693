"""Print the page of the conformance kit: every case with its sentence.

python -m integrations_hub.connector.testing > infra/docs/conformance-kit.md
"""

from __future__ import annotations

from collections.abc import Iterator

from integrations_hub.connector.testing.kit import ConformanceKit
from integrations_hub.connector.testing.table import CASES, markdown

__all__ = ["page"]

_TOP = """# The conformance kit

What `integrations_hub.connector.testing` holds a connector to. A case in whose last column something is named is left
out for a connector that does not have it, and the end of a run says so. How to use the kit: the README, "Write a
connector".
"""


def page() -> Iterator[str]:
    """Yield the page line by line; a table per class of cases, in the order of the kit."""
    yield _TOP
    for group in ConformanceKit.__bases__:
        about = (group.__doc__ or "").splitlines()[0].removeprefix("Cases about ").rstrip(".")
        yield f"## {about[:1].upper()}{about[1:]}\n"
        yield from markdown({name: CASES[name] for name in vars(group) if name in CASES})
        yield ""


if __name__ == "__main__":
    print("\n".join(page()).rstrip())
