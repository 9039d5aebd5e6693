"""How large what `sam build` made is, against what Lambda takes: 5 layers and 250 MB unzipped per function.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from aws.template import functions_of, read_template

__all__ = ["MOST_BYTES", "MOST_LAYERS", "Deployed", "deployed", "main"]

MOST_BYTES = 250 * 1024 * 1024
MOST_LAYERS = 5
_MB = 1024 * 1024


class Deployed(NamedTuple):
    """One function: its own bytes, and those of its layers by name."""

    name: str
    own: int
    layers: Mapping[str, int]

    @property
    def unzipped(self) -> int:
        """Return what Lambda counts."""
        return self.own + sum(self.layers.values())


def deployed(build: Path) -> Iterator[Deployed]:
    """Yield every function of a build folder, with its layers measured."""
    template = read_template(build / "template.yaml")
    everywhere = template["Globals"]["Function"]["Layers"]
    for name, properties in functions_of(template).items():
        layers = {one["Ref"] for one in [*everywhere, *properties.get("Layers", ())]}
        yield Deployed(
            name,
            _bytes((build / properties["CodeUri"]).resolve()),
            {layer: _bytes(build / layer) for layer in sorted(layers)},
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print every layer and function of a build folder; return 1 when one is too large, or none is built."""
    parser = argparse.ArgumentParser(
        prog="python -m aws.sizes",
        description="How large what `sam build` made is, against what Lambda takes.",
        epilog="example: PYTHONPATH=infra python -m aws.sizes .aws-sam/build",
    )
    parser.add_argument("build", type=Path, help="the folder `sam build` wrote")
    build = parser.parse_args(arguments).build
    if not (build / "template.yaml").is_file():
        print(f"{build} holds no template.yaml: build the stack first (make sam)", file=sys.stderr)
        return 1
    functions = list(deployed(build))
    layers = {layer: size for one in functions for layer, size in one.layers.items()}
    for layer, size in layers.items():
        print(f"{layer:<40} {size / _MB:>8.2f} MB")
    for one in functions:
        print(f"{one.name:<40} {one.unzipped / _MB:>8.2f} MB with {', '.join(one.layers)}")
    wrong = [one.name for one in functions if one.unzipped > MOST_BYTES or len(one.layers) > MOST_LAYERS]
    for name in wrong:
        print(f"{name} is over 250 MB or has more than 5 layers: Lambda will refuse it", file=sys.stderr)
    return 1 if wrong else 0


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    sys.exit(main())
