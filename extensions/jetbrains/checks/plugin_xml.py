# ruff: noqa: INP001 - a program of its own, in no package
"""Patch plugin.xml as Gradle's patchPluginXml does: python3 plugin_xml.py <project> <plugin.xml>."""

from __future__ import annotations

import re
import sys
from html import escape
from pathlib import Path

__all__ = ["patched"]


def patched(project: Path, source: str) -> str:
    """Return plugin.xml with version, since-build, description (README.md) and change notes (CHANGELOG.md)."""
    kept = dict(re.findall(r"^(\w+)=(.*)$", (project / "gradle.properties").read_text(), re.MULTILINE))
    readme = (project / "README.md").read_text()
    description = readme.split("<!-- Plugin description -->")[1].split("<!-- Plugin description end -->")[0]
    notes = (project / "CHANGELOG.md").read_text().split("\n## ")[1].split("\n", 1)[1]
    added = (
        f"    <version>{kept['pluginVersion']}</version>\n"
        f'    <idea-version since-build="{kept["pluginSinceBuild"]}"/>\n'
        f"    <description>{escape(_html(description))}</description>\n"
        f"    <change-notes>{escape(_html(notes))}</change-notes>\n"
    )
    return source.replace("    <depends>", added + "    <depends>", 1)


def _html(markdown: str) -> str:
    """Write paragraphs and lists as HTML: all that these two texts use."""
    blocks = [block for block in re.split(r"\n\s*\n", markdown.strip()) if not block.startswith("#")]
    return "".join(_block(block) for block in blocks)


def _block(block: str) -> str:
    if not block.startswith("- "):
        return f"<p>{escape(' '.join(block.split()))}</p>"
    items = (" ".join(item.split()) for item in re.split(r"^- ", block, flags=re.MULTILINE)[1:])
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


if __name__ == "__main__":
    target = Path(sys.argv[2])
    target.write_text(patched(Path(sys.argv[1]), target.read_text()))
