"""`wakeword bench`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from wakeword.errors import UsageError

_BENCHES = {
    "accuracy": "Compare the accuracy, bytes and work of sweeps' models.",
    "firmware": "Measure cycles, flash and RAM on emulated boards.",
    "service": "Load a service on this machine with streams.",
    "wakewords": "Compare misses and false accepts with other engines.",
}


@click.group(no_args_is_help=False, epilog="Example: wakeword bench firmware --functions")
def bench() -> None:
    """Measure models, the firmware or the service.

    Benches need a checkout of the project, or its unpacked source distribution. An installed wakeword runs those of the
    current folder.
    `wakeword bench NAME --help` lists the options of each.
    """


def _add(name: str, purpose: str) -> None:
    @bench.command(name, help=purpose, add_help_option=False, context_settings={"ignore_unknown_options": True})
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def run(arguments: tuple[str, ...]) -> None:
        import subprocess

        # The bench runs in the current folder, so that the names of files mean what the user meant.
        root = _checkout(name)
        path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
        command = [sys.executable, "-m", f"bench.{name}", *arguments]
        sys.exit(subprocess.run(command, env=os.environ | {"PYTHONPATH": path}).returncode)


def _checkout(name: str) -> Path:
    """Return the folder of the project that has this bench. Raises UsageError if there is none."""
    for root in (Path(__file__).resolve().parents[2], Path.cwd()):
        if (root / "bench" / name / "__main__.py").is_file() and (root / "wakeword").is_dir():
            return root
    raise UsageError(
        f"the bench {name} doesn't come with the installed package: run this in a checkout of wakeword, or in its "
        "unpacked source distribution"
    )


for _name, _purpose in _BENCHES.items():
    _add(_name, _purpose)
