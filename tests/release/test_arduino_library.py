"""The Arduino library as it is released: the Library Manager's rules, and what it hears when it is compiled alone."""

from __future__ import annotations

import json
import re
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from tests.firmware.toolchain import run
from tests.integrations.esphome.tool import PYTHON
from tests.release.heard import expected, of_lines
from tests.release.library_manager import Files, faults
from tests.signals import demo
from tools.release.parts import arduino_library
from tools.release.source import Source

HERE = Path(__file__).parent
# Of each core of Arduino, the platforms of PlatformIO that have it.
PLATFORMS = {
    "sam": {"atmelsam"},
    "samd": {"atmelsam"},
    "avr": {"atmelavr"},
    "rp2040": {"raspberrypi"},
    "mbed": {"nordicnrf52"},
    "mbed_nano": {"nordicnrf52", "raspberrypi"},
    "mbed_rp2040": {"raspberrypi"},
    "nrf52": {"nordicnrf52"},
    "esp32": {"espressif32"},
}


@pytest.fixture(scope="module")
def archive(source: Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return arduino_library(source, tmp_path_factory.mktemp("arduino"))


@pytest.fixture(scope="module")
def library(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the library, as the IDE unpacks it. The IDE wants one folder in the archive."""
    folder = tmp_path_factory.mktemp("libraries")
    shutil.unpack_archive(archive, folder)
    (only,) = folder.iterdir()
    return only


@pytest.fixture(scope="module")
def files(archive: Path) -> Files:
    with zipfile.ZipFile(archive) as opened:
        assert all(entry.external_attr >> 16 & 0o170000 == 0o100000 for entry in opened.infolist()), "links, or folders"
        return {name.partition("/")[2]: opened.read(name) for name in opened.namelist()}


def test_the_library_keeps_the_rules_of_the_library_manager(files: Files) -> None:
    assert faults(files) == []


@pytest.mark.parametrize(
    ("fault", "line", "other"),
    [
        ("name is missing", "name=WakeWord", ""),
        ("can't be a name", "name=WakeWord", "name=Wake/Word"),
        ("can't be a name", "name=WakeWord", "name=ArduinoWakeWord"),
        ("the version isn't semantic", "version=0.1.0", "version=0.1"),
        ("there is no such category", "category=Signal Input/Output", "category=Audio"),
        ("repeats it", "paragraph=", "paragraph=Detects spoken words, offline, with a model of 6 KB. "),
        ("the url has no scheme", "url=https://", "url="),
        ("aren't names with commas", "architectures=sam,", "architectures=sam, "),
        ("there is no WakeWords.h to include", "includes=WakeWord.h", "includes=WakeWords.h"),
        ("email is no field", "includes=", "email=x\nincludes="),
        ("a line is no field", "includes=", "nothing\nincludes="),
    ],
)
def test_a_property_against_the_rules_is_found(fault: str, line: str, other: str, files: Files) -> None:
    properties = files["library.properties"].decode()
    assert line in properties
    changed = files | {"library.properties": properties.replace(line, other, 1).encode()}
    assert any(fault in found for found in faults(changed))


@pytest.mark.parametrize(
    ("fault", "removed", "added"),
    [
        ("there is no README", "README.md", ""),
        ("there is no licence", "LICENSE", ""),
        ("no header has the library's name", "src/WakeWord.h", ""),
        ("there is no Words.ino in it", "examples/Words/Words.ino", "examples/Words/words.ino"),
        ("a sketch can't have this name", "", "examples/My words/My words.ino"),
        ("Examples must be in small letters", "", "Examples/Words/Words.ino"),
        ("is not for a release", "", "extras/flash.exe"),
        (".development is hidden", "", ".development"),
        ("is no name, a tab and a kind", "", "keywords.txt"),
    ],
)
def test_a_file_against_the_rules_is_found(fault: str, removed: str, added: str, files: Files) -> None:
    changed = {name: data for name, data in files.items() if name != removed} | ({added: b"a b"} if added else {})
    assert any(fault in found for found in faults(changed))


def test_the_library_alone_hears_the_demo_recording(library: Path, tmp_path: Path) -> None:
    src, objects = library / "src", []
    for source in sorted(src.glob("core/*.c")):
        objects.append(tmp_path / f"{source.stem}.o")
        run("gcc", "-std=c99", "-O1", "-c", source, "-o", objects[-1])
    program = tmp_path / "hear"
    run("g++", "-std=c++11", f"-I{src}", HERE / "hear.cpp", src / "WakeWord.cpp", *objects, "-o", program)
    (tmp_path / "demo.raw").write_bytes(demo().tobytes())
    assert of_lines(run("sh", "-c", f"{program} < {tmp_path / 'demo.raw'}")) == expected()


def test_the_page_in_the_archive_has_no_link_that_leads_out_of_it(library: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)\)", (library / "README.md").read_text())
    assert links and all((library / link).exists() for link in links)


def platformio(tmp_path: Path, *arguments: str | Path) -> None:
    """Run PlatformIO's Python, ESPHome's, with nothing of this machine's own PlatformIO."""
    alone = [f"HOME={tmp_path}", f"PLATFORMIO_CORE_DIR={tmp_path}/core", "PLATFORMIO_SETTING_ENABLE_TELEMETRY=no"]
    run("env", *alone, PYTHON, "-I", *arguments)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="ESPHome, which brings PlatformIO, needs Python 3.11")
def test_platformio_installs_the_archive(archive: Path, tmp_path: Path) -> None:
    command = ["-m", "platformio", "pkg", "install", "--global", "--library", archive.as_uri()]
    platformio(tmp_path, *command)
    (library,) = tmp_path.glob("core/lib/*/")
    assert library.name == "WakeWord" and (library / "src/WakeWord.h").is_file()


@pytest.mark.skipif(sys.version_info < (3, 11), reason="ESPHome, which brings PlatformIO, needs Python 3.11")
def test_platformio_finds_the_manifest_valid_and_packs_all_sources(library: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed.tar.gz"
    # PlatformIO fetches the names of all licences from the web, to look this one up.
    code = """
import sys
from platformio.package.manifest.schema import ManifestSchema
from platformio.package.pack import PackagePacker
ManifestSchema.load_spdx_licenses = staticmethod(lambda: {"licenses": [{"licenseId": "MIT"}]})
PackagePacker(sys.argv[1]).pack(sys.argv[2])
"""
    platformio(tmp_path, "-c", code, library, packed)
    shutil.unpack_archive(packed, tmp_path / "library")
    taken = {path.relative_to(tmp_path / "library") for path in tmp_path.glob("library/src/**/*")}
    assert taken == {path.relative_to(library) for path in library.glob("src/**/*")}


def test_platformio_and_the_ide_are_told_the_same(files: Files) -> None:
    properties = dict(line.split("=", 1) for line in files["library.properties"].decode().splitlines())
    manifest = json.loads(files["library.json"])
    assert (manifest["name"], manifest["version"]) == (properties["name"], properties["version"])
    assert manifest["headers"] == properties["includes"].split(",")
    platforms = set().union(*(PLATFORMS[core] for core in properties["architectures"].split(",")))
    assert sorted(platforms) == manifest["platforms"]
