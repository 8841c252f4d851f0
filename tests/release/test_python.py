"""The files of a release; its source distribution builds by itself, and one wheel serves every CPython from 3.10 on."""

from __future__ import annotations

import contextlib
import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

from tests.processes import run
from tests.signals import ROOT, demo
from tests.wakeword.terminal import refusal
from tools.release import __main__ as release
from tools.release import source
from tools.release.parts import arduino_library, esphome_component
from wakeword import detect, load

MACHINES = sorted({platform.machine(), "aarch64"})  # of the wheels for Linux
TIME = "1700000000"  # of every file of the release


def _build(project: Path, **environment: str) -> Path:
    """Build a wheel as pip would, but with the installed setuptools and cffi."""
    out = project / "dist"
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, project]
    run(command, environment=environment).check_returncode()
    (built,) = out.iterdir()
    return built


@dataclass(frozen=True)
class Released:
    """What the one command has made."""

    folder: Path
    said: list[str]

    def only(self, pattern: str) -> Path:
        (path,) = self.folder.glob(pattern)
        return path


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """A release of the project's files as they are now, on a machine without docker."""
    folder, said = tmp_path_factory.mktemp("released") / "out", io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said):
        patch.setattr(release, "uncommitted", lambda: [])
        patch.setattr(sys, "argv", ["release", str(folder)])
        patch.setenv("DOCKER_HOST", "unix:///there/is/none")
        patch.setenv("SOURCE_DATE_EPOCH", TIME)
        release.main()
    return Released(folder, said.getvalue().splitlines())


