"""`wakeword record`."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from wakeword.commands.shared import FOLDER, say


@click.command(epilog='Example: wakeword record "hey lumen" --out mine --takes 10')
@click.argument("word")
@click.option("--out", type=FOLDER, required=True, metavar="DIR", help="The folder that gets a folder of the word.")
@click.option("--takes", type=click.IntRange(1), default=10, show_default=True, help="In all, with those there are.")
@click.option("--name", metavar="NAME", help="The speaker's, in the files' names.  [default: the user's]")
@click.option("--seconds", type=click.FloatRange(1, 20), default=2.5, show_default=True, help="That a take lasts.")
@click.option("--device", metavar="D", help="The microphone: its index, or a part of its name.")
@click.option("--yes", is_flag=True, help="Keep each take that is loud and whole, without asking.")
def record(word: str, out: Path, takes: int, name: str | None, seconds: float, device: str | None, yes: bool) -> None:
    """Record your own voice saying a word, as clips to train with.

    A take that is too quiet, clipped or cut off is said to be so and repeated. Given again, the command goes on with
    the take where it was left. Train with the clips by wakeword train --extra DIR.
    """
    from wakeword.audio.microphone import microphone
    from wakeword.data.keywords import keyword_set
    from wakeword.live.record import record as record_takes
    from wakeword.live.record_prompt import Terminal, Unattended

    if keyword_set(word).words != (word,):
        raise click.UsageError("one word or phrase at a time")
    name = name or getpass.getuser()
    guide = Unattended() if yes else Terminal()
    added = record_takes(word, out, name, takes, lambda: microphone(device, say), guide, seconds)
    click.echo(f"{out / word}: {len(added)} new takes by {name}; wakeword train --extra {out} takes them")
