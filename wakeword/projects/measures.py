"""What is measured of a take: where its word is, how loud it is, and what the speaker could do better."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace

import numpy as np

from featurizer import HOP, SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.level import SILENT_DBFS, active_level
from wakeword.audio.utterances import Stretch
from wakeword.errors import UsageError
from wakeword.live.take import ABOVE_ROOM_DB, CLIPPED, MARGIN, MOST_CLIPPED, QUIETEST_DBFS, SHORTEST_CLIP, Fault

_FULL_SCALE = 32768.0
_EDGE = 2 * HOP  # samples; a word this near to an end of its recording is cut off
_SHORTEST_SECONDS = 0.1  # that training takes
_LONGEST_SECONDS = 4.0  # that it learns whole


@dataclass(frozen=True)
class Measures:
    """What is measured of a take. Times are seconds from the begin of the whole.

    begin, end: of the trimmed part, of which `seconds`, `level_dbfs` (of its speech), `peak_dbfs` and `clipped` tell.
    noise_dbfs: of the room. advice: one line, "" if the take is fine.
    """

    seconds: float
    whole_seconds: float
    begin: float
    end: float
    suggested_begin: float
    suggested_end: float
    level_dbfs: float
    peak_dbfs: float
    noise_dbfs: float
    clipped: bool
    advice: str

    @classmethod
    def unreadable(cls, reason: str) -> Measures:
        """Return what there is to say of a file that can't be read."""
        return cls(0, 0, 0, 0, 0, 0, SILENT_DBFS, SILENT_DBFS, SILENT_DBFS, clipped=False, advice=reason)

    @classmethod
    def of_json(cls, content: object) -> Measures:
        """Return the measures that an object of JSON has. Raises ValueError if it is none of measures."""
        known = {each.name: each.type for each in fields(cls)}
        if not isinstance(content, dict) or set(content) != set(known):
            raise ValueError("these are no measures")
        for name, kind in known.items():
            value = content[name]
            if kind == "float":
                fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            else:
                fits = isinstance(value, bool if kind == "bool" else str)
            if not fits:
                raise ValueError(f"{name} is no {kind}")
        return cls(**content)

    def cut(self, whole: Samples) -> Samples:
        """Return the trimmed part."""
        return whole[round(self.begin * SAMPLE_RATE) : round(self.end * SAMPLE_RATE)]

    def trimmed(self, whole: Samples, begin: float, end: float) -> Measures:
        """Return the measures of another part. Raises UsageError if it isn't in the whole, or too short."""
        length = len(whole) / SAMPLE_RATE
        if not (0 <= begin < end <= length + 0.01 and end - begin >= _SHORTEST_SECONDS):  # NaN fails too
            raise UsageError(
                f"{begin:g} to {end:g} seconds can't be cut out of {length:.2f}; leave at least {_SHORTEST_SECONDS} s"
            )
        part = Stretch(round(begin * SAMPLE_RATE), min(round(end * SAMPLE_RATE), len(whole)))
        suggested = Stretch(round(self.suggested_begin * SAMPLE_RATE), round(self.suggested_end * SAMPLE_RATE))
        return _of_part(whole, part, suggested, self.noise_dbfs)


def measured(whole: Samples, room: float, utterance: Stretch | None, *, trim: bool = True) -> Measures:
    """Measure a recording, int16 at 16 kHz.

    room: level of its noise in dBFS. utterance: where its word is; None if it is noise. trim: to what is suggested.
    """
    everything = Stretch(0, len(whole))
    if utterance is None:
        return replace(_of_part(whole, everything, everything, room), advice="")
    suggested = suggested_trim(utterance, len(whole))
    measures = _of_part(whole, suggested if trim else everything, suggested, room)
    if not measures.advice and (utterance.begin < _EDGE or utterance.end > len(whole) - _EDGE):
        return replace(measures, advice=Fault.CUT.value)
    return measures


def suggested_trim(utterance: Stretch, length: int) -> Stretch:
    """Return the part to train on: an utterance with a margin of the room, a second at least if there is as much."""
    around = max(MARGIN, (SHORTEST_CLIP - (utterance.end - utterance.begin) + 1) // 2)
    return Stretch(max(0, utterance.begin - around), min(length, utterance.end + around))


def _of_part(whole: Samples, part: Stretch, suggested: Stretch, room: float) -> Measures:
    samples = whole[part.begin : part.end]
    magnitudes = np.abs(samples.astype(np.int32))
    level = max(active_level(samples.astype(np.float32)), SILENT_DBFS) if len(samples) >= 2 * HOP else SILENT_DBFS
    peak = 20 * math.log10(max(int(magnitudes.max(initial=0)), 1) / _FULL_SCALE)
    clipped = int(np.count_nonzero(magnitudes >= CLIPPED)) > MOST_CLIPPED
    times = (part.end - part.begin, len(whole), part.begin, part.end, suggested.begin, suggested.end)
    seconds, whole_seconds, begin, end, suggested_begin, suggested_end = (round(at / SAMPLE_RATE, 4) for at in times)
    return Measures(
        seconds,
        whole_seconds,
        begin,
        end,
        suggested_begin,
        suggested_end,
        level_dbfs=round(level, 1),
        peak_dbfs=round(peak, 1),
        noise_dbfs=round(room, 1),
        clipped=clipped,
        advice=_advice(seconds, level, room, clipped),
    )


def _advice(seconds: float, level: float, room: float, clipped: bool) -> str:
    if clipped:
        return Fault.CLIPPED.value
    if level < max(QUIETEST_DBFS, room + ABOVE_ROOM_DB):
        return Fault.QUIET.value
    if seconds > _LONGEST_SECONDS:
        return f"longer than {_LONGEST_SECONDS:g} seconds, of which the loudest are learned: trim it"
    return ""
