"""Does a network whose state runs on for hours know a word as well as one that begins anew with each clip?

    python bench/stream_accuracy.py --data DIR [--speech DIR] [--model MODEL] [--split validation]

The clips of a split are put into one long stream, each behind a random stretch of 0 to 4 seconds of running speech
or background noise, at random places. A clip's answer is taken as in `wakeword eval`, at its last frame; only
the state before it is another. Prints one line of JSON: accuracy of clips from reset and of the same clips in
the stream, and what the detector made of the stream: words found, words missed, false accepts per hour.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from featurizer import HOP, WINDOW, clip_frames
from wakeword.audio.files import read_audio
from wakeword.data.examples import Examples, load_examples
from wakeword.data.keywords import SILENCE, UNKNOWN, KeywordSet
from wakeword.data.speech_commands import background_noise
from wakeword.evaluation.accuracy import PROTOCOL_SHARE, classify
from wakeword.inference.engine import open_engine
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model

RATE = 16_000
CLIP = RATE  # samples
LATE = 50  # frames after a clip's end in which its word may still be raised


def between(speech: list[np.ndarray], noises: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """0 to 4 s of speech or of quiet noise; the samples int16 (n,)."""
    length = int(rng.uniform(0, 4) * RATE)
    sources = speech if speech and rng.random() < 0.5 else noises
    source = sources[int(rng.integers(len(sources)))]
    start = int(rng.integers(max(1, len(source) - length)))
    volume = 1.0 if sources is speech else rng.uniform(0, 0.3)
    return (source[start : start + length] * volume).astype(np.int16)


def stream_of(
    examples: Examples, order: np.ndarray, speech: list[np.ndarray], noises: list[np.ndarray], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The stream, and for each clip the frame that a reset engine would call its last one."""
    parts, lasts, at = [], [], 0
    for index in order:
        gap = between(speech, noises, rng)
        gap = gap[: len(gap) // HOP * HOP]  # clips begin with a frame, so that features equal those of the clip alone
        at += len(gap)
        parts += [gap, examples.samples[index]]
        lasts.append(at // HOP + clip_frames(CLIP) - 1)
        at += CLIP
    parts.append(np.zeros(LATE * HOP + WINDOW, np.int16))
    return np.concatenate(parts), np.array(lasts)


def measure(model: Model, examples: Examples, speech: list[np.ndarray], noises: list[np.ndarray], seed: int) -> dict:
    """The comparison of one random stream."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(examples))
    stream, lasts = stream_of(examples, order, speech, noises, rng)
    trace = open_engine(model).push(stream)
    labels = examples.labels[order]
    carried = trace.scores[lasts].argmax(axis=1)
    reset = classify(open_engine(model), examples.samples)[order]
    found, false_accepts = 0, list(trace.events)
    for label, last in zip(labels, lasts, strict=True):
        mine = [e for e in false_accepts if e.label == label and last - CLIP // HOP < e.frame <= last + LATE]
        if label >= model.first_word and mine:
            found += 1
            false_accepts.remove(mine[0])
    words = int((labels >= model.first_word).sum())
    hours = len(stream) / RATE / 3600
    return {
        "clips": len(labels),
        "hours": round(hours, 3),
        "reset_accuracy": float((reset == labels).mean()),
        "stream_accuracy": float((carried == labels).mean()),
        "words": words,
        "words_found": found,
        "false_accepts_per_hour": round(len(false_accepts) / hours, 1),
    }


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--speech", type=Path, help="folder of recordings of running speech")
    parser.add_argument("--model")
    parser.add_argument("--split", default="validation")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    model = load_model(options.model)
    keywords = KeywordSet("model", model.keywords, UNKNOWN in model.labels, SILENCE in model.labels)
    shares = {"unknown": PROTOCOL_SHARE, "silence": PROTOCOL_SHARE}
    examples = load_examples(options.data, keywords, options.split, **shares, missing_ok=True)
    speech = [read_audio(path) for path in sorted(options.speech.iterdir())] if options.speech else []
    print(json.dumps(measure(model, examples, speech, background_noise(options.data), options.seed)))


if __name__ == "__main__":
    main()
