"""Start the hub so that a wrong setting is told like any other reason not to start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from local.runner.data_folder import CannotStart

if TYPE_CHECKING:
    from local.runner.hub import Companion

__all__ = ["start"]


def start(data_dir: Path, port: int, *, demo: bool, tenant: str, companions: Sequence[Companion] = ()) -> None:
    """Run the hub, and what is started beside it, until Ctrl-C or SIGTERM.

    Raises:
        CannotStart: with a sentence that says what to do.
    """
    from integrations_hub.settings import SettingsInvalid  # noqa: PLC0415 - other commands need none of it

    try:
        from local.runner.hub import Options, run  # noqa: PLC0415 - as above; it reads the first settings

        run(Options(data_dir, port, demo, tenant, companions))
    except SettingsInvalid as wrong:
        raise CannotStart(str(wrong)) from None
