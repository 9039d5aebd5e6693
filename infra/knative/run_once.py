"""Run one job's function and end: `run_once.py migrate_database`, in the image. A job that fails ends with status 1."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

from integrations_hub.web.jobs import JobFailed


def main(name: str) -> int:
    """Run the function; print what it answers."""
    function = runpy.run_path(str(Path(__file__).with_name("functions") / name / "main.py"))
    try:
        print(json.dumps(function["lambda_handler"]({}, None)))
    except JobFailed as why:
        print(why, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
