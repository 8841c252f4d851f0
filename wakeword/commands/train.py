"""`wakeword train`."""

from __future__ import annotations

from pathlib import Path

import click

from wakeword.commands.shared import (
    FILE,
    FOLDER,
    PATH,
    data_option,
    data_or_download,
    extra_option,
    language_option,
    say,
    say_guess,
    say_option,
    seed_option,
    show,
)
from wakeword.commands.train_project import train_project
from wakeword.commands.training import Device, make_corpus
from wakeword.errors import UsageError


@click.command(epilog="Example: wakeword train --keywords google12 --data speech_commands")
@click.option(
    "--keywords",
    default="google12",
    show_default=True,
    metavar="SET",
    help="Keywords: google12, google30, digits10, or WORD,WORD,..., or a phrase.",
)
@language_option
@say_option
@data_option
@click.option("--out", type=FILE, metavar="MODEL", help="The model file to write.  [default: SET.safetensors]")
@click.option(
    "--preset",
    type=click.Choice(["paper", "small", "best"]),
    default="best",
    show_default=True,
    help="Settings: the paper's, quick ones, or the most accurate.",
)
@click.option("--size", metavar="KB", help="Size of the network: 1, 1.5, 2, 6 or 10.  [default: the preset's]")
@click.option("--cell", metavar="CELL", help="A network of docs/cells.md.  [default: the preset's]")
@click.option("--hidden", type=click.IntRange(1), metavar="N", help="Hidden units of --cell.  [default: the preset's]")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Change a setting, such as density=0.3. docs/settings.md lists them all. Repeatable.",
)
@click.option(
    "--quantizer",
    type=click.Choice(["int8", "int4", "ternary"]),
    help="Format of the weights.  [default: the preset's]",
)
@seed_option("Seed of all random numbers.")
@extra_option
@click.option(
    "--negatives",
    type=PATH,
    multiple=True,
    metavar="PATH",
    help="An audio file or folder in which nobody says a keyword: speech to refuse; repeatable, 10 hours at most.",
)
@click.option(
    "--teacher",
    type=FILE,
    metavar="FILE",
    help="A teacher to share: used if it exists, else trained.",
)
@click.option("--include-validation", is_flag=True, help="Train on the validation clips, too, for a final model.")
@click.option(
    "--clips",
    type=click.IntRange(20),
    default=600,
    show_default=True,
    metavar="N",
    help="Synthetic clips per phrase.",
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="Device to train on; auto is CUDA if torch finds it.",
)
@click.option("--fresh", is_flag=True, help="Train anew, whatever an interrupted or a finished run has left.")
@click.option(
    "--project",
    type=FOLDER,
    metavar="DIR",
    help="A project, whose files say all the rest (docs/projects.md): train its next run, or go on with the last.",
)
@click.option("--run", "number", type=click.IntRange(1), metavar="N", help="The run of the project to go on with.")
@click.pass_context
def train(
    context: click.Context,
    keywords: str,
    language: str | None,
    said: tuple[str, ...],
    data: Path | None,
    out: Path | None,
    preset: str,
    size: str | None,
    cell: str | None,
    hidden: int | None,
    settings: tuple[str, ...],
    quantizer: str | None,
    seed: int,
    extra: Path | None,
    negatives: tuple[Path, ...],
    teacher: Path | None,
    include_validation: bool,
    clips: int,
    device: Device,
    fresh: bool,
    project: Path | None,
    number: int | None,
) -> None:
    """Train a model on clips of words.

    Without --data, Speech Commands is downloaded once to your cache and used. A keyword without recordings, as in
    --keywords "hey lumen", or with few in --data, is spoken by every speech engine that is installed, and so are other
    words; --data may add recordings of them. A --cell without an integer form is trained and judged in floats, and
    leaves no model file.
    """
    from wakeword.data.keywords import keyword_set, spoken_in
    from wakeword.projects.advice import plain_warnings
    from wakeword.projects.material import Material, needs_voices
    from wakeword.training.config import check_integer_form
    from wakeword.training.overrides import apply_settings, parse_settings
    from wakeword.training.presets import for_phrases, for_streams, of_size, variant
    from wakeword.training.presets import preset as named

    if project is not None:
        _refuse_answered(context)
        train_project(project, number, fresh, device)
        return
    if number is not None:
        raise UsageError("--run goes with --project")
    words = spoken_in(keyword_set(keywords), language, said)
    config = named(preset, seed, include_validation)
    spoken, lines = needs_voices(words, data, extra)
    if spoken:
        if data is None:
            words.spoken.check(words.words)
            say_guess(words, language)
            for warning in plain_warnings(words):
                say(warning.text)
        config = for_phrases(config, len(words.words), streams=bool(negatives))
    elif negatives:
        config = for_streams(config)
    if size:
        config = of_size(config, size)
    if hidden and not cell:
        raise UsageError("--hidden goes with --cell; without it, use --set hidden=N")
    if cell:
        config = variant(config, cell, hidden)
    config = apply_settings(config, parse_settings(settings) | ({"quantizer": quantizer} if quantizer else {}))
    check_integer_form(config, len(words.labels))

    # The configuration is checked before torch is imported, which takes a while.
    from wakeword.networks.device import device_of
    from wakeword.training import train as training
    from wakeword.training.finished import check_begin, check_out

    learns_on = device_of(device)
    out = out or Path(f"{words.file_name}.safetensors")
    check_out(out)
    if not spoken:
        data = data_or_download(data)
    if not spoken and (language or said):
        say("--language and --say are for synthetic voices, which need not speak: there are recordings enough")
    corpus = make_corpus(config, Material(words, data, extra, negatives, spoken, tuple(lines), clips), say)
    if replaced := check_begin(config, corpus, out, fresh):
        say(replaced)
    evaluation = training.train(config, corpus, out, teacher_file=teacher, resume=not fresh, device=learns_on)
    show(f"{out}: {evaluation.as_text()}")


def _refuse_answered(context: click.Context) -> None:
    """Raise UsageError for an option whose answer a project's files hold."""
    for name in context.params:
        given = context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT
        if given and name not in ("project", "number", "fresh", "device"):
            option = next(each.opts[0] for each in context.command.params if each.name == name)
            raise UsageError(f"{option} does not go with --project, whose files say it: docs/projects.md")
