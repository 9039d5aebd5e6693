"""Run the benchmarks and print them: `make benchmarks`. Nothing here passes or fails; the table says what is."""

from __future__ import annotations

import os
from pathlib import Path

from integrations_hub.observability import logs
from tests.benchmarks.cold_start import cold_start
from tests.benchmarks.list_fifty import list_fifty
from tests.benchmarks.table import print_table
from tests.benchmarks.throughput import throughput
from tests.support.hub import outside_folder, running_hub


def main() -> None:
    """Start one hub on real parts and measure it."""
    with Path(os.devnull).open("w") as nowhere, outside_folder() as folder, running_hub(folder) as hub:
        logs.configure(stream=nowhere)  # lines are written, as in production, but no terminal is waited for
        print_table("In process, one connection, by turns", list_fifty(hub))
        print_table("Cold start, fresh processes, by turns (milliseconds of wall time)", cold_start(hub))
        print_table("Behind functions-framework (gunicorn), 8 connections kept alive", throughput(hub))


if __name__ == "__main__":
    main()
