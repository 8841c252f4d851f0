"""`wakeword bench`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from wakeword.errors import WakewordError


@click.command(epilog="Example: wakeword bench firmware --functions", context_settings={"ignore_unknown_options": True})
@click.argument("what", type=click.Choice(["accuracy", "firmware", "service", "wakewords"]))
@click.argument("more", nargs=-1, type=click.UNPROCESSED)
@click.option("--model", metavar="M", help="A model file, or the name of a shipped model.  [default: google12]")
@click.option("--functions", is_flag=True, help="Flash, stack and cycles of each function as well.")
def bench(what: str, more: tuple[str, ...], model: str | None, functions: bool) -> None:
    """Measure, in the project's checkout, how good the models of sweeps are beside what they take, what the firmware
    takes on each board, or the service of its machine.

    `python -m bench.accuracy --help` and `bench.service --help` list the options that these two take.
    """
    import subprocess

    root = Path(__file__).resolve().parents[2]
    if not (root / "bench" / what).is_dir():
        raise WakewordError(f"there is no {root / 'bench' / what}: benches run in a checkout of the project")
    command = [sys.executable, "-m", f"bench.{what}"]
    if model is not None:
        command += ["--model", model]
    if functions:
        command.append("--functions")
    # Files are named from the folder that the command was given in, which so stays the bench's.
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    sys.exit(subprocess.run([*command, *more], env=os.environ | {"PYTHONPATH": path}).returncode)
