"""Measure the figures of a shipped model's card: clips that it hears right, and false accepts in streams."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

from bench.cards.pitch import HIGH, median_pitch
from wakeword.audio.files import read_audio
from wakeword.data.keywords import SILENCE, UNKNOWN
from wakeword.data.speech_commands import word_clips
from wakeword.evaluation.accuracy import evaluate
from wakeword.evaluation.detection import EvaluationSetup, evaluate_positives, evaluate_stream
from wakeword.evaluation.positives import Conditions
from wakeword.evaluation.streams import files_of
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model, shipped_models

# What is said or played in each stream of bench.streams.
STREAMS = {
    "sky": "English dialogue, sky",
    "queen": "English dialogue, queen",
    "drascula": "English dialogue, drascula",
    "fillets-cs": "Czech dialogue",
    "fillets-nl": "Dutch dialogue",
    "prompts-en": "English prompts",
    "wesnoth": "music",
}
_ENGLISH = ("drascula", "sky")  # of these streams, those of people who talk English
SNR = 10.0  # dB of the clips over the noise
TELEPHONE = (300.0, 3400.0)  # Hz
SPEED = 1.2  # of the clips: a child's vocal tract is a fifth shorter than a grown woman's, or more
# By the first letter of the names of Kokoro's voices.
ACCENTS = {"a": "American", "b": "British"}
FOREIGN = "speakers of other languages"


@dataclass(frozen=True)
class Sources:
    """The folders that figures are measured on, under the names that the commands of a card have for them."""

    streams: Path  # OUT, of bench.streams
    speech: Path  # SPEECH, sentences
    wakewords: Path  # WAKEWORDS, real people saying a wake word, a folder each
    spoken: Path  # SPOKEN, likewise Kokoro's voices, for the words that have no folder there
    data: Path  # DATA, Speech Commands with its noise


def measured(name: str, sources: Sources, jobs: int) -> dict[str, Any]:
    """Measure the figures of a shipped model, each with its counts and its command.

    Raises WakewordError for a folder or a file that can't be read.
    """
    path = shipped_models()[name]
    model = load_model(name)
    setup = EvaluationSetup(model, jobs=jobs)
    return {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "right": list(_right(setup, name, sources)),
        "false_accepts": list(_false_accepts(setup, name, sources)),
    }


def _right(setup: EvaluationSetup, name: str, sources: Sources) -> Iterator[dict[str, Any]]:
    """Yield the shares of clips that are heard right."""
    model = setup.model
    if {UNKNOWN, SILENCE} < set(model.labels) and len(model.keywords) > 1:
        found = evaluate(model, sources.data, name=name)
        right, clips = int(found.confusion.trace()), int(found.confusion.sum())
        yield _share("test clips", right, clips, f"wakeword eval {name} --data DATA")
        return
    yield from _heard(setup, name, sources)


def _heard(setup: EvaluationSetup, name: str, sources: Sources) -> Iterator[dict[str, Any]]:
    """Yield the shares of clips of a wake word that are heard: of real people, else of synthetic voices."""
    word = setup.model.keywords[0]
    who, root, folder = "real people", "WAKEWORDS", sources.wakewords / word
    if not folder.is_dir():
        who, root, folder = "synthetic voices", "SPOKEN", sources.spoken / word
    if not folder.is_dir():
        return
    groups = voices(folder) | (accents(folder) if root == "SPOKEN" else {})
    for options, where, condition in _conditions(setup.model, sources):
        missed = {miss.file for miss in evaluate_positives(setup, folder, condition, word).misses}
        command = f"wakeword eval {quote(name)} --positives {quote(f'{root}/{word}')}{options}"
        for group, said in groups.items():
            yield _share(f"{who}{group}{where}", len(said - missed), len(said), command)
        groups = {"": groups[""]}  # one condition tells them apart


def _conditions(model: Model, sources: Sources) -> Iterator[tuple[str, str, Conditions]]:
    """Yield options of `wakeword eval`, what they mean, and the conditions.

    The people who talk are none that the model has learned from.
    """
    noises = tuple(files_of([sources.data / "_background_noise_"]))
    yield "", "", Conditions()
    yield " --noise DATA/_background_noise_", f", in noise at {SNR:.0f} dB", Conditions(noises, SNR)
    for stream in [name for name in _ENGLISH if name not in _trained_on(model)][:1]:
        talk = tuple(files_of([sources.streams / stream]))
        yield f" --noise OUT/{stream}", f", while others talk at {SNR:.0f} dB", Conditions(talk, SNR)
    yield f" --speed {SPEED}", f", {SPEED} times as fast and high", Conditions(speed=SPEED)
    yield " --band {:.0f}:{:.0f}".format(*TELEPHONE), ", through a telephone", Conditions(band=TELEPHONE)


def voices(folder: Path) -> dict[str, set[str]]:
    """Return the clips of all voices, of low and of high ones; a clip whose pitch isn't found is in neither group."""
    pitches = {str(clip.path): median_pitch(read_audio(clip.path)) for clip in word_clips(folder)}
    return {
        "": set(pitches),
        f", voices below {HIGH:.0f} Hz": {path for path, pitch in pitches.items() if pitch and pitch < HIGH},
        f", voices above {HIGH:.0f} Hz": {path for path, pitch in pitches.items() if pitch and pitch >= HIGH},
    }


def accents(folder: Path) -> dict[str, set[str]]:
    """Return Kokoro's clips by accent, which is in the name of the first voice."""
    clips = [str(clip.path) for clip in word_clips(folder)]
    accents = {path: ACCENTS.get(Path(path).name.removeprefix("kokoro-")[:1], FOREIGN) for path in clips}
    return {
        f", {accent}": {path for path in clips if accents[path] == accent} for accent in (*ACCENTS.values(), FOREIGN)
    }


def _share(title: str, count: int, of: int, command: str) -> dict[str, Any]:
    return {"title": title, "count": count, "of": of, "command": command}


def _false_accepts(setup: EvaluationSetup, name: str, sources: Sources) -> Iterator[dict[str, Any]]:
    """Yield the false accepts in each stream that the model was not trained on."""
    streams = {"SPEECH": (sources.speech, "English sentences")}
    streams |= {f"OUT/{stream}": (sources.streams / stream, title) for stream, title in STREAMS.items()}
    for argument, (folder, title) in streams.items():
        if folder.name in _trained_on(setup.model):
            continue
        counts = evaluate_stream(setup, [folder])
        yield {
            "title": title,
            "count": len(counts.detections),
            "hours": round(counts.seconds / 3600, 4),
            "command": f"wakeword eval {quote(name)} --stream {argument}",
        }


def _trained_on(model: Model) -> list[str]:
    negatives: dict[str, Any] = model.provenance.get("negatives", {})
    of: list[str] = negatives.get("of", [])
    return of
