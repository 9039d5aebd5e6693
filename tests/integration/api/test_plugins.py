"""Every connector of the tree is found and listed, without being named anywhere."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.support.hub import Client

PROJECTS = sorted((Path(__file__).parents[3] / "connectors").glob("*/pyproject.toml"))


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.parent.name)
def test_a_connector_is_listed_with_what_it_can_do(me: Client, project: Path) -> None:
    (type_,) = tomllib.loads(project.read_text())["project"]["entry-points"]["integrations_hub.connectors"]

    (listed,) = (one for one in all_plugins(me) if one["type"] == type_)

    assert listed["trust"] == "built-in"
    assert listed["configSchema"]["additionalProperties"] is False


def all_plugins(me: Client) -> list[dict[str, Any]]:
    answer = me.call("GET", "/plugins")
    assert answer.status == 200
    items: list[dict[str, Any]] = answer.json()["items"]
    return items
