"""Compute another engine's scores of a stream. Run by the Python of the environment with that engine.

    python peers.py openwakeword|microwakeword STREAM.npy SCORES.npz

STREAM holds int16 samples at 16 kHz. SCORES gets `scores` (0 to 1) and `times` (seconds of the stream at which the
engine has each). Printed as JSON: `cpu` (seconds of processor time), `size` (bytes of the models) and `threshold` (the
engine's own).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

RATE = 16_000
Scores = Iterator[tuple[float, float]]


def openwakeword(samples: np.ndarray) -> tuple[Callable[[], Scores], int, float]:
    """Score every 80 ms, with onnxruntime on one thread. Its documentation gives 0.5 as threshold."""
    import openwakeword as package
    from openwakeword.model import Model

    model = Model(wakeword_models=["alexa"], inference_framework="onnx", ncpu=1)
    block = 1280

    def scores() -> Scores:
        for end in range(block, len(samples) + 1, block):
            yield float(model.predict(samples[end - block : end])["alexa"]), end / RATE

    folder = Path(package.__file__).parent / "resources" / "models"
    names = ("melspectrogram.onnx", "embedding_model.onnx", "alexa_v0.1.onnx")
    return scores, sum((folder / name).stat().st_size for name in names), 0.5


def microwakeword(samples: np.ndarray) -> tuple[Callable[[], Scores], int, float]:
    """Score each step by the mean of its last probabilities. The threshold comes with the model."""
    from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures, Model

    model, features = MicroWakeWord.from_builtin(Model.ALEXA), MicroWakeWordFeatures()
    block = 160

    def scores() -> Scores:
        frames = 0
        for end in range(block, len(samples) + 1, block):
            for feature in features.process_streaming(samples[end - block : end].tobytes()):
                score = model.process_streaming_prob(feature)
                frames += 1
                if frames % model.stride == 0:  # else it waits for the other frames of a step and gives 0
                    yield score, end / RATE

    return scores, Path(model.tflite_model).stat().st_size, model.probability_cutoff


def main() -> None:
    """Load the stream, score it, save the scores."""
    name, stream, out = sys.argv[1:]
    engine = {"openwakeword": openwakeword, "microwakeword": microwakeword}[name]
    scores, size, threshold = engine(np.load(stream, mmap_mode="r"))
    begin = time.process_time()
    found = np.array(list(scores()), np.float64).reshape(-1, 2)
    cpu = time.process_time() - begin
    np.savez(out, scores=found[:, 0], times=found[:, 1])
    print(json.dumps({"cpu": cpu, "size": size, "threshold": threshold}))


if __name__ == "__main__":
    main()
