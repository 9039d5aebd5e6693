"""Cut a provider's OpenAPI document down to some paths, and mount them where the provider serves them.

Prism forgets the path of `servers` (and Swagger's `basePath`), so a contract of `/api/v3` would judge nothing asked
below it; and it takes no Accept but the media types a document names, where GitHub takes one of its own for JSON.

    python tests/tools/mount_contract.py ghes-3.19.json mounted.json --prefix /api/v3 --alias application/x+json /app
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

__all__ = ["mount"]

Document = dict[str, object]
_JSON = "application/json"


def mount(document: Mapping[str, object], prefix: str, paths: Iterable[str], aliases: Iterable[str] = ()) -> Document:
    """Return an OpenAPI 3 document of these paths under `prefix`, with what they refer to and nothing else.

    `aliases` are media types that stand for JSON as well.

    Raises:
        KeyError: the document has no such path, or refers to what it does not hold.
    """
    offered = document["paths"]
    assert isinstance(offered, Mapping)
    kept = {path: offered[path] for path in paths}
    mounted: Document = {
        "openapi": document["openapi"],
        "info": document["info"],
        "servers": [{"url": "/"}],
        "paths": {f"{prefix}{path}": item for path, item in kept.items()},
        "components": _components(document, kept),
    }
    return {name: _aliased(part, tuple(aliases)) for name, part in mounted.items()}


def _components(document: Mapping[str, object], kept: object) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    ahead, seen = list(_references(kept)), set[str]()
    while ahead:
        reference = ahead.pop()
        if reference in seen:
            continue
        seen.add(reference)
        _, section, name = reference.removeprefix("#/").split("/")
        component = _at(document, "components", section, name)
        found.setdefault(section, {})[name] = component
        ahead += _references(component)
    return found


def _references(part: object) -> Iterator[str]:
    for key, value in _pairs(part):
        if key == "$ref" and isinstance(value, str):
            yield value
        else:
            yield from _references(value)


def _pairs(part: object) -> Iterable[tuple[object, object]]:
    if isinstance(part, Mapping):
        return part.items()
    return enumerate(part) if isinstance(part, list) else ()


def _at(part: object, *names: str) -> object:
    for name in names:
        assert isinstance(part, Mapping)
        part = part[name]
    return part


def _aliased(part: object, aliases: tuple[str, ...]) -> object:
    if isinstance(part, list):
        return [_aliased(one, aliases) for one in part]
    if not isinstance(part, Mapping):
        return part
    copy = {str(key): _aliased(value, aliases) for key, value in part.items()}
    content = copy.get("content")
    if isinstance(content, dict) and _JSON in content:
        copy["content"] = content | dict.fromkeys(aliases, content[_JSON])
    return copy


def main() -> None:
    """Read the command line and write the document."""
    about, _, example = (__doc__ or "").partition("\n\n    ")
    form = argparse.RawDescriptionHelpFormatter
    command = argparse.ArgumentParser(description=about, epilog=f"example: {example}", formatter_class=form)
    command.add_argument("source", type=Path, help="an OpenAPI 3 document as JSON")
    command.add_argument("target", type=Path, help="where to write the mounted one")
    command.add_argument("paths", nargs="+", help="paths to keep, as the document writes them")
    command.add_argument("--prefix", default="", help="where the provider serves them, such as /api/v3")
    command.add_argument("--alias", action="append", default=[], help="a media type that stands for JSON as well")
    given = command.parse_args()
    mounted = mount(json.loads(given.source.read_text()), given.prefix, given.paths, given.alias)
    given.target.write_text(json.dumps(mounted))


if __name__ == "__main__":
    main()
