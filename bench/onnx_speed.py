"""Measure how much of a processor core one stream takes in ONNX Runtime, with a model's exported graph.

    python -m bench.onnx_speed [--model MODEL] [--seconds 60]

The audio repeats the demo recording, and one thread runs. One line of JSON is printed: the file's bytes, milliseconds
of processor time to load it and for a step, and the fraction of a core that a stream takes in real time.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import onnxruntime

import wakeword
from bench.options import Parser, errors_in_one_line, positive
from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import read_audio
from wakeword.model.onnx.export import export_onnx
from wakeword.model.pretrained import DEFAULT, load_model, model_name


def main() -> None:
    """Parse, measure, print."""
    parser = Parser("onnx_speed", __doc__, module=True)
    parser.add_argument("--model", default=DEFAULT)
    parser.add_argument("--seconds", type=positive, default=60)
    options = parser.parse_args()
    with errors_in_one_line():
        name = model_name(options.model)
        graph = export_onnx(load_model(options.model), name)
    demo = read_audio(Path(wakeword.__file__).parent / "assets" / "demo.flac")
    measured = measure(graph, np.resize(demo, options.seconds * SAMPLE_RATE))
    print(json.dumps({"model": name, "onnxruntime": onnxruntime.__version__, "bytes": len(graph), **measured}))


def measure(graph: bytes, samples: Samples) -> dict[str, float]:
    """Run a graph over the whole steps of these samples; return the times."""
    one_thread = onnxruntime.SessionOptions()
    one_thread.intra_op_num_threads = 1
    begin = time.process_time()
    session = onnxruntime.InferenceSession(graph, one_thread)
    loaded = time.process_time()
    inputs = {it.name: it.shape for it in session.get_inputs()}
    outputs = [it.name for it in session.get_outputs()]
    (step,) = inputs.pop("samples")
    state = {name: np.zeros(shape, np.int32) for name, shape in inputs.items()}
    steps = len(samples) // step
    for at in range(0, steps * step, step):
        given = {"samples": samples[at : at + step], **state}
        results = dict(zip(outputs, session.run(outputs, given), strict=True))
        state = {name: results[f"next_{name}"] for name in state}
    taken = time.process_time() - loaded
    return {
        "load_ms": round(1000 * (loaded - begin), 1),
        "step_ms": round(1000 * taken / steps, 3),
        "fraction_of_a_core": round(taken / (steps * step / SAMPLE_RATE), 4),
    }


if __name__ == "__main__":
    main()
