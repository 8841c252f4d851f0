"""Train and evaluate the Uno's model. `wakeword export --format uno` puts it beside a sketch.

    python tools/uno_model.py train --data DATA --out uno.safetensors [--keywords WORD,WORD,...] [--set FIELD=VALUE]
    python tools/uno_model.py eval uno --data DATA [--split test]

Clips are converted to the Uno's input: 8 kHz, 10 bits, a low-pass of one pole.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from wakeword.data.augment import Augmentation
from wakeword.data.examples import load_examples
from wakeword.data.keywords import KeywordSet, keyword_set
from wakeword.errors import WakewordError
from wakeword.evaluation.accuracy import PROTOCOL_SHARE, evaluate_examples
from wakeword.inference.uno import UNO, UnoAtRecordings, load_uno_model
from wakeword.networks.config import CellConfig
from wakeword.training import train
from wakeword.training.config import CarriedState, Draw, Optimization, Sparsity, Stages, TrainConfig
from wakeword.training.corpus import load_corpus
from wakeword.training.overrides import apply_settings, parse_settings

# The largest network that an Uno computes within a hop.
CONFIG = TrainConfig(
    cell=CellConfig(inputs=16, hidden=32, rank_w=8, rank_u=8, evidence=4),
    stages=Stages(18, 8, 24),
    sparsity=Sparsity(density=1.0),  # the Uno reads whole matrices
    optimization=Optimization(batch_size=64, learning_rate=0.006),
    draw=Draw(clips_per_word=400, unknown=0.4, silence=0.15),
    epochs_per_draw=13,
    augmentation=Augmentation(
        noise_probability=0.6, snr_db=(2, 30), speed_probability=0.5, speed=(0.88, 1.14), gain_db=(-12, 6)
    ),
    carried_state=CarriedState(carry_probability=0.7),
)


def train_model(options: argparse.Namespace) -> None:
    """Train on a data folder, and print the accuracy on the validation clips."""
    config = apply_settings(replace(CONFIG, seed=options.seed), parse_settings(options.settings))
    corpus = load_corpus(config, keyword_set(options.keywords), options.data, front_end=UNO)
    print(train.train(config, corpus, options.out).as_text())


def evaluate_model(options: argparse.Namespace) -> None:
    """Print the accuracy on a split, with all of its unknown words and by the Speech Commands protocol."""
    model = load_uno_model(options.model)
    keywords = KeywordSet(",".join(model.keywords), model.keywords)
    for unknown, what in ((None, "all unknown words"), (PROTOCOL_SHARE, "10 % unknown words")):
        examples = load_examples(options.data, keywords, options.split, unknown=unknown, silence=PROTOCOL_SHARE)
        evaluation = evaluate_examples(model, examples, keywords, split=options.split, engine=UnoAtRecordings(model))
        print(f"{what}: {evaluation.as_text()}")


def main() -> None:
    """Parse, and train or evaluate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    trainer = commands.add_parser("train")
    trainer.add_argument("--keywords", default="up,down,left,right")
    trainer.add_argument("--data", type=Path, required=True)
    trainer.add_argument("--out", type=Path, required=True)
    trainer.add_argument("--seed", type=int, default=0)
    trainer.add_argument("--set", dest="settings", action="append", default=[], metavar="FIELD=VALUE")
    trainer.set_defaults(run=train_model)
    judge = commands.add_parser("eval")
    judge.add_argument("model")
    judge.add_argument("--data", type=Path, required=True)
    judge.add_argument("--split", choices=["validation", "test"], default="test")
    judge.set_defaults(run=evaluate_model)
    options = parser.parse_args()
    try:
        options.run(options)
    except WakewordError as error:
        parser.exit(2, f"{parser.prog}: {error}\n")


if __name__ == "__main__":
    main()
