"""Accuracy on clips, by the same rule as the engine's."""

from __future__ import annotations

from copy import deepcopy
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from featurizer import SAMPLE_RATE
from wakeword.model.file import DetectorSettings
from wakeword.networks.keyword_net import KeywordNet
from wakeword.quantization.fake_quant import QuantizedNet
from wakeword.training.corpus import Corpus


class ClipErrors(NamedTuple):
    """How a network labels the validation clips, as `EpochResult` tells it."""

    accuracy: float
    missed: float | None  # None: there is no clip of a keyword
    false_accepts: float | None  # an hour; None: there is no other clip


def clip_errors(found: npt.NDArray[np.int64], corpus: Corpus) -> ClipErrors:
    """Compare the labels that a network gives to the validation clips with theirs, (n,)."""
    clips, first_word = corpus.validation, corpus.keywords.first_word
    is_word = clips.labels >= first_word
    hours = float((~is_word).sum()) * clips.samples.shape[1] / SAMPLE_RATE / 3600
    return ClipErrors(
        float((found == clips.labels).mean()),
        float((found != clips.labels)[is_word].mean()) if is_word.any() else None,
        float((found[~is_word] >= first_word).sum()) / hours if hours else None,
    )


def on_cpu(net: KeywordNet) -> KeywordNet:
    """Return the network, or a copy if it learns on another device."""
    return net if net.mean.device.type == "cpu" else deepcopy(net).cpu()


def clip_accuracy(network: KeywordNet | QuantizedNet, features: Tensor, labels: npt.NDArray[np.int64]) -> float:
    """Return the fraction of clips for which `clip_labels` gives the label (n,)."""
    return float((clip_labels(network, features) == labels).mean())


def clip_labels(network: KeywordNet | QuantizedNet, features: Tensor) -> npt.NDArray[np.int64]:
    """Return the label with the highest smoothed posterior at each clip's last frame, as in the engine, (n,).

    features: (n, T, D) in log2. A quantized network computes the engine's values, in float64, which holds them all.
    """
    if isinstance(network, QuantizedNet):
        network, net, dtype = deepcopy(network).double(), network.net, torch.float64
    else:
        net, dtype = network, torch.float32
    found = []
    with torch.no_grad():
        for part in features.split(512):
            logits = network.logits(network.states(part.to(dtype)))
            average = torch.zeros_like(logits[:, 0])
            steps = network.evidence(logits).softmax(dim=2)
            for posterior in steps.repeat_interleave(net.config.frames_per_step, dim=1).unbind(dim=1):
                average += (posterior - average) * 2.0**-DetectorSettings.smoothing
            found.append(average.argmax(dim=1))
    result: npt.NDArray[np.int64] = torch.cat(found).numpy()
    return result
