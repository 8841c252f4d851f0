"""`wakeword record`."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from wakeword.commands.shared import FOLDER, say


@click.command(epilog='Example: wakeword record "hey lumen" --out mine --takes 10')
@click.argument("word")
@click.option("--out", type=FOLDER, required=True, metavar="DIR", help="Write the clips to DIR/WORD.")
@click.option(
    "--takes",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Takes by this speaker in all, earlier ones included.",
)
@click.option("--name", metavar="NAME", help="The speaker's name, for file names.  [default: the user's name]")
@click.option(
    "--seconds", type=click.FloatRange(1, 20), default=2.5, show_default=True, help="Length of a take in seconds."
)
@click.option("--device", metavar="D", help="The microphone: its index, or a part of its name.")
@click.option("--yes", is_flag=True, help="Keep every good take without asking.")
def record(word: str, out: Path, takes: int, name: str | None, seconds: float, device: str | None, yes: bool) -> None:
    """Record your own voice saying a word or phrase, as clips to train with.

    Each take follows a countdown. A take that is silent, too quiet, clipped or cut off is repeated. Run the command
    again to add the takes that are missing. Then train with the clips: wakeword train --extra DIR.
    """
    from wakeword.audio.microphone import microphone
    from wakeword.data.keywords import keyword_set
    from wakeword.live.record import record as record_takes
    from wakeword.live.record_prompt import TerminalPrompt, UnattendedPrompt

    if keyword_set(word).words != (word,):
        raise click.UsageError("record one word or phrase at a time")
    name = name or getpass.getuser()
    prompt = UnattendedPrompt() if yes else TerminalPrompt()
    added = record_takes(word, out, name, takes, lambda: microphone(device, say), prompt, seconds)
    click.echo(f"{out / word}: {len(added)} new takes by {name}; train with them: wakeword train --extra {out}")
