"""`wakeword synth`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from wakeword.commands.shared import FOLDER, say

if TYPE_CHECKING:
    from wakeword.audio.files import Encoding


@click.command(epilog='Example: wakeword synth "hey lumen" --count 2000 --out clips')
@click.argument("phrases", nargs=-1, metavar="PHRASE...")
@click.option("--out", type=FOLDER, metavar="DIR", help="The folder that gets a folder of clips for each phrase.")
@click.option("--count", type=click.IntRange(1), default=200, show_default=True, help="Clips of each phrase.")
@click.option("--engine", "engines", metavar="NAME,...", help="Of kokoro, piper, flite, espeak-ng.  [default: all]")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--format", "kind", type=click.Choice(["flac", "wav", "opus"]), default="flac", show_default=True)
@click.option("--threads", type=click.IntRange(1), metavar="N", help="Clips made at a time.  [default: the processors]")
@click.option("--kokoro", type=FOLDER, metavar="DIR", help="Kokoro's model and voices.  [default: the cache]")
@click.option("--piper", type=FOLDER, metavar="DIR", help="A folder of Piper's voices.  [default: the cache]")
@click.option("--cache", type=FOLDER, metavar="DIR", help="Where clips are kept to be used again.")
@click.option("--fetch", is_flag=True, help="Bring Kokoro's model and voices first, 121 MB.")
def synth(
    phrases: tuple[str, ...],
    out: Path | None,
    count: int,
    engines: str | None,
    seed: int,
    kind: Encoding,
    threads: int | None,
    kokoro: Path | None,
    piper: Path | None,
    cache: Path | None,
    fetch: bool,
) -> None:
    """Speak phrases in many voices, as clips to train with.

    A clip that was made before is not made again, and an interrupted run goes on when the same command is given again.
    """
    from wakeword.data.keywords import keyword_set
    from wakeword.phrases.espeak import espeak
    from wakeword.synth.clips import Studio
    from wakeword.synth.folder import write_folder
    from wakeword.synth.voice import Saying
    from wakeword.synth.voices import open_engines, usual_places

    places = usual_places()
    given = {"kokoro": kokoro, "piper": piper, "cache": cache}
    places = replace(places, **{name: folder for name, folder in given.items() if folder is not None})
    if fetch:
        from wakeword.synth.fetch import fetch_kokoro

        fetch_kokoro(places.kokoro)
    if not phrases:
        if fetch:
            return
        raise click.UsageError("give a phrase to speak")
    if out is None:
        raise click.UsageError("--out says where the clips go")
    words = keyword_set(",".join(phrases)).words
    names = [name.strip() for name in engines.split(",")] if engines else []
    for phrase in words:
        espeak().transcribe(phrase)  # raises where there is nothing to say, before anything is begun
    studio = Studio(open_engines(names, places, say), places.cache, seed, threads or os.cpu_count() or 1)
    for phrase in words:
        with progress_bar(phrase, count) as made:
            clips = studio.synthesise([Saying(phrase)] * count, made)
        write_folder(clips, out / phrase, studio, seed, kind)
        voices = len({clip.manner.voice for clip in clips})
        left_out = f", {count - len(clips)} that came out wrong are left out" if len(clips) < count else ""
        click.echo(f"{out / phrase}: {len(clips)} clips by {voices} voices{left_out}")


@contextmanager
def progress_bar(phrase: str, count: int) -> Iterator[Callable[[], None]]:
    """A bar on stderr, since stdout may be read by a program; what it gives is called for each clip that is there."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(escape(phrase), total=count)
        yield lambda: progress.advance(task)
