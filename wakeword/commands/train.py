"""`wakeword train`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from wakeword.commands.shared import (
    FILE,
    PATH,
    data_option,
    data_or_download,
    extra_option,
    language_option,
    say,
    say_option,
    seed_option,
    show,
)
from wakeword.errors import DataError, UsageError

if TYPE_CHECKING:
    from featurizer.logmel import Samples
    from wakeword.data.keywords import KeywordSet
    from wakeword.training.config import TrainConfig
    from wakeword.training.corpus import Corpus


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
def train(
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
    device: Literal["auto", "cpu", "cuda"],
    fresh: bool,
) -> None:
    """Train a model on clips of words.

    Without --data, Speech Commands is downloaded once to your cache and used. A keyword without recordings, as in
    --keywords "hey lumen", or with few in --data, is spoken by every speech engine that is installed, and so are other
    words; --data may add recordings of them. A --cell without an integer form is trained and judged in floats, and
    leaves no model file.
    """
    from wakeword.data.keywords import keyword_set, spoken_in
    from wakeword.training.config import check_integer_form
    from wakeword.training.overrides import apply_settings, parse_settings
    from wakeword.training.presets import for_phrases, for_streams, of_size, variant
    from wakeword.training.presets import preset as named

    words = spoken_in(keyword_set(keywords), language, said)
    config = named(preset, seed, include_validation)
    synthetic, lines = _needs_voices(words, data, extra)
    if synthetic:
        if data is None:
            words.spoken.check(words.words)
        config = for_phrases(config, len(words.words))
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
    from featurizer import SAMPLE_RATE
    from wakeword.data.running_speech import read_negatives
    from wakeword.evaluation.streams import files_of
    from wakeword.networks.device import device_of
    from wakeword.training import train as training
    from wakeword.training.corpus import load_corpus
    from wakeword.training.finished import check_begin

    learns_on = device_of(device)
    out = out or Path(f"{words.file_name}.safetensors")
    if not synthetic:
        data = data_or_download(data)
    if not synthetic and (language or said):
        say("--language and --say are for synthetic voices, which need not speak: there are recordings enough")
    _say_what_is_taken(words, data, extra, synthetic, lines)
    speech = read_negatives(files_of(negatives)) if negatives else None
    if synthetic:
        corpus = _synthetic_corpus(config, words, data, extra, speech, clips)
    else:
        assert data is not None
        corpus = load_corpus(config, words, data, extra, negatives=speech)
    if speech is not None:
        taken = {"of": [path.name for path in negatives], "hours": round(len(speech) / SAMPLE_RATE / 3600, 2)}
        corpus = replace(corpus, provenance={**corpus.provenance, "negatives": taken})
    if replaced := check_begin(config, corpus, out, fresh):
        say(replaced)
    evaluation = training.train(config, corpus, out, teacher_file=teacher, resume=not fresh, device=learns_on)
    show(f"{out}: {evaluation.as_text()}")


def _needs_voices(words: KeywordSet, data: Path | None, extra: Path | None) -> tuple[bool, list[str]]:
    """Return whether synthetic voices have to speak for want of recordings, and the lines that tell what for.

    Raises:
        DataError: the recordings are too few, and there are no voices; or some hold no word.
    """
    from wakeword.data.keywords import in_speech_commands

    if data is None:
        as_recorded = words.spoken.language.is_english and not words.spoken.said
        return not (as_recorded and in_speech_commands(words.words)), []
    if not data.is_dir():
        return False, []
    from wakeword.data.shortage import refuse_wordless, shortage

    lacks = shortage(data, words, extra)
    if lacks.few:
        from wakeword.synth.voices import why_mute

        refuse_wordless(data, words)
        if reason := why_mute():
            if not lacks.alone:
                raise DataError(lacks.refusal(reason))
            return False, list(lacks.lines_alone(reason))
    return bool(lacks.few), list(lacks.lines())


def _say_what_is_taken(
    words: KeywordSet, data: Path | None, extra: Path | None, synthetic: bool, shortage: list[str]
) -> None:
    """Print what each folder is taken for, the lines on what they lack, and which words are spoken by synthesis."""
    from wakeword.data.folders import alike_lines, folder_lines, unrecorded_lines

    roots = [root for root in (data, extra) if root is not None]
    for line in (*alike_lines(words), *folder_lines(roots, words, synthetic=synthetic), *shortage):
        say(line)
    if synthetic:
        for line in unrecorded_lines(words, data, extra):
            say(line)


def _synthetic_corpus(
    config: TrainConfig, words: KeywordSet, data: Path | None, extra: Path | None, speech: Samples | None, clips: int
) -> Corpus:
    from wakeword.commands.shared import progress_bar
    from wakeword.data.speech_commands import list_clips
    from wakeword.training.phrase_corpus import synthesize_corpus

    for folder in (data, extra):
        if folder is not None:
            list_clips(folder, "all")  # raises before the synthesis, which takes a while
    return synthesize_corpus(
        config, words, clips, data=data, extra=extra, negatives=speech, warn=say, progress=progress_bar
    )
