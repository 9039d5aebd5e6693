"""Write the folder of a new connector: whole or not at all."""

from __future__ import annotations

import keyword
import re
import shutil
from collections.abc import Iterator, Sequence
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path
from tempfile import mkdtemp

from integrations_hub.cli.errors import Refused

__all__ = ["new_connector"]

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 32
_ENTRY_POINTS = "integrations_hub.connectors"
_SUFFIX = ".tmpl"


def new_connector(name: str, into: Path) -> tuple[Path, Sequence[str]]:
    """Write a connector of this type into a folder; return its own folder and the files, relative to it.

    Raises:
        Refused: the name is none, or taken; the folder is there already, or cannot be written.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST or keyword.iskeyword(name):
        raise Refused(
            f"a connector's name is at most {_LONGEST} lower-case letters and digits, in words joined by one hyphen, a "
            "letter first: acme-registry."
        )
    if name in {point.name for point in metadata.entry_points(group=_ENTRY_POINTS)}:
        raise Refused(f"a connector for the type {name} is installed already; choose another name.")
    target = into / name
    if target.exists():
        raise Refused(f"{target} is there already; choose another name, or another folder by --into.")
    if not into.is_dir():
        raise Refused(f"{into} is no folder; make it first, or name another by --into.")
    try:
        return target, _write(name, target)
    except OSError as error:
        raise Refused(f"{target} could not be written: {error.strerror}.") from None


def _write(name: str, target: Path) -> Sequence[str]:
    # beside the target, so that it appears in one step
    fresh = Path(mkdtemp(prefix=f".{name}-", dir=target.parent))
    try:
        files = list(_rendered(name))
        for path, text in files:
            (fresh / path).parent.mkdir(parents=True, exist_ok=True)
            (fresh / path).write_text(text)
        fresh.chmod(0o755)
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return sorted(str(path) for path, _ in files)


def _rendered(name: str) -> Iterator[tuple[Path, str]]:
    """Yield path and text of each file, made of the template's by putting the name in."""
    module, words = name.replace("-", "_"), name.replace("-", " ").title()
    names = {"sample_module": module, "SampleWords": words, "Sample": words.replace(" ", ""), "sample": name}
    for path, file in _template(Path(), resources.files("integrations_hub.cli") / "template"):
        yield Path(_put(str(path).removesuffix(_SUFFIX), names)), _put(file.read_text(), names)


def _template(path: Path, folder: Traversable) -> Iterator[tuple[Path, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _template(path / entry.name, entry)
        elif entry.name.endswith(_SUFFIX):
            yield path / entry.name, entry


def _put(text: str, names: dict[str, str]) -> str:
    return re.sub("|".join(names), lambda found: names[found[0]], text)
