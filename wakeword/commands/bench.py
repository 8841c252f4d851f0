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

    Benches run in a checkout of the project.
    `wakeword bench NAME --help` lists the options of each.
    """


def _add(name: str, purpose: str) -> None:
    @bench.command(name, help=purpose, add_help_option=False, context_settings={"ignore_unknown_options": True})
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def run(arguments: tuple[str, ...]) -> None:
        import subprocess

        root = Path(__file__).resolve().parents[2]
        if not (root / "bench" / name).is_dir():
            raise UsageError(f"there is no {root / 'bench' / name}: benches run in a checkout of the project")
        # The bench runs in the current folder, so that the names of files mean what the user meant.
        path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
        command = [sys.executable, "-m", f"bench.{name}", *arguments]
        sys.exit(subprocess.run(command, env=os.environ | {"PYTHONPATH": path}).returncode)


for _name, _purpose in _BENCHES.items():
    _add(_name, _purpose)
