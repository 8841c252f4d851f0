"""The loss against false accepts, which sees every step of a clip, not only the last."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

_SETTLING = 48  # frames at a clip's start, in which evidence carried from the last clip may still be high


def false_accept_loss(evidence: Tensor, targets: Tensor, first_word: int, frames_per_step: int) -> Tensor:
    """Return the mean over clips of -log(1 - P(a word)) at the step where P is largest; 0 for clips with a word.

    Max pooling over time, of the negatives alone (Sun et al., "Max-pooling loss training of LSTM networks for
    small-footprint keyword spotting", SLT 2016): a detector raises a word when one step reaches the threshold.

    evidence: (B, N, K), whose softmax is the posteriors. targets: (B, K), probabilities. first_word: the first label
    that is a word; if it is 0 there are no negatives and no loss.
    """
    settled = _SETTLING // frames_per_step
    if not first_word or evidence.shape[1] <= settled:
        return evidence.new_zeros(())
    negative = targets[:, :first_word].sum(dim=1)
    others = evidence[:, settled:, :first_word].logsumexp(dim=2)
    word = evidence[:, settled:, first_word:].logsumexp(dim=2)
    return (negative * functional.softplus((word - others).amax(dim=1))).mean()
