"""Several models on one source: each raises the words that it raises alone, and commands are heard after a word."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from featurizer import HOP, SAMPLE_RATE, WINDOW
from featurizer.logmel import Samples
from service.active_models import MAX_MODELS, ActiveModels
from service.detection.setup import Setup, Word
from service.detection.source import Detection, ProcessedBlock, Source
from service.detection.tuning import TunedModel, tuned
from service.store.words import Tuning
from service.wyoming.words import InfoMessage
from tests.service.wake_models import COMMAND_FRAMES, commands, wake_model, wakes
from tests.signals import demo
from tests.wakeword.models import random_model
from wakeword.errors import UsageError
from wakeword.model.pretrained import load_model

ONE = tuned("one", random_model(0), {})
TWO = tuned("two", random_model(1, words=2, frames_per_step=3), {})
WAKE = tuned("wake", wake_model(), {})
GOOGLE = tuned("google12", load_model(), {})
QUIET = tuned("digits10", load_model("digits10"), {})  # none of its words is in the demo recording
AFTER_A_WORD = Setup((WAKE,), (GOOGLE,))


def _detections(source: Source, samples: Samples, setup: Setup, block: int = 1600) -> list[Detection]:
    found = []
    for at in range(0, len(samples), block):
        piece = samples[at : at + block]
        prepared = source.prepare(piece, setup)  # which may open another engine
        found += source.process(piece, source.engine.push(prepared)).detections
    return found


def _heard(*changes: tuple[int, Setup]) -> list[Detection]:
    """Return what a source detects in the demo recording. changes: samples at which each setup begins; 0 is first."""
    source = Source("a", "test", changes[0][1])
    starts = [start for start, _ in changes]
    parts = zip(pairwise([*starts, len(demo())]), changes, strict=True)
    return [found for (start, stop), (_, setup) in parts for found in _detections(source, demo()[start:stop], setup)]


def _of(found: list[Detection], part: TunedModel) -> list[Detection]:
    return [it for it in found if it.model == part.name]


def _moved(one: list[Detection], other: list[Detection]) -> int:
    """Return how many frames later or earlier the same words are detected, at most."""
    assert [it.word for it in one] == [it.word for it in other] != []
    return int(np.abs(np.subtract([it.frame for it in one], [it.frame for it in other])).max())


def test_each_model_detects_what_it_does_alone_and_all_in_the_order_of_time() -> None:
    found = _heard((0, Setup((ONE, TWO))))
    for part in (ONE, TWO):
        assert _of(found, part) == _heard((0, Setup((part,)))) != []
    assert [it.frame for it in found] == sorted(it.frame for it in found)


def test_the_refractory_time_of_a_word_holds_back_its_own_model_only() -> None:
    patient = tuned("one", ONE.own, {word: Tuning(refractory=600) for word in ONE.own.keywords})
    found = _heard((0, Setup((patient, TWO))))
    assert len(_of(found, patient)) == 1
    assert _of(found, TWO) == _heard((0, Setup((TWO,))))


def test_each_model_keeps_its_own_scores() -> None:
    source = Source("a", "test", Setup((ONE, TWO)))
    found = _detections(source, demo(), source.setup, block=997)
    for part in (ONE, TWO):
        simulated = source.score_histories[part.key].scores().simulate(part)
        assert [(part.model.keywords[it.word], it.frame) for it in simulated] == [
            (it.word, it.frame) for it in _of(found, part)
        ]


def _block(setup: Setup, samples: Samples) -> ProcessedBlock:
    source = Source("a", "test", setup)
    return source.process(samples, source.engine.push(samples))


def test_a_model_whose_file_is_replaced_by_one_of_other_words_begins_its_scores_anew() -> None:
    source, wider = Source("a", "test", Setup((TWO,))), tuned("two", ONE.own, {})
    _detections(source, demo()[: 10 * SAMPLE_RATE], source.setup)
    found = _detections(source, demo()[10 * SAMPLE_RATE :], Setup((wider,)))
    assert found and source.score_histories.keys() == {wider.key} != {TWO.key}
    simulated = source.score_histories[wider.key].scores().simulate(wider)
    assert {it.word for it in simulated} == {wider.own.keywords.index(it.word) for it in found}


def test_the_scores_of_a_block_name_the_model_if_there_are_several() -> None:
    alone, other, both = (_block(Setup(parts), demo()[:32_000]).scores for parts in ((ONE,), (TWO,), (ONE, TWO)))
    assert alone["scores"].keys() == set(ONE.model.keywords) and alone.keys() == {"scores"}
    assert both["model_scores"] == {"one": alone["scores"], "two": other["scores"]}
    highest = {word: max(score, other["scores"].get(word, 0.0)) for word, score in alone["scores"].items()}
    assert both["scores"] == highest != alone["scores"]


def test_a_word_that_two_models_share_has_its_full_name() -> None:
    setup = Setup((ONE, TWO))
    shared, unshared = Word("two", "word1"), Word("one", "word3")
    assert (setup.name_of(shared), setup.name_of(unshared)) == ("word1 (two)", "word3")
    assert len(setup.words) == 6 and setup.distinct_words == ONE.model.keywords


@pytest.mark.parametrize("at", range(5 * SAMPLE_RATE + 7, 20 * SAMPLE_RATE, 4 * SAMPLE_RATE + 13))
def test_a_model_that_joins_or_leaves_changes_no_detection_of_the_others(at: int) -> None:
    alone, both, tried = Setup((GOOGLE,)), Setup((TWO, GOOGLE)), Setup((GOOGLE,), candidate=TWO)
    for before, after in ((alone, both), (both, alone), (alone, tried), (tried, alone)):
        assert _moved(_of(_heard((0, before), (at, after)), GOOGLE), _heard((0, alone))) <= 2


def test_a_candidate_detects_what_it_does_alone_and_makes_no_command_heard() -> None:
    found = _heard((0, Setup((QUIET,), (GOOGLE,), candidate=WAKE)))
    assert found == _heard((0, Setup((WAKE,)))) != []
    found = _heard((0, Setup((WAKE,), (GOOGLE,), candidate=TWO)))
    assert [it for it in found if it.model != "two"] == _heard((0, AFTER_A_WORD))


def test_nobody_is_told_the_words_of_a_candidate() -> None:
    setup, tried = Setup((ONE,)), Setup((ONE,), candidate=TWO)
    assert (tried.words, tried.distinct_words) == (setup.words, setup.distinct_words)
    assert tried.name_of(Word("one", "word1")) == "word1"
    assert InfoMessage().of(tried) == InfoMessage().of(setup)
    assert _block(tried, demo()[:32_000]).scores == _block(setup, demo()[:32_000]).scores


def test_the_rival_of_a_candidate_is_the_active_model_that_has_most_of_its_words() -> None:
    twin, other = tuned("twin", ONE.own, {}), tuned("other", load_model("digits10"), {})
    assert Setup((GOOGLE, TWO, ONE), candidate=twin).rival is ONE
    assert Setup((GOOGLE, other), (ONE,), candidate=twin).rival is None
    assert Setup((ONE,)).rival is None


def test_commands_are_heard_for_five_seconds_after_a_word() -> None:
    found = _heard((0, AFTER_A_WORD))
    assert [it.frame for it in _of(found, WAKE)] == wakes()
    assert [it.word for it in _of(found, GOOGLE)] == commands() != [it.word for it in _heard((0, Setup((GOOGLE,))))]


@pytest.mark.parametrize("seconds", [0.1, 1.0, 2.5, 4.2])
def test_a_command_after_a_change_of_the_models_is_heard_if_the_word_came_before_it(seconds: float) -> None:
    """Though the new engine is given the last three seconds only."""
    at = wakes()[0] * HOP + WINDOW + round(seconds * SAMPLE_RATE)
    for setup in (Setup((WAKE,), (GOOGLE,)), Setup((WAKE, QUIET), (GOOGLE,))):
        found = _heard((0, AFTER_A_WORD), (at, setup))
        assert [it.word for it in _of(found, GOOGLE)] == commands()


@pytest.mark.parametrize("seconds", [0.1, 1.0, 2.5, 3.5])
def test_a_change_of_the_models_makes_commands_heard_no_longer_nor_shorter(seconds: float) -> None:
    unbroken, changed = (Source(name, "test", AFTER_A_WORD) for name in ("a", "b"))
    at = wakes()[0] * HOP + WINDOW + round(seconds * SAMPLE_RATE)
    heard: list[list[bool]] = []  # frame by frame
    for source, setup in ((unbroken, AFTER_A_WORD), (changed, Setup((WAKE, QUIET), (GOOGLE,)))):
        _detections(source, demo()[:at], AFTER_A_WORD)
        rest = demo()[at : at + 5 * SAMPLE_RATE]
        prepared = source.prepare(rest, setup)
        block = source.process(rest, source.engine.push(prepared))
        heard.append([bool(scores.any()) for scores in block.column_scores[:, setup.word_columns["google12"]]])
    assert len(heard[0]) == 500 and heard[0] == heard[1]
    assert sum(heard[0]) == pytest.approx(COMMAND_FRAMES - 100 * seconds, abs=10)


@pytest.mark.parametrize(
    ("models", "then", "line"),
    [
        ([], ["a"], "no model would listen; name one at least that does so always"),
        ([str(number) for number in range(MAX_MODELS)], ["a"], "9 models are too many; 8 may listen"),
        (["a", "b"], ["b"], "the model b can't listen both always and after a word of others; choose one"),
        (["a", "a"], [], "the model a is given twice; give each once"),
        (["a"], ["b", "b"], "the model b is given twice; give each once"),
    ],
)
def test_models_that_cannot_listen_together_are_refused(models: list[str], then: list[str], line: str) -> None:
    with pytest.raises(UsageError, match=line):
        ActiveModels(tuple(models), tuple(then))


def test_as_many_models_as_may_listen_do() -> None:
    names = tuple(str(number) for number in range(MAX_MODELS))
    assert ActiveModels(names).models == ActiveModels(names[:1], names[1:]).models + names[1:]
