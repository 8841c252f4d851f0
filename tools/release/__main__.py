"""Make all files of a release, and say where they are.

    python -m tools.release OUT

OUT: a folder that is not there yet, or is empty. It needs the extra `dev`, and for aarch64 Debian's cross compiler. The
container is built, by its version, in the docker of this machine.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.release import parts, python
from tools.release.archives import checksums
from tools.release.process import run
from tools.release.source import Source, copied, uncommitted

_PARTS = (
    parts.arduino_library,
    parts.esphome_component,
    parts.esp_idf_component,
    parts.npm_package,
    parts.home_assistant_addon,
)
_NO_TIME = "git tells no commit, whose time the files would get: run this in a checkout, or set SOURCE_DATE_EPOCH"
_NO_AARCH64 = "no wheel for aarch64: apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
_NO_DOCKER = "no container: no docker answers here; where one does: docker build -f deploy/Dockerfile -t wakeword:{} ."


def make(source: Source, out: Path) -> list[Path]:
    """Make all files but the checksums and the container in a new folder; return them."""
    out.mkdir()
    distribution = python.source_distribution(source, out)
    with tempfile.TemporaryDirectory() as folder:
        shutil.unpack_archive(distribution, folder)
        (unpacked,) = Path(folder).iterdir()
        wheels = [make_wheel(source, unpacked, out) for make_wheel in (python.wheel, python.wheel_for_aarch64)]
    return [distribution, *filter(None, wheels), *(make_part(source, out) for make_part in _PARTS)]


def container(source: Source) -> str:
    """Build the container if there is a docker; return a line about it."""
    if shutil.which("docker") is None or subprocess.run(["docker", "info"], capture_output=True).returncode:
        return _NO_DOCKER.format(source.version)
    command: list[str | Path] = ["docker", "build", "-f", "deploy/Dockerfile", "-t", f"wakeword:{source.version}", "."]
    run(command, source.environment, source.folder)
    return f"wakeword:{source.version} in docker"


def main() -> None:
    """Make the release of the last commit."""
    parser = argparse.ArgumentParser(prog="python -m tools.release", description="Make all files of a release.")
    parser.add_argument("out", type=Path, metavar="OUT", help="a folder that is not there yet, or is empty")
    out: Path = parser.parse_args().out
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        sys.exit(f"{out} is there already; give a new folder")
    if changed := uncommitted():
        sys.exit(f"{len(changed)} files differ from the last commit, as {changed[0].split()[-1]}; commit or stash them")
    with tempfile.TemporaryDirectory() as folder:
        source = copied(Path(folder, "wakeword"))
        if not source.time:
            sys.exit(_NO_TIME)
        made = make(source, Path(folder, "out"))
        sums = Path(folder, "out/SHA256SUMS")
        sums.write_text(checksums(made))
        shutil.copytree(sums.parent, out, dirs_exist_ok=True)  # of a release that fails nothing is left
        for path in [*made, sums]:
            print(f"{out / path.name}: {path.stat().st_size:,} bytes")
        if not any("aarch64" in path.name for path in made):
            print(_NO_AARCH64)
        print(container(source))


if __name__ == "__main__":
    main()
