"""The verdict: one sentence by the stated rule, and the first lack that would mend what is worst."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from wakeword.projects.verdict import RULE, Means, judge

MEANS = Means(takes={"hey lumen": 12}, short=(), natural=True, room_hours=1.0)


def figures(
    misses: int = 2, of: int = 60, noisy: float = 0.1, wakes: int = 0, hours: float = 1.0, word: str = "hey lumen"
) -> dict[str, Any]:
    return {
        "word": word,
        "threshold": 0.7,
        "misses": {"share": misses / of if of else None, "count": misses, "of": of},
        "false_accepts": {"count": wakes, "per_hour": wakes / hours},
        "by": {"noise": [{"name": "near silence", "misses": 0.0}, {"name": "noise 10 dB below", "misses": noisy}]},
        "nearest": [{"text": "hey human", "score": 0.9}, {"text": "hello men", "score": 0.3}],
    }


def test_a_model_within_the_rule_is_good_enough() -> None:
    verdict = judge([figures()], 1.0, MEANS)
    assert verdict == {
        "good": True,
        "verdict": "Good enough: it missed 2 of 60 clips of 'hey lumen' (10% in noise), and nothing else woke it in "
        "1.0 hours.",
        "help": "",
        "rule": RULE,
    }


@pytest.mark.parametrize(
    ("change", "good"),
    [
        ({"misses": 6}, True),
        ({"misses": 7}, False),
        ({"noisy": 0.25}, True),
        ({"noisy": 0.3}, False),
        ({"wakes": 1}, True),
        ({"wakes": 2}, False),
        ({"misses": 0, "of": 0}, False),
    ],
)
def test_the_rule_has_these_limits(change: dict[str, Any], good: bool) -> None:
    assert judge([figures(**change)], 1.0, MEANS)["good"] is good


def test_the_worst_of_several_phrases_is_told() -> None:
    words = [figures(wakes=2), figures(misses=50, word="ok nexus"), figures(word="good lamp")]
    told = judge(words, 0.5, replace(MEANS, takes={}))["verdict"]
    assert told == (
        "Not good enough: it missed 50 of 60 clips of 'ok nexus' (10% in noise), and other speech woke it 2 times in "
        "30 minutes."
    )


def test_all_phrases_together_wake_it_at_most_once_an_hour() -> None:
    """Three phrases that are raised 0.9 times an hour each wake it 2.7 times."""
    words = [figures(wakes=9, word=word) for word in ("hey lumen", "good lamp")] + [figures(wakes=10, word="ok nexus")]
    found = judge(words, 11.0, replace(MEANS, short=("ok nexus",)))
    assert not found["good"] and "of 'ok nexus'" in found["verdict"]
    assert found["verdict"].endswith("and other speech woke it 28 times in 11.0 hours.")
    assert found["help"].startswith("A longer phrase than 'ok nexus'")
    told = judge([figures(), figures(word="ok nexus", wakes=1)], 2.0, replace(MEANS, takes={}))["verdict"]
    assert told == (
        "Good enough: it missed 2 of 60 clips of 'hey lumen' (10% in noise); it missed 2 of 60 clips of 'ok nexus' "
        "(10% in noise), and other speech woke it once in 2.0 hours."
    )


def test_few_clips_and_several_wakes_are_told() -> None:
    told = judge([figures(misses=1, of=3, wakes=4)], 2.0, MEANS)["verdict"]
    assert "1 of 3 clips of 'hey lumen' (10% in noise), which are too few to tell much, and other speech woke" in told
    assert told.endswith("woke it 4 times in 2.0 hours.")
    assert "no clip of 'hey lumen' was kept from training" in judge([figures(of=0, misses=0)], 1.0, MEANS)["verdict"]


@pytest.mark.parametrize(
    ("fault", "lack", "advice"),
    [
        ({"wakes": 9}, {"short": ("hey lumen",)}, "A longer phrase than 'hey lumen' would help most"),
        ({"wakes": 9}, {"room_hours": 0.1}, "Half an hour of your room or television"),
        ({"wakes": 9}, {}, "Refusing 'hey human', which wakes it, would help most"),
        ({"wakes": 9}, {"refused": ("hey human",)}, "A larger network, or a higher threshold, would help most"),
        ({"misses": 30}, {"takes": {"hey lumen": 3}}, "Ten takes of 'hey lumen' in your own voice would help most"),
        ({"misses": 30}, {"natural": False}, "More natural voices would help most: wakeword synth --fetch"),
        ({"misses": 30}, {"short": ("hey lumen",)}, "A longer phrase than 'hey lumen' would help most"),
        ({"misses": 30}, {}, "Takes by more people, near and far, would help most"),
        ({}, {"takes": {"hey lumen": 0}}, "Ten takes of 'hey lumen' in your own voice would show how well"),
    ],
)
def test_what_lacks_would_help(fault: dict[str, Any], lack: dict[str, Any], advice: str) -> None:
    assert judge([figures(**fault)], 1.0, replace(MEANS, **lack))["help"].startswith(advice)
