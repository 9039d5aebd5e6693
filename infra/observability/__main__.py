"""Write the dashboards from `panels.json`: `python -m observability`. A test compares them with what this writes."""

from __future__ import annotations

from pathlib import Path

from observability.cloudwatch import cloudwatch_stack
from observability.grafana import grafana_dashboard
from observability.panels import as_text, panels

__all__ = ["written"]

_HERE = Path(__file__).parent


def written() -> dict[Path, str]:
    """Return what each generated file holds."""
    shown = panels()
    return {
        _HERE / "grafana.json": as_text(grafana_dashboard(shown)),
        _HERE.parent / "aws" / "dashboard.json": as_text(cloudwatch_stack(shown)),
    }


if __name__ == "__main__":
    for path, text in written().items():
        path.write_text(text, encoding="utf-8")
