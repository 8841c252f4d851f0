"""Carried state: which states are saved, and which clips begin in them, how often."""

import pytest
import torch

from wakeword.data.keywords import keyword_set
from wakeword.training.carried_state import SavedStates, Start, sample, save, silence_weights

KEYWORDS = keyword_set("low,high")
STATES = torch.arange(12.0).reshape(2, 3, 2)  # two clips of three steps, two units
LOGITS = torch.ones(2, 3, 4)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_the_state_is_saved_the_given_number_of_steps_before_the_end() -> None:
    assert save(STATES, LOGITS, 0, None, 0, None).states.tolist() == [[4, 5], [10, 11]]
    assert save(STATES, LOGITS, 0, None, 1, None).states.tolist() == [[2, 3], [8, 9]]
    assert save(STATES, LOGITS, 0, None, 9, None).states.tolist() == [[0, 1], [6, 7]]  # no earlier than its first


def test_the_evidence_is_saved_at_the_same_step_and_adds_to_the_initial_evidence() -> None:
    """With logits of one, an average over two steps comes half of the way to one with each step."""
    assert save(STATES, LOGITS, 1, None, 1, None).evidence.tolist() == [[0.75] * 4] * 2
    assert save(STATES, LOGITS, 1, torch.ones(2, 4), 1, None).evidence.tolist() == [[1.0] * 4] * 2


def test_the_first_batch_and_a_probability_of_zero_begin_in_zeros() -> None:
    saved = save(STATES, LOGITS, 0, None, 0, None)
    assert sample(None, 5, 0.5, generator()) == Start(None, None, None)
    assert sample(saved, 5, 0.0, generator()) == Start(None, None, None)


def test_state_and_evidence_are_of_the_same_clip_and_as_often_as_wanted() -> None:
    saved = SavedStates(torch.tensor([[1.0], [2.0]]), torch.tensor([[10.0], [20.0]]), None)
    states, evidence, continued = sample(saved, 4000, 0.75, generator())
    assert states is not None and evidence is not None and continued is not None
    assert torch.equal(evidence, 10 * states)
    assert torch.equal(continued, states[:, 0] > 0)
    shares = [float((states == value).float().mean()) for value in (0, 1, 2)]
    assert shares == pytest.approx([0.25, 0.375, 0.375], abs=0.03)


def test_states_are_sampled_by_weight() -> None:
    saved = SavedStates(torch.tensor([[1.0], [2.0]]), torch.zeros(2, 1), torch.tensor([1.0, 3.0]))
    states = sample(saved, 4000, 1.0, generator()).states
    assert states is not None and float((states == 2).float().mean()) == pytest.approx(0.75, abs=0.03)


def test_the_wanted_fraction_of_states_is_from_silent_clips() -> None:
    labels = torch.eye(4)[[0, 2, 3, 2, 3, 2, 1, 0]]  # two of eight are silence
    assert silence_weights(labels, KEYWORDS, 0.0) is None
    weights = silence_weights(labels, KEYWORDS, 0.4)
    assert weights is not None and weights.tolist() == pytest.approx([0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2])
    assert silence_weights(labels[1:7], KEYWORDS, 0.4) is None  # no clip is silent
