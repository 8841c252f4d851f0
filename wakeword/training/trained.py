"""A trained network: its float weights, its model if it has an integer form, and its accuracy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch

from featurizer.logmel import Samples
from wakeword.data.examples import load_examples
from wakeword.data.keywords import KeywordSet
from wakeword.data.split_lists import Split
from wakeword.errors import ModelError
from wakeword.evaluation.accuracy import PROTOCOL_SHARE, classify
from wakeword.inference.engine import batch_features, open_engine
from wakeword.model.file import Model, read_model
from wakeword.model.packing import NIBBLES, pack
from wakeword.model.size import integer_multiplications, model_size
from wakeword.networks.config import cell_config
from wakeword.networks.cost import float_size, multiplications
from wakeword.networks.keyword_net import KeywordNet
from wakeword.training.corpus import as_log2
from wakeword.training.validation import clip_labels

Weights = Literal["int8", "int4", "ternary", "float32"]  # how a cell's weights are stored

_CELL_MATRICES = ("w1", "w2", "u1", "u2")


@dataclass(frozen=True)
class Trained:
    """The network and the model of a training run."""

    keywords: KeywordSet
    net: KeywordNet
    model: Model | None  # None: the network has no integer form

    @property
    def weights(self) -> Weights:
        """The format in which the cell's weights are stored."""
        if self.model is None:
            return "float32"
        packed = [pack(getattr(self.model, name)) for name in _CELL_MATRICES]
        if all(matrix.magnitude for matrix in packed):
            return "ternary"
        return "int4" if all(matrix.form == NIBBLES for matrix in packed) else "int8"

    @property
    def size(self) -> int:
        """Bytes of flash."""
        if self.model is not None:
            return sum(model_size(self.model).values())
        return sum(float_size(self.net.config, self.keywords.labels).values())

    @property
    def multiplications(self) -> int:
        """Multiplications for a second of audio."""
        if self.model is not None:
            return integer_multiplications(self.model)
        return multiplications(self.net.config, len(self.keywords.labels))

    def labels(self, clips: Samples) -> dict[str, npt.NDArray[np.int64]]:
        """Return the labels of clips (n, samples), (n,): by the "integer" engine, if there is one, and in "float".

        A label is its index in the labels of the keywords.
        """
        found = {}
        if self.model is not None:
            found["integer"] = classify(open_engine(self.model), clips)
        return found | {"float": clip_labels(self.net, as_log2(batch_features(clips)))}

    def accuracy(self, data: Path, split: Split, *, protocol: bool = False) -> dict[str, float]:
        """Return the accuracy on a split by engine, on the same clips as `wakeword eval`.

        protocol: by the Speech Commands protocol, 10 % unknown words and 10 % silence. Raises DataError for a folder
        that can't be used.
        """
        share = PROTOCOL_SHARE if protocol else None
        examples = load_examples(data, self.keywords, split, unknown=share, silence=share)
        return {
            engine: float((found == examples.labels).mean()) for engine, found in self.labels(examples.samples).items()
        }


def load_trained(path: Path, keywords: KeywordSet) -> Trained:
    """Load the results of a training to `path`, from there and from the `.training` folder beside it.

    Raises ModelError for files that are missing, damaged or of other keywords.
    """
    floats = path.with_suffix(".training") / "float.pt"
    model = read_model(path) if path.is_file() else None
    if model is not None and model.labels != keywords.labels:
        raise ModelError(f"{path} tells {', '.join(model.labels)} apart, not {', '.join(keywords.labels)}")
    try:
        saved: dict[str, Any] = torch.load(floats, weights_only=True)
        weights, config = saved["net"], cell_config(saved["config"])
        net = KeywordNet(config, len(keywords.labels), weights["mean"], weights["deviation"])
        net.load_state_dict(weights)
    except FileNotFoundError:
        raise ModelError(
            f"there are no float weights {floats}; train again, or copy the folder along with the model"
        ) from None
    except Exception as error:  # torch has no exception of its own for a file that it can't read
        raise ModelError(f"{floats} can't be read as the weights of a network for {keywords.name}") from error
    return Trained(keywords, net, model)
