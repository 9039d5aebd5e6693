"""The conformance kit itself: a sound connector passes every case, and each case fails for a connector with its defect."""

import importlib
from pathlib import Path

import pytest

from integrations_hub.connector.testing import CASES
from tests.contract.broken_connectors.kit import DEFECTS, Defect, ToyKit

FOLDER = Path(__file__).parent / "broken_connectors"
for file in sorted(FOLDER.glob("*_defects.py")):
    importlib.import_module(f"tests.contract.broken_connectors.{file.stem}")


class TestToy(ToyKit):
    """Every case there is, none left out."""


def failed(kit: ToyKit) -> set[str]:
    found = set()
    for name in CASES:
        run = getattr(kit, name)
        try:
            if run is not None:
                run()
        except (pytest.fail.Exception, Exception):  # noqa: BLE001 - a crash fails a case, too
            found.add(name)
    return found


def test_the_sound_connector_meets_every_case() -> None:
    assert len(CASES) >= 30
    assert TestToy.left_out == {}


def test_every_case_has_its_broken_connector() -> None:
    assert {one.case for one in DEFECTS} == set(CASES)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda one: one.connector.__name__)
def test_a_defect_fails_its_case_and_no_other(defect: Defect) -> None:
    kit = type("Kit", (ToyKit,), {"connector": defect.connector, **defect.kit})
    found = failed(kit())
    assert defect.case in found
    assert found - {defect.case} <= set(defect.also)
