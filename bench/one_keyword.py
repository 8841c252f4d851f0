"""Measure models of one recorded keyword on clips: how much of it they find, how much of all else they refuse.

    python -m bench.one_keyword MODEL [MODEL ...] --data DATA [--split validation]

Each clip is processed alone, after near silence, at the model's own threshold. A clip of the keyword is found if it
raises an event; a clip of another word is refused if it raises none.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.options import Parser, errors_in_one_line
from wakeword.audio.files import read_audio
from wakeword.data.keywords import KeywordSet
from wakeword.data.speech_commands import clip_label, list_clips
from wakeword.data.split_lists import SPLITS, Split
from wakeword.errors import DataError
from wakeword.evaluation.detection import WINDOW
from wakeword.evaluation.intervals import wilson
from wakeword.evaluation.positives import Conditions, render_clip
from wakeword.inference.engine import open_engine
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model


@dataclass
class Share:
    """A count of clips among all of a kind."""

    count: int = 0
    of: int = 0

    def add(self, *, counts: bool) -> None:
        """Count a clip."""
        self.count, self.of = self.count + counts, self.of + 1

    def __str__(self) -> str:
        if not self.of:
            return "no clips"
        low, high = wilson(self.count, self.of)
        return f"{self.count / self.of:.1%} of {self.of} ({low:.1%} to {high:.1%})"


def measure(model: Model, data: Path, split: Split) -> tuple[Share, Share]:
    """Return the clips of the model's keywords that are found, and those of other words that are refused.

    Raises:
        DataError: as `list_clips` and `read_audio`, or a folder without clips of the keyword in this split.
    """
    keywords, engine = KeywordSet.of_labels(model.labels), open_engine(model)
    found, refused = Share(), Share()
    for number, clip in enumerate(list_clips(data, split)):
        engine.reset()
        trace = engine.push(render_clip(Conditions(), read_audio(clip.path), number, WINDOW))
        raised = {model.labels[event.label] for event in trace.events}
        label = clip_label(clip, keywords)
        if label in model.keywords:
            found.add(counts=label in raised)
        elif label is not None:
            refused.add(counts=not raised)
    if not found.of:
        raise DataError(f"{data} has no {split} clips of {', '.join(model.keywords)}; give another --data or --split")
    return found, refused


def main() -> None:
    """Parse the arguments, measure, and print a line for each model."""
    parser = Parser("one_keyword", __doc__, module=True)
    parser.add_argument("models", nargs="+", metavar="MODEL", help="model file, or the name of a shipped model")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of clips of words")
    parser.add_argument("--split", choices=SPLITS, default="test", help="clips to measure on (default: test)")
    options = parser.parse_args()
    with errors_in_one_line():
        for name in options.models:
            found, refused = measure(load_model(name), options.data, options.split)
            print(f"{name}: found {found}, refused {refused}", flush=True)


if __name__ == "__main__":
    main()
