"""`wakeword record`."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from wakeword.commands.shared import FOLDER, Number, device_option, say, show


@click.command(epilog='Example: wakeword record "hey lumen" --out mine --takes 10')
@click.argument("word")
@click.option("--out", type=FOLDER, required=True, metavar="DIR", help="Write the clips to DIR/WORD.")
@click.option(
    "--takes",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    metavar="N",
    help="Takes by this speaker in all, earlier ones included.",
)
@click.option("--name", metavar="NAME", help="The speaker's name, for file names.  [default: the user's name]")
@click.option(
    "--seconds",
    type=Number(1, 20),
    default=2.5,
    show_default=True,
    metavar="SECONDS",
    help="Length of a take.",
)
@device_option
@click.option("--yes", is_flag=True, help="Keep every good take without asking.")
def record(word: str, out: Path, takes: int, name: str | None, seconds: float, device: str | None, yes: bool) -> None:
    """Record clips of your own voice to train with.

    You say a word or phrase after each countdown. A take that is silent, too quiet, clipped or cut off is repeated. Run
    the command again to add the takes that are missing. Then train with the clips: wakeword train --extra DIR.
    """
    from wakeword.audio.microphone import device_rate, microphone
    from wakeword.data.folders import word_folder
    from wakeword.data.keywords import keyword_set
    from wakeword.live.record import record as record_takes
    from wakeword.live.record_prompt import TerminalPrompt, UnattendedPrompt

    words = keyword_set(word).words
    if len(words) > 1:
        raise click.UsageError("record one word or phrase at a time")
    (word,) = words
    name = name or getpass.getuser()
    device_rate(device)  # raises before the countdown if there is no such microphone
    prompt = UnattendedPrompt() if yes else TerminalPrompt()
    added = record_takes(word, out, name, takes, lambda: microphone(device, say), prompt, seconds)
    show(f"{word_folder(out, word)}: {len(added)} new takes by {name}; train with them: wakeword train --extra {out}")
