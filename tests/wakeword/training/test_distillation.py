"""The teacher: its posteriors, its training, and the conversion of its classes to labels."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from wakeword.data.examples import Examples
from wakeword.data.keywords import SILENCE, UNKNOWN, KeywordSet, keyword_set
from wakeword.inference.front_end import LOG_MEL
from wakeword.networks.teacher import Teacher
from wakeword.training import distillation
from wakeword.training.config import FeatureAugmentation, TeacherConfig
from wakeword.training.corpus import Corpus
from wakeword.training.distillation import TeacherRun, posteriors, to_labels
from wakeword.training.feature_augment import random_equalizer

# With 24 epochs every seed tells all test clips apart; with 12, rounding decides whether 95 % are.
CONFIG = TeacherConfig(widths=(8, 12, 16), epochs=24, batch_size=20, feature_augmentation=FeatureAugmentation())


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """As `train` has it: two threads that wait for each other on a busy machine take many times as long."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def clips(seed: int = 0, count: int = 120) -> tuple[torch.Tensor, torch.Tensor]:
    """Three classes that differ in which third of the bands is loud, in noise."""
    generator = torch.Generator().manual_seed(seed)
    classes = torch.randint(3, (count,), generator=generator)
    features = torch.randn(count, 40, 32, generator=generator)
    for clip, number in zip(features, classes.tolist(), strict=True):
        clip[10:30, 10 * number : 10 * number + 10] += 2
    return features, classes


def learned(config: TeacherConfig = CONFIG, seed: int = 0) -> TeacherRun:
    torch.manual_seed(seed)
    run = TeacherRun(replace(config, seed=seed), 3, torch.zeros(32), torch.ones(32))
    for _ in range(config.epochs):
        run.train_epoch(*clips())
    return run


@pytest.fixture(scope="module")
def run() -> TeacherRun:
    return learned()


def accuracy(network: Teacher, features: torch.Tensor, classes: torch.Tensor) -> float:
    return float((posteriors(network, features).argmax(dim=1) == classes).float().mean())


def fingerprint(name: str, level: int) -> str:
    """The fingerprint of a teacher of one clip."""
    clip = Examples(np.full((1, 16_000), level, np.int16), np.zeros(1, np.int64), (name,))
    corpus = Corpus(keyword_set("low"), clip, clip, clip, [], ("low",), clip.labels, LOG_MEL)
    return distillation._fingerprint(CONFIG, corpus)


def test_a_teacher_is_one_of_its_clips_and_of_no_others_under_their_names() -> None:
    for name in ("low/ada/1.wav", "low/me@home.wav", "low/piper-x#1"):
        assert fingerprint(name, 1) == fingerprint(name, 1) != fingerprint(name, 2)
    assert fingerprint("low/ada/1.wav", 1) != fingerprint("low/ada/2.wav", 1)


def test_a_teacher_serves_every_draw_of_what_is_cut_from_noise() -> None:
    for folder in ("_background_noise_/hum.wav", "_made_noise_/0"):
        assert fingerprint(f"{folder}@1", 1) == fingerprint(f"{folder}@2", 2)


def test_it_learns_to_tell_classes_apart(run: TeacherRun) -> None:
    assert accuracy(run.average, *clips(seed=1)) > 0.95


def test_a_temporal_convolution_network_learns_them_too() -> None:
    assert accuracy(learned(replace(CONFIG, kind="tc-resnet")).average, *clips(seed=1)) > 0.95


def test_one_that_learned_with_random_equalizers_tells_classes_apart_through_them() -> None:
    features, classes = clips(seed=1, count=400)
    equalized = random_equalizer(features, 0.8, torch.Generator().manual_seed(0))
    longer = replace(CONFIG, epochs=30)
    used = learned(replace(longer, feature_augmentation=FeatureAugmentation(equalizer=0.8))).average
    unused = learned(longer).average
    assert accuracy(used, equalized, classes) > 0.95 > accuracy(unused, equalized, classes)


def test_after_a_short_training_the_average_is_as_sure_as_the_network() -> None:
    """The weights of the first epochs, which know little, are no longer in it."""
    features, classes = clips(seed=1)
    short = learned(replace(CONFIG, epochs=8))
    short.network.eval()
    its_own, averaged = (
        float(posteriors(network, features)[torch.arange(len(classes)), classes].mean())
        for network in (short.network, short.average)
    )
    assert averaged > its_own - 0.05


def test_posteriors_are_probabilities_of_every_class(run: TeacherRun) -> None:
    found = posteriors(run.average, clips(count=7)[0])
    assert found.shape == (7, 3)
    torch.testing.assert_close(found.sum(dim=1), torch.ones(7))


def test_the_teacher_is_the_average_and_posteriors_do_not_change_it(run: TeacherRun) -> None:
    before = {name: value.clone() for name, value in run.average.state_dict().items()}
    posteriors(run.average, clips(seed=2)[0])
    assert all(torch.equal(before[name], value) for name, value in run.average.state_dict().items())
    assert any(not torch.equal(before[name], value) for name, value in run.network.state_dict().items())


def test_the_seed_decides() -> None:
    weights = [learned(TeacherConfig(widths=(8, 8), epochs=1, batch_size=20), seed).average for seed in (3, 3, 4)]
    first, again, other = ([*network.state_dict().values()] for network in weights)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(first, other, strict=True))


def test_epochs_of_the_same_clips_take_them_in_another_order(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[torch.Tensor] = []

    def noted(features: torch.Tensor, *_: object) -> torch.Tensor:
        taken.append(features[:, 0, 0])
        return features

    monkeypatch.setattr(distillation, "augment_features", noted)
    run = TeacherRun(CONFIG, 3, torch.zeros(32), torch.ones(32))
    features, classes = clips()
    for _ in range(2):
        run.train_epoch(features, classes)
    half = len(taken) // 2
    first, second = torch.cat(taken[:half]), torch.cat(taken[half:])
    assert not torch.equal(first, second)
    assert torch.equal(first.sort().values, second.sort().values)


def test_a_gradual_teacher_first_hears_its_clips_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    masks: list[int] = []

    def noted(features: torch.Tensor, _: object, config: FeatureAugmentation, *__: object) -> torch.Tensor:
        masks.append(config.masks.count)
        return features

    monkeypatch.setattr(distillation, "augment_features", noted)
    learned(TeacherConfig(widths=(8, 8), epochs=3, batch_size=120, gradual=True))
    assert masks == [0, 1, 2]


def test_other_words_are_unknown_words() -> None:
    keywords = KeywordSet("yes", ("yes",))
    assert keywords.labels == (SILENCE, UNKNOWN, "yes")
    found = torch.tensor([[0.1, 0.2, 0.3, 0.25, 0.15]])  # and two other words
    np.testing.assert_allclose(to_labels(found, keywords), [[0.1, 0.6, 0.3]], atol=1e-6)


def test_without_an_unknown_class_posteriors_are_those_of_the_labels() -> None:
    keywords = KeywordSet("two", ("yes", "no"), unknown=False, silence=False)
    found = torch.tensor([[0.4, 0.6]])
    assert torch.equal(to_labels(found, keywords), found)
