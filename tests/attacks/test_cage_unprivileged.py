"""The walls hold for a hub that is nobody in particular, too: the attacks, run by an unprivileged user's hub."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOBODY = 65534


def interpreter() -> Path | None:
    """Return a Python of this version that everybody may run."""
    here = [
        Path(sys.executable).resolve(),
        *map(Path, filter(None, [shutil.which(_name(), path="/usr/local/bin:/usr/bin")])),
    ]
    return next((one for one in here if all(folder.stat().st_mode & 0o001 for folder in (one, *one.parents))), None)


def _name() -> str:
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


def test_the_cage_holds_for_an_unprivileged_hub(tmp_path_factory: pytest.TempPathFactory):
    if os.geteuid() != 0:
        pytest.skip("the other tests of the cage show it already: run them as root to see both")
    python = interpreter()
    if python is None:
        pytest.skip(f"no {_name()} that everybody may run: apt-get install python3")
    work = Path("/tmp") / f"{tmp_path_factory.getbasetemp().parent.name}-unprivileged-{os.getpid()}"
    work.mkdir()
    os.chown(work, NOBODY, NOBODY)
    paths = [ROOT, ROOT / "shared", ROOT / "infra", *ROOT.glob("connectors/*"), sysconfig.get_path("purelib")]
    command = [
        *(
            str(python),
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            f"--basetemp={work / 'pytest'}",
        ),
        *("-k", "not where_there_is_no_cage", "tests/attacks/test_cage_walls.py"),
    ]
    environment = {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PATH": os.environ["PATH"], "HOME": str(work)}
    try:
        run = subprocess.run(
            command,
            cwd=ROOT,
            env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        shutil.rmtree(work)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-1000:]
    assert "passed" in run.stdout
