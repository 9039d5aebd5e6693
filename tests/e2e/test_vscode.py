"""The VS Code extension: its own tests, its package, and a person's day with it in a real VS Code."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.architecture.house import ROOT
from tests.support.node_tools import node_modules
from tests.support.sign_in import running_authority

EXTENSION = ROOT / "extensions" / "vscode"
INSTALL = "make tools (needs npm)"
PACKAGED = {
    "extension/package.json",
    "extension/package.nls.json",
    "extension/readme.md",
    "extension/changelog.md",
    "extension/LICENSE.txt",
    "extension/dist/extension.js",
    "extension/l10n/bundle.l10n.json",
    "extension/media/icon.png",
    "extension/media/stella.svg",
}


def npm(*arguments: str) -> None:
    """Run one of the extension's scripts, without a network to ask."""
    if not (EXTENSION / "node_modules").exists():
        pytest.skip(f"the packages of extensions/vscode are not installed: {INSTALL}")
    run = subprocess.run(
        ["npm", "--offline", *arguments], cwd=EXTENSION, capture_output=True, text=True, check=False, timeout=300
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.fixture(scope="module")
def package() -> Path:
    npm("run", "package")
    return EXTENSION / "dist" / "vscode-stella-ops.vsix"


def test_types_and_lint() -> None:
    npm("run", "check")


def test_its_own_tests() -> None:
    npm("test")


def test_windows_that_renew_at_once_stay_signed_in(tmp_path: Path) -> None:
    with running_authority(tmp_path) as ide:
        (tmp_path / "tokens.json").write_text(json.dumps(ide.signed_in()))
        npm("run", "windows", "--", str(tmp_path), ide.url)


def test_the_package_holds_what_is_needed_and_nothing_else(package: Path) -> None:
    with zipfile.ZipFile(package) as opened:
        names = {name for name in opened.namelist() if name.startswith("extension/")}
        code = opened.read("extension/dist/extension.js").decode()
    pictures = {name for name in names if name.startswith("extension/images/")}
    assert names - pictures == PACKAGED
    assert pictures
    assert "sourceMappingURL" not in code
    assert str(ROOT) not in code


@pytest.fixture
def folder() -> Iterator[Path]:
    """Yield a folder that PostgreSQL's own user may enter, where the tests run as root."""
    with TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


def in_a_real_editor(script: str, *arguments: Path) -> None:
    """Run one of the extension's scripts that drive VS Code in a browser."""
    tools = node_modules("code-server").parent
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium found: make tools (as root on Debian), or install it yourself")
    env = {**os.environ, "EDITOR_TOOLS": str(tools), "CHROMIUM": chromium, "PYTHON": sys.executable}
    command = [tools / "node/bin/node", EXTENSION / "test" / script, *arguments]
    run = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=600)
    assert run.returncode == 0, f"{run.stdout}{run.stderr}\nwhat was on the screen: {ROOT / 'build'}"


def test_a_day_in_a_real_editor(package: Path, folder: Path) -> None:
    in_a_real_editor("journey/journey.mjs", folder, package, ROOT / "build" / "vscode-journey")


def test_inside_the_extension_host(package: Path, folder: Path) -> None:
    with zipfile.ZipFile(package) as opened:
        opened.extractall(folder)
    in_a_real_editor("inhost/run.mjs", folder, folder / "extension")


def test_nothing_is_shown_untranslated(package: Path, folder: Path) -> None:
    pseudo = Path(shutil.copy(package, folder / "pseudo.vsix"))
    words = folder / "words"
    npm("run", "pseudo", "--", str(words))
    with zipfile.ZipFile(pseudo, "a") as opened:
        for path in words.rglob("*.json"):
            opened.write(path, Path("extension") / path.relative_to(words))
    in_a_real_editor("journey/pseudo.mjs", folder, pseudo, ROOT / "build" / "vscode-pseudo")


@pytest.mark.usefixtures("package")
def test_the_ide_demo_serves_an_editor_with_the_extension_behind_a_password(folder: Path) -> None:
    node_modules("code-server")  # skips where it is not installed
    command = [sys.executable, "-m", "devserver.ide_demo", "--data-dir", str(folder / "data")]
    ports = ["--port=0", "--platform-port=0", "--editor-port=0"]
    environment = {**os.environ, "PYTHONPATH": "infra:extensions"}
    with subprocess.Popen([*command, *ports], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout
        said = ""
        while "its password: " not in said and (line := demo.stdout.readline()):
            said += line
        found = re.search(r"editor ready: (http://127\.0\.0\.1:\d+)/\?folder=\S+/extensions/sample\n", said)
        assert found, said
        with urlopen(f"{found[1]}/", timeout=30) as page:
            assert "/login" in page.url
        assert list((folder / "data/editor/extensions").glob("stella-ops.vscode-stella-ops-*"))
        demo.send_signal(signal.SIGINT)
        demo.stdout.read()
        assert demo.wait(60) == 0
    with pytest.raises(URLError):
        urlopen(f"{found[1]}/healthz", timeout=5)
