# ruff: noqa: INP001 - a program of its own, in no package
"""Compare a ZIP of the plugin, made by check.sh or by Gradle, with the committed list: python3 zip_files.py <ZIP>.

The ZIP is laid out as the Marketplace wants it: one folder, in its `lib` the plugin's jar and snakeyaml. In the jar are
the files of jar_files.txt and the plugin's own classes: no class of the IDE, no Kotlin library.
"""

from __future__ import annotations

import re
import sys
import zipfile
from io import BytesIO
from pathlib import Path

__all__ = ["differences"]

_HERE = Path(__file__).parent
_LIB = "jetbrains-stella-ops/lib"


def differences(made: Path) -> list[str]:
    """Return a sentence for each file that is there and not listed, or listed and not there."""
    version = re.search(r"(?m)^pluginVersion=(.+)$", (_HERE.parent / "gradle.properties").read_text())
    own = f"{_LIB}/jetbrains-stella-ops-{version[1] if version else '?'}.jar"
    with zipfile.ZipFile(made) as outer:
        files = _files(outer)
        told = _compared("ZIP", files, {own, f"{_LIB}/snakeyaml-1.33.jar"})
        if own not in files:
            return told
        with zipfile.ZipFile(BytesIO(outer.read(own))) as jar:
            inside = _files(jar)
    other = {name for name in inside if not name.endswith((".class", ".kotlin_module"))}
    listed = set((_HERE / "jar_files.txt").read_text().split())
    strange = {name for name in inside if name.endswith(".class") and not name.startswith("io/stellaops/")}
    return told + _compared("jar", other, listed) + _compared("jar", strange, set())


def _files(of: zipfile.ZipFile) -> set[str]:
    return {name for name in of.namelist() if not name.endswith("/")}


def _compared(where: str, found: set[str], listed: set[str]) -> list[str]:
    more = [f"in the {where} and not listed: {name}" for name in sorted(found - listed)]
    return more + [f"listed and not in the {where}: {name}" for name in sorted(listed - found)]


if __name__ == "__main__":
    sys.exit("\n".join(differences(Path(sys.argv[1]))) or None)
