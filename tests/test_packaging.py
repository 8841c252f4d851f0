"""The source distribution is whole and builds by itself; one wheel serves every CPython from 3.10 on."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.processes import run

ROOT = Path(__file__).parent.parent


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