@pytest.fixture(scope="module")
def unpacked(released: Released, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as its source distribution gives it."""
    folder = tmp_path_factory.mktemp("unpacked")
    shutil.unpack_archive(released.only("*.tar.gz"), folder)
    (source,) = folder.glob("wakeword-*")
    return source


@pytest.fixture(scope="module")
def wheel(released: Released) -> Path:
    return released.only(f"*_{platform.machine()}.whl")


def test_one_command_makes_every_file_of_a_release(released: Released) -> None:
    version = metadata.version("wakeword")
    names = {path.name for path in released.folder.iterdir()}
    assert names == {
        f"wakeword-{version}.tar.gz",
        *(f"wakeword-{version}-cp310-abi3-manylinux_2_17_{machine}.whl" for machine in MACHINES),
        f"WakeWord-{version}.zip",
        f"wakeword-esphome-{version}.zip",
        f"wakeword-esp-idf-{version}.zip",
        f"wakeword-home-assistant-{version}.zip",
        f"wakeword-web-{version}.tgz",
        "SHA256SUMS",
    }
    assert len(released.said) == len(names) + 1
    assert released.said[-1].startswith("no container: no docker answers here; where one does: docker build ")


def test_the_checksums_are_those_of_the_files(released: Released) -> None:
    checked = run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=released.folder)
    assert checked.returncode == 0 and checked.stdout.count(": OK\n") == len(list(released.folder.iterdir())) - 1


def test_the_add_on_for_home_assistant_holds_all_that_its_container_is_built_of(released: Released) -> None:
    wheels = [path.name for path in released.folder.glob("*.whl")]
    written = ["config.yaml", "Dockerfile", "DOCS.md", "LICENSE", "requirements.txt", "translations/en.yaml"]
    with zipfile.ZipFile(released.only("wakeword-home-assistant-*.zip")) as archive:
        assert set(archive.namelist()) == {f"wakeword/{name}" for name in [*wheels, *written]}
        for name in wheels:
            assert archive.read(f"wakeword/{name}") == released.only(name).read_bytes()
    assert len(wheels) == len(MACHINES)


@pytest.mark.parametrize("machine", MACHINES)
def test_a_wheel_for_linux_is_tagged_by_its_machine_and_by_the_oldest_c_library_that_it_runs_with(
    machine: str, released: Released
) -> None:
    wheel = released.only(f"*_{machine}.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".so"))
        core = archive.read(name)
    opened = ELFFile(io.BytesIO(core))
    needed = opened.get_section_by_name(".gnu.version_r")
    assert isinstance(needed, GNUVerNeedSection)
    versions = {library.name: [symbol.name for symbol in symbols] for library, symbols in needed.iter_versions()}
    assert name == "wakeword/inference/_core.abi3.so"
    assert opened["e_machine"] == f"EM_{machine.upper()}"
    assert list(versions) == ["libc.so.6"]
    newest = max(tuple(map(int, version.removeprefix("GLIBC_").split("."))) for version in versions["libc.so.6"])
    (tag,) = re.findall(r"manylinux_(\d+)_(\d+)_", wheel.name)
    assert (2, 5) < newest <= tuple(map(int, tag)) == (2, 17)
    assert str(ROOT).encode() not in core and b"/tmp" not in core


def test_the_source_distribution_makes_the_same_release(
    released: Released, unpacked: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(source, "ROOT", unpacked)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", TIME)
    copy = source.copied(tmp_path / "copy")
    assert (copy.folder / ".dockerignore").is_file() and (copy.folder / ".github").is_dir()
    for make, pattern in ((arduino_library, "WakeWord-*.zip"), (esphome_component, "wakeword-esphome-*.zip")):
        assert make(copy, tmp_path).read_bytes() == released.only(pattern).read_bytes()


def test_without_a_commit_a_release_asks_for_its_time(
    unpacked: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(source, "ROOT", unpacked)
    monkeypatch.setattr(sys, "argv", ["release", str(tmp_path / "out")])
    with pytest.raises(SystemExit, match=r"or set SOURCE_DATE_EPOCH$"):
        release.main()


def test_a_release_that_fails_leaves_nothing_and_says_what_failed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["release", str(tmp_path / "out")])
    monkeypatch.setattr(release, "uncommitted", lambda: [])
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(SystemExit, match=r"^false -m build --sdist .* failed:"):
        release.main()
    assert not (tmp_path / "out").exists()
    monkeypatch.setattr(sys, "executable", "/no/python")
    with pytest.raises(SystemExit, match=r"^/no/python is missing: install the extra dev"):
        release.main()


def test_a_release_needs_a_new_folder_and_a_commit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["release", str(tmp_path / "out")])
    monkeypatch.setattr(release, "uncommitted", lambda: [" M setup.py", "?? notes"])
    with pytest.raises(SystemExit, match=r"^2 files differ from the last commit, as setup\.py; commit or stash them$"):
        release.main()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/kept").touch()
    with pytest.raises(SystemExit, match=r"is there already; give a new folder$"):
        release.main()


def _modules(wheel: Path) -> list[str]:
    return [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith((".py", ".so", ".pyd", "py.typed"))]


def test_the_source_distribution_builds_a_package_with_the_c_core(wheel: Path) -> None:
    modules = _modules(wheel)
    assert any(module.startswith("wakeword/inference/_core.abi3.") for module in modules)
    assert "wakeword/py.typed" in modules


def test_a_wheel_is_for_every_cpython_from_3_10_on(wheel: Path) -> None:
    _, _, python, abi, _ = wheel.stem.split("-")
    assert (python, abi) == ("cp310", "abi3")


def test_a_wheel_holds_the_web_module(wheel: Path) -> None:
    web = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("wakeword/assets/web/")}
    files = ("index.html", "package.json", "wakeword.js", "wakeword.d.ts", "wakeword-worklet.js", "wakeword.wasm")
    assert web == {f"wakeword/assets/web/{name}" for name in files}


def test_a_wheel_holds_the_sketches_and_the_c_sources(wheel: Path) -> None:
    folder, library = "wakeword/assets/firmware/", ROOT / "firmware"
    files = [path for path in library.glob("**/*") if path.is_file() and path.suffix != ".o"]
    wanted = {str(path.relative_to(library)): path.read_bytes() for path in files}
    with zipfile.ZipFile(wheel) as archive:
        held = {name.removeprefix(folder): archive.read(name) for name in archive.namelist() if folder in name}
    assert held == {
        name: data for name, data in wanted.items() if name.startswith(("src/", "examples/")) or name.endswith("ties")
    }


def test_a_wheel_holds_the_component_for_esphome(wheel: Path) -> None:
    folder, components = "wakeword/assets/esphome/components/", ROOT / "integrations/esphome/components"
    files = [path for path in components.glob("**/*") if path.is_file() and path.suffix != ".pyc"]
    with zipfile.ZipFile(wheel) as archive:
        held = {name.removeprefix(folder): archive.read(name) for name in archive.namelist() if folder in name}
    assert held == {str(path.relative_to(components)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment with nothing of wakeword but the wheel; libraries come from this one."""
    folder = tmp_path_factory.mktemp("installed")
    run([sys.executable, "-m", "venv", "--without-pip", folder]).check_returncode()
    programs = folder / Path(sys.executable).parent.name
    pip = [sys.executable, "-m", "pip", "--python", programs / "python", "install", "--no-deps", "--no-index"]
    run([*pip, "--disable-pip-version-check", wheel]).check_returncode()
    (packages,) = folder.glob("**/site-packages")
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"))  # without what is editable there
    return programs


def wakeword(installed: Path, *arguments: str | Path, cwd: Path, path: str = "") -> subprocess.CompletedProcess[str]:
    """Run the installed command. cwd: outside any checkout. path: of programs that it finds first."""
    environment = {"PYTHONPATH": "", "PATH": os.pathsep.join([path, os.environ["PATH"]])}
    return run([installed / "wakeword", *arguments], cwd=cwd, environment=environment)


def test_an_installed_package_hears_the_demo_recording(installed: Path, tmp_path: Path) -> None:
    recording = ROOT / "wakeword/assets/demo.flac"
    done = wakeword(installed, "listen", "--model", "google12", "--input", recording, "--json", cwd=tmp_path)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    found = detect(recording, load("google12"))
    assert (done.returncode, done.stderr) == (0, "")
    assert [(event["word"], event["score"]) for event in events] == [
        (one.word, pytest.approx(one.score, abs=1e-3)) for one in found
    ]
    assert len(events) == 11


def test_an_installed_package_exports_c_and_tells_where_the_sources_are(installed: Path, tmp_path: Path) -> None:
    done = wakeword(installed, "export", "google12", "--format", "c", "--out", tmp_path, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    core = Path(done.stdout.splitlines()[-1].removeprefix("the C sources that run it: "))
    assert core.is_relative_to(installed.parent)
    harness = ROOT / "tests/firmware/run_pcm.c"
    run(["gcc", f"-I{tmp_path}", f"-I{core}", harness, *core.glob("*.c"), "-o", tmp_path / "spot"]).check_returncode()
    heard = run([tmp_path / "spot"], given=demo().tobytes()).stdout
    assert len(re.findall(r"^event", heard, re.M)) == 11


def test_an_installed_package_gives_its_own_sketches_to_arduino_cli(installed: Path, tmp_path: Path) -> None:
    for tool in ("arduino-cli", "bossac"):
        (tmp_path / tool).write_text(
            f'#!/bin/sh\nfor one; do echo "$one"; done > "{tmp_path}/asked"; echo no >&2; exit 1\n'
        )
        (tmp_path / tool).chmod(0o755)
    done = wakeword(installed, "flash", "--board", "due", "--port", "none", cwd=tmp_path, path=str(tmp_path))
    assert done.stderr == "wakeword: building the firmware\nwakeword: arduino-cli failed: no\n"
    asked = (tmp_path / "asked").read_text().splitlines()
    library = Path(asked[asked.index("--library") + 1])
    assert library.is_relative_to(installed.parent) and (library / "src/core/ww_engine.c").is_file()


@pytest.mark.parametrize("name", ["accuracy", "firmware", "service", "wakewords"])
def test_an_installed_package_says_what_a_bench_needs(name: str, installed: Path, tmp_path: Path) -> None:
    line = refusal(wakeword(installed, "bench", name, cwd=tmp_path))
    assert line.endswith("run this in a checkout of wakeword, or in its unpacked source distribution")


def test_an_installed_package_runs_the_benches_of_the_checkout_around_it(installed: Path) -> None:
    done = wakeword(installed, "bench", "firmware", "--help", cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: wakeword bench firmware")


def test_the_source_distribution_holds_whatever_its_pages_link_to(unpacked: Path) -> None:
    pages = [unpacked / "README.md", *unpacked.glob("docs/**/*.md")]
    assert len(pages) > 5
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text())]
    assert [f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()] == []


def test_without_a_compiler_the_package_is_whole_but_for_the_c_core(unpacked: Path) -> None:
    shutil.rmtree(unpacked / "build", ignore_errors=True)
    modules = _modules(_build(unpacked, CC="false"))
    assert "wakeword/inference/c_core.py" in modules
    assert not any(module.startswith("wakeword/inference/_core.") for module in modules)


def test_the_files_that_the_container_is_built_of_give_the_whole_package(
    unpacked: Path, wheel: Path, tmp_path: Path
) -> None:
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        given = unpacked / line.removeprefix("!")
        if line.startswith("!") and given.is_dir():
            shutil.copytree(given, tmp_path / given.relative_to(unpacked))
        elif line.startswith("!"):
            (tmp_path / given.relative_to(unpacked)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(given, tmp_path / given.relative_to(unpacked))
    built = _build(tmp_path, WAKEWORD_CORE="required")
    assert zipfile.ZipFile(built).namelist() == zipfile.ZipFile(wheel).namelist()


def test_a_core_that_is_required_and_does_not_compile_is_an_error(unpacked: Path) -> None:
    shutil.rmtree(unpacked / "build", ignore_errors=True)
    with pytest.raises(subprocess.CalledProcessError):
        _build(unpacked, CC="false", WAKEWORD_CORE="required")


def test_every_library_has_a_lowest_version_that_can_be_tried() -> None:
    listed = run([sys.executable, ROOT / "scripts" / "lowest-versions", "service,mic,flash,postgres"])
    listed.check_returncode()
    versions = dict(line.split("==") for line in listed.stdout.splitlines())
    assert versions.keys() >= {"numpy", "fastapi", "starlette", "uvicorn", "websockets", "pyserial"}
    assert all(re.fullmatch(r"\d+(\.\d+)*", version) for version in versions.values())
