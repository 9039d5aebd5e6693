"""The JetBrains plugin, compiled and tested by its own script, with the real servers beside it."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.architecture.house import ROOT
from tests.support.ide_ground import running_ground

PLUGIN = ROOT / "extensions" / "jetbrains"
INSTALL = PLUGIN / "checks" / "install.sh"
PARITY = json.loads((ROOT / "extensions" / "parity.json").read_text())
WRAPPER = "55243ef57851f12b070ad14f7f5bb8302daceeebc5bce5ece5fa6edb23e1145c"
DISTRIBUTION = "2ab2958f2a1e51120c326cad6f385153bb11ee93b3c216c5fccebfdfbb7ec6cb"


@dataclass(frozen=True)
class Checked:
    """One run of the script: what it wrote, and where what it made is."""

    status: int
    output: str
    made: Path

    @property
    def zip(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(next(self.made.glob("*.zip")))

    @property
    def jar(self) -> zipfile.ZipFile:
        own = next(name for name in self.zip.namelist() if "/jetbrains-stella-ops-" in name)
        return zipfile.ZipFile(BytesIO(self.zip.read(own)))


def _jdk() -> int:
    """Return the number of the JDK, 0 where there is none."""
    if shutil.which("javac") is None:
        return 0
    told = subprocess.run(["javac", "-version"], capture_output=True, text=True, check=False)
    number = re.search(r"javac (\d+)", told.stdout + told.stderr)
    return int(number[1]) if number else 0


def _tools() -> Path:
    told = subprocess.run(["sh", INSTALL, "--where"], capture_output=True, text=True, check=True)
    return Path(told.stdout.strip())


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    if _jdk() < 17:
        pytest.skip("no JDK of 17 or newer found: apt install openjdk-17-jdk-headless")
    if not _tools().exists():
        pytest.skip("the Kotlin compiler is not installed: make tools (needs npm and apt)")
    made = tmp_path_factory.mktemp("jetbrains") / "out"
    with running_ground() as ground:
        command = ["bash", PLUGIN / "checks" / "check.sh", made, ground]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    return Checked(run.returncode, run.stdout + run.stderr, made)


def test_it_compiles_and_its_tests_pass(checked: Checked) -> None:
    assert checked.status == 0, checked.output[-6000:]
    report = ET.parse(checked.made / "reports" / "TEST-junit-jupiter.xml").getroot()
    assert int(report.attrib["tests"]) > 170
    assert (report.attrib["failures"], report.attrib["errors"], report.attrib["skipped"]) == ("0", "0", "0")


def test_the_zip_holds_what_the_list_says_and_nothing_else(checked: Checked, tmp_path: Path) -> None:
    made = next(checked.made.glob("*.zip"))
    compare: list[str | Path] = [sys.executable, PLUGIN / "checks" / "zip_files.py"]
    assert subprocess.run([*compare, made], check=False).returncode == 0
    more = tmp_path / made.name
    more.write_bytes(made.read_bytes())
    with zipfile.ZipFile(more, "a") as changed:
        changed.writestr("jetbrains-stella-ops/lib/kotlin-stdlib.jar", b"")
    told = subprocess.run([*compare, more], capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert told.stderr == "in the ZIP and not listed: jetbrains-stella-ops/lib/kotlin-stdlib.jar\n"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{}", "nowhere confirmed: {}"),
        ("{} <- somebody said so", "says not where: {} <- somebody said so"),
        ("{} <- kotlin-compiler.jar", "not in kotlin-compiler.jar: {}"),
    ],
)
def test_a_call_of_the_ide_that_nobody_confirmed_is_refused(
    checked: Checked, tmp_path: Path, line: str, told: str
) -> None:
    call = "com/intellij/ide/BrowserUtil browse (Ljava/lang/String;)V"
    confirmed = (PLUGIN / "checks" / "platform_calls.txt").read_text()
    listed = tmp_path / "calls.txt"
    listed.write_text(re.sub(rf"(?m)^{re.escape(call)} <- .*$", line.format(call), confirmed))
    kotlin = _tools() / "node_modules" / "kotlin-compiler" / "lib" / "kotlin-compiler.jar"
    compare: list[str | Path] = [
        sys.executable,
        PLUGIN / "checks" / "platform_calls.py",
        listed,
        checked.made / "ide",
        checked.made / "stubs",
    ]
    run = subprocess.run([*compare, kotlin], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert told.format(call) in run.stderr.splitlines()


def test_plugin_xml_is_as_the_marketplace_wants_it(checked: Checked) -> None:
    plugin = ET.fromstring(checked.jar.read("META-INF/plugin.xml"))
    told = {name: plugin.findtext(name) or "" for name in ("id", "name", "version", "description", "change-notes")}
    assert not told["id"].startswith("com.example")
    assert "plugin" not in told["name"].lower()
    assert re.fullmatch(r"\d+\.\d+\.\d+", told["version"])
    words = re.sub(r"<[^>]+>", "", told["description"])
    assert len(words) >= 40
    assert re.match(r"[A-Za-z]", words)
    assert told["change-notes"]
    since = plugin.find("idea-version")
    assert since is not None
    assert "until-build" not in since.attrib
    depends = [one.text for one in plugin.findall("depends")]
    assert depends == ["com.intellij.modules.platform", "org.jetbrains.plugins.yaml"]


def test_the_source_of_plugin_xml_has_no_version_and_every_command() -> None:
    plugin = ET.parse(PLUGIN / "src/main/resources/META-INF/plugin.xml").getroot()
    assert plugin.find("version") is None
    assert plugin.find("idea-version") is None
    assert {one.attrib["id"] for one in plugin.iter("action")} == {one["id"] for one in PARITY["commands"]}
    toolbar = next(one for one in plugin.iter("group") if one.attrib["id"] == "stellaOps.toolbar")
    assert "stellaOps.refresh" in {one.attrib["ref"] for one in toolbar}


def test_icons_are_there_for_light_and_dark() -> None:
    drawn = {path.relative_to(PLUGIN).as_posix() for path in PLUGIN.rglob("src/main/resources/**/*.svg")}
    light = {name for name in drawn if not name.endswith("_dark.svg")}
    assert light
    assert drawn - light == {name.replace(".svg", "_dark.svg") for name in light}


def test_the_gradle_wrapper_is_the_genuine_one() -> None:
    folder = PLUGIN / "gradle" / "wrapper"
    assert hashlib.sha256((folder / "gradle-wrapper.jar").read_bytes()).hexdigest() == WRAPPER
    assert f"distributionSha256Sum={DISTRIBUTION}" in (folder / "gradle-wrapper.properties").read_text()


def test_no_kotlin_file_is_too_long() -> None:
    long = {path.name: n for path in PLUGIN.rglob("*.kt") if (n := len(path.read_text().splitlines())) > 300}
    assert long == {}
