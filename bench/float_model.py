"""What do the integers cost? A trained model's integer engine against its own float parameters, on the same clips.

    python bench/float_model.py MODEL --data DIR [--split test]

`wakeword train` leaves the float parameters of the epoch that became MODEL in MODEL's `.training` folder.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from wakeword.data.examples import load_examples
from wakeword.data.keywords import SILENCE, UNKNOWN, KeywordSet
from wakeword.evaluation.accuracy import evaluate_examples
from wakeword.inference.engine import batch_features
from wakeword.model.file import read_model
from wakeword.networks.config import CellConfig
from wakeword.networks.keyword_net import KeywordNet
from wakeword.training.corpus import as_log2
from wakeword.training.validation import clip_accuracy


def main() -> None:
    """Parse, evaluate both, print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="test")
    options = parser.parse_args()
    model = read_model(options.model)
    keywords = KeywordSet("model", model.keywords, UNKNOWN in model.labels, SILENCE in model.labels)
    examples = load_examples(options.data, keywords, options.split)
    saved = torch.load(options.model.with_suffix(".training") / "float.pt", weights_only=True)
    parameters = saved["net"]
    net = KeywordNet(CellConfig(**saved["config"]), len(model.labels), parameters["mean"], parameters["deviation"])
    net.load_state_dict(parameters)
    integers = evaluate_examples(model, examples, keywords, split=options.split)
    floats = clip_accuracy(net, as_log2(batch_features(examples.samples)), examples.labels)
    result = {"clips": integers.count, "integer_accuracy": integers.accuracy, "float_accuracy": floats}
    print(json.dumps(result | {"difference": integers.accuracy - floats}))


if __name__ == "__main__":
    main()
