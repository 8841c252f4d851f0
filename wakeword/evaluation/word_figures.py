"""What a user meets of each word at its threshold: misses, and false accepts per hour."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from featurizer import SAMPLE_RATE
from wakeword.columns import padded
from wakeword.data.examples import Examples
from wakeword.errors import counted
from wakeword.evaluation.clip_stream import ClipStream
from wakeword.evaluation.det import SECONDS_AN_HOUR
from wakeword.evaluation.intervals import poisson_interval
from wakeword.evaluation.thresholds import HIGHEST
from wakeword.inference.front_end import LOG_MEL, FrontEnd
from wakeword.model.file import Model
from wakeword.model.score import as_fraction

_MOST_MISSED = 0.5  # of the clips of a word; beyond, nobody would go on saying it


@dataclass(frozen=True)
class WordFigures:
    """The outcome of a stream of clips for one word."""

    word: str
    threshold: int  # Q15
    clips: int  # of the word
    misses: int
    hours: float  # of clips without the word
    false_accepts: int

    @property
    def at_limit(self) -> bool:
        """Tell whether a higher threshold was needed than there is."""
        return self.threshold >= HIGHEST

    def as_json(self) -> dict[str, Any]:
        """Return the fields, with the threshold as a fraction of one."""
        return asdict(self) | {"threshold": as_fraction(self.threshold)}

    def as_text(self) -> str:
        """Return the figures as a line; a second one says so if the threshold is too high to be of use."""
        parts = [f"threshold {as_fraction(self.threshold):.2f}"]
        if self.clips:
            parts.append(f"misses {self.misses / self.clips:.1%} of {counted(self.clips, 'clip')}")
        if self.hours:
            low, high = (mean / self.hours for mean in poisson_interval(self.false_accepts))
            count = counted(self.false_accepts, "false accept")
            parts.append(f"{count} in {self.hours:.2f} h: {low:.1f} to {high:.1f} per hour (95 % interval)")
        line = f"  {padded(self.word, 12)} {', '.join(parts)}"
        if self.at_limit:
            return (
                f"{line}\n  {self.word} is no good as a wake word yet: other sounds reach the highest threshold there "
                f"is. Add clips of {self.word} and of other words, or choose a larger --size"
            )
        if self.misses > _MOST_MISSED * self.clips:
            return (
                f"{line}\n  {self.word} is missed more often than it is heard. A longer phrase, more clips or a larger "
                "--size would help; a lower --threshold hears more, and lets more false accepts pass"
            )
        return line


def word_figures(
    model: Model, examples: Examples, seed: int = 0, front_end: FrontEnd = LOG_MEL
) -> tuple[WordFigures, ...]:
    """Count misses and false accepts of each word on a stream of clips, whose labels index `model.labels`."""
    stream = ClipStream.play(model, examples, seed, front_end)
    hours = examples.samples.shape[1] / SAMPLE_RATE / SECONDS_AN_HOUR
    figures = []
    for label, word in enumerate(model.keywords, model.first_word):
        is_word = stream.labels == label
        detected = [stream.clips_of(event) for event in stream.events if event.label == label]
        hits = {int(clip) for clips in detected for clip in clips[is_word[clips]][-1:]}
        figures.append(
            WordFigures(
                word,
                model.detector.thresholds[label],
                clips=int(is_word.sum()),
                misses=int(is_word.sum()) - len(hits),
                hours=float((~is_word).sum() * hours),
                false_accepts=sum(not is_word[clips].any() for clips in detected),
            )
        )
    return tuple(figures)
