"""What a benchmark yields, and how it is printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Row", "print_table"]


@dataclass(frozen=True)
class Row:
    """One comparison: ours against a baseline, both in `unit`; `aim` is a bound on ours / baseline."""

    name: str
    ours: float
    baseline: float
    unit: str
    aim: str

    @property
    def ratio(self) -> float:
        """Return ours / baseline."""
        return self.ours / self.baseline

    @property
    def met(self) -> bool:
        """Tell whether the ratio is within the aim, such as `<= 1.5`."""
        sign, bound = self.aim.split()
        return self.ratio <= float(bound) if sign == "<=" else self.ratio >= float(bound)


def print_table(title: str, rows: Iterable[Row]) -> None:
    """Print rows as a table of plain text."""
    print(f"\n{title}")
    print(f"  {'':50} {'ours':>10} {'baseline':>10} {'':6} {'ratio':>6}  aim")
    for row in rows:
        figures = f"{row.ours:>10.2f} {row.baseline:>10.2f} {row.unit:6} {row.ratio:>6.2f}"
        print(f"  {row.name:50} {figures}  {row.aim} {'met' if row.met else 'MISSED'}")
