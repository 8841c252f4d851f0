"""Compare accuracy on clips after a reset with accuracy on the same clips in one long stream of Speech Commands.

    python -m bench.stream_accuracy --data DIR [--speech DIR] [--model MODEL] [--split validation]

The clips of a split form one stream, each after 0 to 4 seconds of running speech or background noise. A clip gets the
label with the highest score at its last frame, as in `wakeword eval`; only the state before the clip differs. Print one
line of JSON: both accuracies, and the events of the detector: words found, and false accepts per hour.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.options import Parser, errors_in_one_line
from featurizer import HOP, WINDOW, clip_frames
from featurizer.logmel import Samples
from wakeword.audio.files import read_audio
from wakeword.data.examples import Examples, load_examples
from wakeword.data.keywords import KeywordSet
from wakeword.data.speech_commands import background_noise
from wakeword.evaluation.accuracy import PROTOCOL_SHARE, classify
from wakeword.evaluation.streams import files_of
from wakeword.inference.engine import open_engine
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model

RATE = 16_000
CLIP = RATE  # samples
LATE = 50  # frames after the end of a clip in which its event counts


def between(speech: list[Samples], noises: list[Samples], rng: np.random.Generator) -> Samples:
    """Cut 0 to 4 s of speech or of quiet noise: int16 (n,)."""
    length = int(rng.uniform(0, 4) * RATE)
    sources = speech if speech and rng.random() < 0.5 else noises
    source = sources[int(rng.integers(len(sources)))]
    start = int(rng.integers(max(1, len(source) - length)))
    volume = 1.0 if sources is speech else rng.uniform(0, 0.3)
    return (source[start : start + length] * volume).astype(np.int16)


def stream_of(
    examples: Examples,
    order: npt.NDArray[np.int64],
    speech: list[Samples],
    noises: list[Samples],
    rng: np.random.Generator,
) -> tuple[Samples, npt.NDArray[np.int64]]:
    """Make the stream. Return it, and each clip's last frame by the count of an engine reset before the clip."""
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


def measure(
    model: Model, examples: Examples, speech: list[Samples], noises: list[Samples], seed: int
) -> dict[str, Any]:
    """Compare both accuracies on one random stream."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(examples))
    stream, lasts = stream_of(examples, order, speech, noises, rng)
    trace = open_engine(model).push(stream)
    labels = examples.labels[order]
    carried = trace.scores[lasts].argmax(axis=1)
    reset = classify(open_engine(model), examples.samples)[order]
    found, false_accepts = 0, list(trace.events)
    for label, last in zip(labels, lasts, strict=True):
        own = [e for e in false_accepts if e.label == label and last - CLIP // HOP < e.frame <= last + LATE]
        if label >= model.first_word and own:
            found += 1
            false_accepts.remove(own[0])
    hours = len(stream) / RATE / 3600
    return {
        "clips": len(labels),
        "hours": round(hours, 3),
        "reset_accuracy": float((reset == labels).mean()),
        "stream_accuracy": float((carried == labels).mean()),
        "words": int((labels >= model.first_word).sum()),
        "words_found": found,
        "false_accepts_per_hour": round(len(false_accepts) / hours, 1),
    }


def main() -> None:
    """Parse the arguments, measure, and print."""
    parser = Parser("stream_accuracy", __doc__, module=True)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of Speech Commands")
    parser.add_argument("--speech", type=Path, metavar="DIR", help="folder of recordings of running speech")
    parser.add_argument("--model", help="model file, or the name of a shipped model (default: google12)")
    parser.add_argument("--split", choices=["test", "validation", "training"], default="validation", help="of the data")
    parser.add_argument("--seed", type=int, default=0, help="of the stream (default: 0)")
    options = parser.parse_args()
    with errors_in_one_line():
        model = load_model(options.model)
        keywords = KeywordSet.of_labels(model.labels)
        examples = load_examples(
            options.data, keywords, options.split, unknown=PROTOCOL_SHARE, silence=PROTOCOL_SHARE, missing_ok=True
        )
        speech = [read_audio(path) for path in files_of([options.speech])] if options.speech else []
        print(json.dumps(measure(model, examples, speech, background_noise(options.data), options.seed)))


if __name__ == "__main__":
    main()
