"""`wakeword train`."""

from __future__ import annotations

from pathlib import Path

import click

from wakeword.commands.shared import FILE, PATH, data_or_download


@click.command(epilog="Example: wakeword train --keywords google12 --data speech_commands")
@click.option(
    "--keywords",
    default="google12",
    show_default=True,
    metavar="SET",
    help="google12, google30, digits10, or WORD,WORD,...",
)
@click.option("--data", type=PATH, metavar="DIR", help="A folder of clips for each word.  [default: download]")
@click.option("--out", type=FILE, metavar="MODEL", help="The model file.  [default: by the keywords]")
@click.option("--preset", type=click.Choice(["paper", "small", "best"]), default="best", show_default=True)
@click.option("--cell", metavar="CELL", help="Another network in the preset's place: docs/cells.md names them.")
@click.option("--hidden", type=click.IntRange(1), metavar="N", help="Its hidden units.  [default: the preset's]")
@click.option("--set", "settings", multiple=True, metavar="FIELD=VALUE", help="Change a setting, such as density=0.3.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--extra", type=PATH, metavar="DIR", help="More training clips, a folder for each word.")
@click.option("--teacher", type=FILE, metavar="FILE", help="A teacher to share between runs: taken, or left, there.")
@click.option("--include-validation", is_flag=True, help="Train on the validation clips too, when all is chosen.")
@click.option("--fresh", is_flag=True, help="Begin anew where an interrupted run would be resumed.")
def train(
    keywords: str,
    data: Path | None,
    out: Path | None,
    preset: str,
    cell: str | None,
    hidden: int | None,
    settings: tuple[str, ...],
    seed: int,
    extra: Path | None,
    teacher: Path | None,
    include_validation: bool,
    fresh: bool,
) -> None:
    """Train a model on clips of words.

    Where --data is left out, Speech Commands is downloaded to your cache, once, and used. A --cell without an integer
    form is trained, and judged, in floats, and leaves no model file.
    """
    from wakeword import presets
    from wakeword import train as training
    from wakeword.corpus import load_corpus
    from wakeword.dataset import keyword_set
    from wakeword.settings import apply_settings, parse_settings
    from wakeword.variants import variant

    words = keyword_set(keywords)
    out = out or Path(f"{words.name.replace(',', '-')}.safetensors")
    config = presets.preset(preset, seed, include_validation)
    if hidden and not cell:
        raise click.UsageError("--hidden goes with --cell")
    if cell:
        config = variant(config, cell, hidden)
    config = apply_settings(config, parse_settings(settings))
    corpus = load_corpus(config, words, data_or_download(data), extra)
    evaluation = training.train(config, corpus, out, teacher_file=teacher, resume=not fresh)
    click.echo(f"{out}: {evaluation.as_text()}")
