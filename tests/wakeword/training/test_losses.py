"""The loss against false accepts: which clips and steps count, and the direction of its gradient."""

import math

import pytest
import torch

from wakeword.training.losses import _SETTLING, false_accept_loss

SILENCE, UNKNOWN, WORD = torch.eye(3)
FIRST_WORD = 2
AFTER = _SETTLING + 10


def evidence(clips: int = 1) -> torch.Tensor:
    """Of clips in which all three labels are alike at every step: P(a word) is a third."""
    return torch.zeros(clips, _SETTLING + 40, 3)


def test_only_the_step_that_is_most_like_a_word_counts() -> None:
    alike = evidence()
    assert false_accept_loss(alike, UNKNOWN[None], FIRST_WORD, 1).item() == pytest.approx(-math.log(2 / 3))
    alike[0, AFTER, 2] = 5
    share = math.exp(5) / (math.exp(5) + 2)
    assert false_accept_loss(alike, UNKNOWN[None], FIRST_WORD, 1).item() == pytest.approx(-math.log(1 - share))


def test_all_words_together_are_a_word() -> None:
    assert false_accept_loss(evidence(), SILENCE[None], 1, 1).item() == pytest.approx(-math.log(1 / 3))


def test_a_clip_with_a_word_has_none_and_a_taught_one_its_share() -> None:
    labels = torch.stack([WORD, SILENCE, 0.25 * UNKNOWN + 0.75 * WORD])
    assert false_accept_loss(evidence(3), labels, FIRST_WORD, 1).item() == pytest.approx(-math.log(2 / 3) * 1.25 / 3)


def test_evidence_carried_from_the_clip_before_does_not_count() -> None:
    begins = evidence()
    begins[0, :_SETTLING, 2] = 9
    assert false_accept_loss(begins, UNKNOWN[None], FIRST_WORD, 1).item() == pytest.approx(-math.log(2 / 3))
    assert false_accept_loss(begins[:, :_SETTLING], UNKNOWN[None], FIRST_WORD, 1).item() == 0  # a clip of nothing else
    assert false_accept_loss(begins, WORD[None], 0, 1).item() == 0  # and a set of words alone


def test_steps_of_several_frames_settle_in_as_much_time() -> None:
    begins = evidence()
    begins[0, : _SETTLING // 2, 2] = 9
    assert false_accept_loss(begins, UNKNOWN[None], FIRST_WORD, 2).item() == pytest.approx(-math.log(2 / 3))
    begins[0, _SETTLING // 2, 2] = 9
    assert false_accept_loss(begins, UNKNOWN[None], FIRST_WORD, 2).item() > 8


def test_it_pushes_the_word_down_at_that_step_alone() -> None:
    steps = evidence()
    steps[0, AFTER, 2] = 1
    steps.requires_grad_()
    false_accept_loss(steps, UNKNOWN[None], FIRST_WORD, 1).backward()
    assert steps.grad is not None
    assert steps.grad[0, AFTER, 2] > 0 > steps.grad[0, AFTER, 1]
    assert steps.grad.abs().sum() == steps.grad[0, AFTER].abs().sum()
