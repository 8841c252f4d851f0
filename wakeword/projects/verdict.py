"""The verdict on a model, in one sentence by a stated rule, and what would help most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wakeword.errors import counted
from wakeword.projects.measure import NOISE

MISSES, NOISY_MISSES, PER_HOUR = 0.10, 0.25, 1.0  # at most, of a model that is good enough
TAKES = 10  # of one's own that tell how well a person is heard
ROOM_HOURS = 0.5  # of recordings of one's own room that are worth having
_FEW = 20  # clips that tell little

RULE = (
    f"Good enough is a model that misses at most {MISSES:.0%} of the clips of each phrase that were kept from "
    f"training, and {NOISY_MISSES:.0%} of them with noise 10 dB below the speech, and that other speech wakes at most "
    "once an hour."
)


@dataclass(frozen=True)
class Means:
    """What a model was made with. takes: own recordings of each phrase. short: phrases of few sounds.

    natural: whether voices spoke that sound natural. room_hours: of recordings without the phrases. refused: phrases
    that must not wake it.
    """

    takes: dict[str, int]
    short: tuple[str, ...]
    natural: bool
    room_hours: float
    refused: tuple[str, ...] = ()


def judge(words: Sequence[dict[str, Any]], hours: float, means: Means) -> dict[str, Any]:
    """Return `good`, `verdict`, `help` ("" if nothing more is worth doing) and `rule`.

    words: the figures of each phrase, as `wakeword.projects.measure` gives them. hours: of other speech.
    """
    woken = sum(word["false_accepts"]["count"] for word in words)
    faults = [(_missing(word), "misses", word) for word in words]
    if hours:  # what wakes it most often is to blame
        most = max(words, key=lambda word: int(word["false_accepts"]["count"]))
        faults.append((woken / hours / PER_HOUR, "wakes", most))
    ratio, fault, worst = max(faults, key=lambda each: each[0])
    if ratio > 1:
        return _verdict(False, f"Not good enough: {_told([worst], woken, hours)}", _help(fault, worst, means))
    missing = next((name for name, takes in means.takes.items() if takes < TAKES), None)
    advice = f"{_takes(missing)} would show how well it hears you." if missing else ""
    return _verdict(True, f"Good enough: {_told(words, woken, hours)}", advice)


def _verdict(good: bool, sentence: str, advice: str) -> dict[str, Any]:
    return {"good": good, "verdict": f"{sentence}.", "help": advice, "rule": RULE}


def _missing(word: dict[str, Any]) -> float:
    """Return how much more of a phrase it misses than the rule allows, as a ratio."""
    if not word["misses"]["of"]:
        return float("inf")  # nothing shows that it hears anything
    noisy = next((each["misses"] for each in word["by"]["noise"] if each["name"] == NOISE), 0.0)
    return max(float(word["misses"]["share"]) / MISSES, noisy / NOISY_MISSES)


def _told(words: Sequence[dict[str, Any]], woken: int, hours: float) -> str:
    """Return what is missed of each phrase, and how often other speech has woken the model by any."""
    missed = "; ".join(map(_missed, words))
    return f"{missed}, and {_woken(woken, hours)}" if hours else missed


def _missed(word: dict[str, Any]) -> str:
    misses, phrase = word["misses"], word["word"]
    if not misses["of"]:
        return f"no clip of {phrase!r} was kept from training to measure it by"
    noisy = next((each["misses"] for each in word["by"]["noise"] if each["name"] == NOISE), None)
    in_noise = "" if noisy is None else f" ({noisy:.0%} in noise)"
    few = ", which are too few to tell much" if misses["of"] < _FEW else ""
    return f"it missed {misses['count']} of {counted(misses['of'], 'clip')} of {phrase!r}{in_noise}{few}"


def _woken(count: int, hours: float) -> str:
    span = f"{hours:.1f} hours" if hours >= 0.95 else counted(round(60 * hours), "minute")
    often = {0: "nothing else woke it", 1: "other speech woke it once"}
    return f"{often.get(count, f'other speech woke it {count} times')} in {span}"


def _help(fault: str, word: dict[str, Any], means: Means) -> str:
    """Return what would help a phrase most: the first that is lacking of what mends such a fault."""
    phrase = word["word"]
    if fault == "wakes":
        if phrase in means.short:
            return f"A longer phrase than {phrase!r} would help most: 3 syllables and 6 sounds at least."
        if means.room_hours < ROOM_HOURS:
            return "Half an hour of your room or television, without the phrase, would help most."
        wakes = [each["text"] for each in word["nearest"] if each["score"] >= word["threshold"]]
        if near := [text for text in wakes if text not in means.refused]:
            return f"Refusing {near[0]!r}, which wakes it, would help most."
        return "A larger network, or a higher threshold, would help most."
    if means.takes.get(phrase, 0) < TAKES:
        return f"{_takes(phrase)} would help most."
    if not means.natural:
        return "More natural voices would help most: wakeword synth --fetch (121 MB)."
    if phrase in means.short:
        return f"A longer phrase than {phrase!r} would help most: 3 syllables and 6 sounds at least."
    return "Takes by more people, near and far, would help most."


def _takes(phrase: str | None) -> str:
    return f"Ten takes of {phrase!r} in your own voice"
