"""Build the shared layer and each connector's, zip them reproducibly, and print how large they are.

    make layers                       all of them, in build/layers
    make layers LAYERS="harbor github"

A layer is built by its own Makefile, as `sam build` does it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from layers.archive import write_zip
from layers.sizes import Size, table

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "layers"


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the layers that are named, else all; return the exit status."""
    known = projects()
    parser = argparse.ArgumentParser(
        prog="python -m layers",
        description="Build the Lambda layers.",
        epilog='example: make layers LAYERS="shared harbor" MAKE_FLAGS="--make ARCH=aarch64"',
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which ones (all of {', '.join(known)})")
    parser.add_argument("--out", type=Path, default=OUT, help="where to (build/layers)")
    parser.add_argument(
        "--make", action="append", default=[], metavar="NAME=VALUE", help="a variable for their Makefiles"
    )
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(known))
    if unknown:
        parser.error(f"there is no layer {', '.join(unknown)}; there are {', '.join(known)}")
    sizes = []
    for name in options.names or known:
        built = build(known[name], (options.out / name).resolve(), options.make)
        if built.returncode:
            print(f"the layer {name} could not be built:\n{built.stdout}", file=sys.stderr)
            return 1
        print(built.stdout, end="")
        archive = write_zip(options.out / name, options.out / f"{name}.zip")
        sizes.append(Size.of(name, options.out / name, archive))
    print("\n".join(table(sizes)))
    return 0


def projects() -> dict[str, Path]:
    """Return the folders that have a layer, by its name."""
    folders = [ROOT / "shared", *sorted(file.parent for file in (ROOT / "connectors").glob("*/Makefile"))]
    return {folder.name: folder for folder in folders}


def build(folder: Path, artifacts: Path, variables: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a project's own target into an empty folder."""
    if artifacts.exists():
        shutil.rmtree(artifacts)
    artifacts.mkdir(parents=True)
    (target,) = _targets(folder / "Makefile")
    command = ["make", "--silent", target, f"ARTIFACTS_DIR={artifacts}", f"PYTHON={sys.executable}", *variables]
    return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def _targets(makefile: Path) -> Iterator[str]:
    return (line.partition(":")[0] for line in makefile.read_text().splitlines() if line.startswith("build-"))


if __name__ == "__main__":
    sys.exit(main())
