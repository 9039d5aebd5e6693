"""Named parameters with the types of the columns they meet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BindParameter, Column, Integer, Text, bindparam

__all__ = ["bind", "given", "limit", "tenant"]

tenant: BindParameter[str] = bindparam("tenant", type_=Text)
limit: BindParameter[int] = bindparam("limit", type_=Integer)


def bind(column: Column[Any], name: str | None = None) -> BindParameter[Any]:
    """Return a parameter of a column's name (or another) and type."""
    return bindparam(name or column.name, type_=column.type)


def given(columns: Iterable[Column[Any]]) -> dict[str, BindParameter[Any]]:
    """Return a parameter for each column, as INSERT and UPDATE take them."""
    return {column.name: bind(column) for column in columns}
