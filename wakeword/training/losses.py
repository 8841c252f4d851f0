"""A loss for all of a stream, where that of a clip's last step knows nothing of the steps before it."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

_SETTLING = 48  # frames at a clip's beginning, where what the last clip has said may still be above its threshold


def false_alarm(evidence: Tensor, labels: Tensor, first_word: int, frames_per_step: int) -> Tensor:
    """The mean, over clips, of -log(1 - P(a word)) at the step where that is largest; 0 for clips with a word.

    Max pooling over time, of the negatives alone (Sun et al., "Max-pooling loss training of LSTM networks for
    small-footprint keyword spotting", SLT 2016): a detector raises a word when one step reaches the threshold.

    evidence: (B, N, K), softmax of which is the posteriors. labels: (B, K), probabilities. first_word: the label
    from which on labels are words; with none before it there is no loss. frames_per_step: frames that a step has.
    """
    settled = _SETTLING // frames_per_step
    if not first_word or evidence.shape[1] <= settled:
        return evidence.new_zeros(())
    wordless = labels[:, :first_word].sum(dim=1)
    foreign = evidence[:, settled:, :first_word].logsumexp(dim=2)
    word = evidence[:, settled:, first_word:].logsumexp(dim=2)
    return (wordless * functional.softplus((word - foreign).amax(dim=1))).mean()
