"""The source distribution, and wheels for Linux: of this machine, and of aarch64 by Debian's cross compiler."""

from __future__ import annotations

import json
import platform
import shutil
import sys
from pathlib import Path

from tools.release.archives import rewrite_tar
from tools.release.process import run
from tools.release.source import Source

_AARCH64 = "aarch64-linux-gnu-gcc"
_SMALL = {"CFLAGS": "-g0", "LDFLAGS": "-s"}  # also without the paths of this machine


def source_distribution(source: Source, out: Path) -> Path:
    """Make the source distribution."""
    built = _build(source, "sdist", source.folder, out)
    rewrite_tar(built, source.time)
    return built


def wheel(source: Source, unpacked: Path, out: Path) -> Path:
    """Make the wheel for this machine from the unpacked source distribution, so that it is known to be whole."""
    compiler = _SMALL if sys.platform == "linux" else {}
    return _tagged(source, _build(source, "wheel", unpacked, out, **compiler))


def wheel_for_aarch64(source: Source, unpacked: Path, out: Path) -> Path | None:
    """Make the wheel for Linux on 64-bit Arm; None if the compiler is missing, or this machine is one.

    The headers of this machine's Python serve: what the stable ABI takes of them is alike on both.
    """
    if platform.machine() == "aarch64" or shutil.which(_AARCH64) is None:
        return None
    cross = {"CC": _AARCH64, "LDSHARED": f"{_AARCH64} -shared", "_PYTHON_HOST_PLATFORM": "linux-aarch64"}
    return _tagged(source, _build(source, "wheel", unpacked, out, **cross, **_SMALL))


def _build(source: Source, kind: str, project: Path, out: Path, **compiler: str) -> Path:
    """Build as pip would, but with the installed setuptools and cffi; return the one file that is built."""
    folder = out / "built"
    shutil.rmtree(project / "build", ignore_errors=True)  # objects of another machine
    environment = {**source.environment, "WAKEWORD_CORE": "required", **compiler}
    run([sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", folder, project], environment)
    (built,) = folder.iterdir()
    moved = Path(shutil.move(built, out / built.name))
    folder.rmdir()
    return moved


def _tagged(source: Source, wheel: Path) -> Path:
    """Give a wheel the tag of the oldest Linux that has the symbols it needs; on other systems it stays as it is."""
    if "-linux_" not in wheel.name:
        return wheel
    shown = run([sys.executable, "-m", "auditwheel", "show", "--json", wheel], source.environment)
    tag = json.loads(shown)["overall_tag"]
    command = [sys.executable, "-m", "wheel", "tags", "--remove", "--platform-tag", tag, wheel]
    return wheel.with_name(run(command, source.environment).strip().splitlines()[-1])
