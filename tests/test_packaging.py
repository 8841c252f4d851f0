"""The source distribution is whole and builds by itself; one wheel serves every CPython from 3.10 on."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.processes import run
from tests.signals import ROOT, demo
from tests.wakeword.terminal import refusal
from wakeword import detect, load


def _build(source: Path, kind: str, **environment: str) -> Path:
    """Build `source` as pip would, but with the installed setuptools and cffi; returns the one file built."""
    out = source / "dist"
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", out, source]
    run(command, environment=environment).check_returncode()
    (built,) = out.iterdir()
    return built


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as its source distribution gives it."""
    folder = tmp_path_factory.mktemp("unpacked")
    checkout = folder / "checkout"
    made_here = shutil.ignore_patterns(".*", "*.so", "*.o", "_core.c", "build", "dist", "*.egg-info", "runs")
    shutil.copytree(ROOT, checkout, ignore=made_here)
    shutil.unpack_archive(_build(checkout, "sdist"), folder)
    (source,) = folder.glob("wakeword-*")
    return source


def _modules(wheel: Path) -> list[str]:
    return [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith((".py", ".so", ".pyd", "py.typed"))]


@pytest.fixture(scope="module")
def wheel(unpacked: Path) -> Path:
    return _build(unpacked, "wheel", WAKEWORD_CORE="required")


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
    done = wakeword(installed, "listen", "--input", recording, "--json", cwd=tmp_path)
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
    modules = _modules(_build(unpacked, "wheel", CC="false"))
    assert "wakeword/inference/c_core.py" in modules
    assert not any(module.startswith("wakeword/inference/_core.") for module in modules)


def test_a_core_that_is_required_and_does_not_compile_is_an_error(unpacked: Path) -> None:
    shutil.rmtree(unpacked / "build", ignore_errors=True)
    with pytest.raises(subprocess.CalledProcessError):
        _build(unpacked, "wheel", CC="false", WAKEWORD_CORE="required")


def test_every_library_has_a_lowest_version_that_can_be_tried() -> None:
    listed = run([sys.executable, ROOT / "scripts" / "lowest-versions", "service,mic,flash,postgres"])
    listed.check_returncode()
    versions = dict(line.split("==") for line in listed.stdout.splitlines())
    assert versions.keys() >= {"numpy", "fastapi", "starlette", "uvicorn", "websockets", "pyserial"}
    assert all(re.fullmatch(r"\d+(\.\d+)*", version) for version in versions.values())
