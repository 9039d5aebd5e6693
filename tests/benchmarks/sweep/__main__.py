"""Measure the sweep and print it: `make benchmark-sweep`. Nothing here passes or fails; the tables say what is."""

from __future__ import annotations

import os
from pathlib import Path

from integrations_hub.observability import logs
from tests.benchmarks.sweep.ground import a_ground
from tests.benchmarks.sweep.measures import claims, pipeline, sustained
from tests.benchmarks.table import print_table


def main() -> None:
    """Measure on one server, one thing after the other."""
    with Path(os.devnull).open("w") as nowhere, a_ground() as ground:
        logs.configure(stream=nowhere)  # lines are written, as in production, but no terminal is waited for
        print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        print_table("The whole pipeline: claim, resolve, two requests, write (checks per second)", pipeline(ground))
        print(f"\nA day's load\n{sustained(ground)}")
        print_table("The claim", claims(ground))


if __name__ == "__main__":
    main()
