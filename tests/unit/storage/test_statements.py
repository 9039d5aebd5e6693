"""The committed statements are what their source says, and running them needs no SQLAlchemy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import integrations_hub.storage.statements
from integrations_hub.storage.compile_statements import compiled_module

RUNTIME = ("catalog", "health", "sweep", "audit", "outbox", "plugins", "maintenance", "connections", "memory")


def test_the_committed_statements_equal_their_source():
    committed = Path(integrations_hub.storage.statements.__file__).read_text(encoding="utf-8")
    assert committed == compiled_module(), "run `make sql`"


@pytest.mark.parametrize("module", RUNTIME)
def test_stores_import_neither_sqlalchemy_nor_alembic(module):
    code = (
        f"import sys, integrations_hub.storage.{module};"
        "print([name for name in ('sqlalchemy', 'alembic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
