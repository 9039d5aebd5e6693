"""What deploy-aws.md says to write into template.yaml for one more connector: the block of one, by its name."""

from __future__ import annotations

import re

from tests.support.sam import ROOT, TEMPLATE

__all__ = ["trusted", "untrusted"]

_HARBOR = re.compile(r"^  # harbor\n.*?(?=^\n*(  # [a-z-]+|Outputs:)\n)", re.MULTILINE | re.DOTALL)
_READS = "        - !Ref RunConnectorPolicy\n"
_PAGE = (ROOT / "infra" / "docs" / "deploy-aws.md").read_text()
_OWN_FUNCTION, _LINES = re.findall(r"^```yaml\n(.*?)^```$", _PAGE, re.MULTILINE | re.DOTALL)


def trusted(type_: str) -> str:
    """Return harbor's block under the name of another connector, and nothing more changed."""
    found = _HARBOR.search(TEMPLATE.read_text())
    assert found
    return _named(found[0].rstrip() + "\n\n", "harbor", type_)


def untrusted(type_: str) -> str:
    """Return such a block of a stranger's connector, with done to it what deploy-aws.md says."""
    title = _title(type_)
    block = trusted(type_).replace(f"      Layers: [!Ref {title}Layer]\n", "")
    own, lines = (_named(text, "stranger", type_) for text in (_OWN_FUNCTION, _LINES))
    setting, policy = lines.splitlines(keepends=True)
    block = block.replace("          SECRET_BACKENDS:", setting + "          SECRET_BACKENDS:")
    return block.replace(_READS, _READS + policy) + own + "\n"


def _named(text: str, old: str, new: str) -> str:
    return text.replace(old, new).replace(_title(old), _title(new))


def _title(type_: str) -> str:
    return "".join(word.title() for word in type_.split("-"))
