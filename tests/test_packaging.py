"""The source distribution builds by itself; without a compiler all of it is built but the C core."""

from __future__ import annotations

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


def test_the_source_distribution_builds_a_package_with_the_c_core(unpacked: Path) -> None:
    modules = _modules(_build(unpacked, "wheel", WAKEWORD_CORE="required"))
    assert any(module.startswith("wakeword/inference/_core.") for module in modules)
    assert "wakeword/py.typed" in modules


def test_without_a_compiler_the_package_is_whole_but_for_the_c_core(unpacked: Path) -> None:
    shutil.rmtree(unpacked / "build", ignore_errors=True)
    modules = _modules(_build(unpacked, "wheel", CC="false"))
    assert "wakeword/inference/c_core.py" in modules
    assert not any(module.startswith("wakeword/inference/_core.") for module in modules)


def test_a_core_that_is_required_and_does_not_compile_is_an_error(unpacked: Path) -> None:
    shutil.rmtree(unpacked / "build", ignore_errors=True)
    with pytest.raises(subprocess.CalledProcessError):
        _build(unpacked, "wheel", CC="false", WAKEWORD_CORE="required")
