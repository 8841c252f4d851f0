"""`wakeword synth`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wakeword.commands.shared import (
    FOLDER,
    language_option,
    progress_bar,
    say,
    say_guess,
    say_option,
    seed_option,
    show,
)
from wakeword.errors import counted

if TYPE_CHECKING:
    from wakeword.audio.files import Encoding
    from wakeword.data.keywords import KeywordSet
    from wakeword.phrases.spoken import Spoken
    from wakeword.synth.synthesizer import Synthesizer
    from wakeword.synth.voice import Clip, Utterance


@click.command(epilog='Example: wakeword synth "hey lumen" --count 2000 --out clips')
@click.argument("phrases", nargs=-1, metavar="PHRASE...")
@click.option("--out", type=FOLDER, metavar="DIR", help="Folder for the clips, one in it for each phrase.  [required]")
@click.option(
    "--without",
    metavar="WORDS",
    help="In place of phrases, speak everyday sentences with nothing like these words (yes,no or google12):"
    " negatives for wakeword train --negatives.",
)
@click.option(
    "--count",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    metavar="N",
    help="Clips per phrase, or sentences.",
)
@click.option(
    "--engine",
    "engines",
    metavar="NAME,...",
    help="Speech engines to use: kokoro, piper, flite, espeak-ng.  [default: all that are installed]",
)
@seed_option("Seed of the random voices, speeds and pitches.")
@click.option(
    "--format",
    "encoding",
    type=click.Choice(["flac", "wav", "opus"]),
    default="flac",
    show_default=True,
    help="Audio format of the clips.",
)
@click.option("--threads", type=click.IntRange(1), metavar="N", help="Clips made in parallel.  [default: one per CPU]")
@click.option("--kokoro", type=FOLDER, metavar="DIR", help="Folder of Kokoro's model and voices.  [default: the cache]")
@click.option("--piper", type=FOLDER, metavar="DIR", help="Folder of Piper voices.  [default: the cache]")
@click.option(
    "--cache", type=FOLDER, metavar="DIR", help="Folder that keeps finished clips.  [default: the user's cache]"
)
@language_option
@say_option
@click.option(
    "--show",
    "shows",
    is_flag=True,
    help="Print the phonemes of the phrases, and play a clip of each engine, or write it to --out.",
)
@click.option("--fetch", is_flag=True, help="Download Kokoro's model and voices (121 MB) first.")
def synth(
    phrases: tuple[str, ...],
    out: Path | None,
    without: str | None,
    count: int,
    engines: str | None,
    seed: int,
    encoding: Encoding,
    threads: int | None,
    kokoro: Path | None,
    piper: Path | None,
    cache: Path | None,
    language: str | None,
    said: tuple[str, ...],
    shows: bool,
    fetch: bool,
) -> None:
    """Synthesize clips of phrases in many voices.

    Finished clips are reused: to resume an interrupted run, give the same command again. "wakeword train" synthesizes
    the clips that it needs by itself.
    """
    from wakeword.data.folders import word_folder
    from wakeword.data.keywords import keyword_set, spoken_in
    from wakeword.synth.folder import write_folder
    from wakeword.synth.synthesizer import Synthesizer
    from wakeword.synth.voices import default_paths, open_engines

    given = {"kokoro": kokoro, "piper": piper, "cache": cache}
    paths = replace(default_paths(), **{name: folder for name, folder in given.items() if folder is not None})
    if fetch:
        from wakeword.synth.fetch import fetch_kokoro

        fetch_kokoro(paths.kokoro, say)
        if not phrases:
            return
    if not phrases and without is None:
        raise click.UsageError('give a phrase to speak, such as "hey lumen"')
    if phrases and without is not None:
        raise click.UsageError("--without speaks sentences; leave out the phrases, or --without")
    if shows and without is not None:
        raise click.UsageError("--show is for phrases; leave out --without")
    if out is None and not shows:
        raise click.UsageError("give the folder for the clips: --out DIR")
    for phrase in phrases:
        if "," in phrase.strip(","):
            raise click.UsageError(f"{phrase!r} contains a comma, which parts words; give each phrase without one")
    words = spoken_in(keyword_set(without if without is not None else ",".join(phrases)), language, said)
    names = [name.strip() for name in engines.split(",")] if engines else []
    words.spoken.check(words.words)
    say_guess(words, language)
    opened = open_engines(names, paths, say, words.spoken.language)
    if shows:
        for word in words.words:
            _show(word, words.spoken, [Synthesizer([engine], paths.cache, seed) for engine in opened], out, encoding)
        return
    assert out is not None
    synthesizer = Synthesizer(opened, paths.cache, seed, threads or os.cpu_count() or 1)
    for name, utterances in _spoken(words, count, seed, sentences=without is not None).items():
        with progress_bar(name, len(utterances)) as on_clip:
            clips = synthesizer.synthesize(utterances, on_clip)
        folder = word_folder(out, name)
        if removed := write_folder(clips, folder, synthesizer, seed, encoding):
            say(
                f"{folder}: removed {counted(removed, 'clip')} of an earlier run, which had other options; "
                "to keep clips of both, run that again with another --out: it finds them in the cache"
            )
        voices = len({clip.settings.voice for clip in clips})
        lost = len(utterances) - len(clips)
        failed = f"; {lost} failed and were left out" if lost else ""
        show(f"{folder}: {len(clips)} clips by {voices} voices{failed}")


def _spoken(words: KeywordSet, count: int, seed: int, *, sentences: bool) -> dict[str, list[Utterance]]:
    """Return what is spoken, by the name of its folder: each word many times, or sentences with nothing like them."""
    from wakeword.phrases.negatives import negative_sentences
    from wakeword.synth.voice import Utterance, takes

    if sentences:
        texts = negative_sentences(words.words, count, seed, words.spoken)
        return {"sentences": [Utterance(text) for text in texts]}
    return {word: takes(word, words.spoken, count) for word in words.words}


def _show(word: str, spoken: Spoken, synthesizers: Sequence[Synthesizer], out: Path | None, encoding: Encoding) -> None:
    """Print each pronunciation of a word, and write or play a clip of it by each engine."""
    from wakeword.data.keywords import folder_name
    from wakeword.phrases.phonemes import spell
    from wakeword.synth.voice import Utterance

    hear = _player() if out is None else _writer(out / folder_name(word), encoding)
    for number, saying in enumerate(spoken.sayings(word), start=1):
        utterance = Utterance(*saying)
        spelt = "" if utterance.ipa or utterance.text == word else f", as {utterance.text!r}"
        show(f"{word}{spelt}, in {spoken.language.name}: /{spell(utterance.words(spoken.language.accent))}/")
        for synthesizer in synthesizers:
            for clip in synthesizer.synthesize([utterance] * synthesizer.can_speak(utterance)):
                hear(clip, number)


def _player() -> Callable[[Clip, int], None]:
    """Return what plays a clip, or says once that it can't."""
    from wakeword.audio.speaker import play
    from wakeword.errors import DeviceError

    faults: list[DeviceError] = []

    def hear(clip: Clip, number: int) -> None:
        show(f"  {_described(clip)}")
        try:
            if not faults:
                play(clip.read())
        except DeviceError as error:
            faults.append(error)
            say(f"{error}; or write the clips: --out DIR")

    return hear


def _writer(stem: Path, encoding: Encoding) -> Callable[[Clip, int], None]:
    """Return what writes a clip to a file whose name begins with a stem."""
    from wakeword.audio.files import encode
    from wakeword.files import write_whole

    def hear(clip: Clip, number: int) -> None:
        path = stem.with_name(f"{stem.name}-{number}-{clip.settings.engine}.{encoding}")
        write_whole(path, encode(clip.read(), encoding))
        show(f"  {path}: {_described(clip)}")

    return hear


def _described(clip: Clip) -> str:
    return f"{clip.settings.engine} {clip.settings.voice} /{clip.ipa}/"
