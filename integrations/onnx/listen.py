"""Listen with a model in ONNX. It needs onnxruntime and, for the microphone, sounddevice.

    wakeword export google12 --format onnx --out .
    python listen.py google12.onnx                      # the microphone
    python listen.py google12.onnx --input speech.wav   # a file: 16 kHz, mono, 16 bits

Prints word, score and time of each event.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import wave
from collections.abc import Callable

import numpy as np
import onnxruntime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--input")
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C ends the microphone
        if options.input is None:
            import sounddevice

            with sounddevice.InputStream(samplerate=16000, channels=1, dtype="int16") as stream:
                listen(options.model, lambda count: stream.read(count)[0][:, 0])
        else:
            with wave.open(options.input) as file:
                if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (16000, 1, 2):
                    sys.exit(f"{options.input} is not at 16 kHz, mono, 16 bits")
                listen(options.model, lambda count: np.frombuffer(file.readframes(count), "<i2"))


def listen(model: str, read: Callable[[int], np.ndarray]) -> None:
    """Print the events of the samples that `read(count)` gives, until it gives fewer than are asked for."""
    threads = onnxruntime.SessionOptions()
    threads.intra_op_num_threads = 1  # a step is too small for several
    session = onnxruntime.InferenceSession(model, threads)
    known = {key: json.loads(value) for key, value in session.get_modelmeta().custom_metadata_map.items()}
    inputs = {it.name: it.shape for it in session.get_inputs()}
    outputs = [it.name for it in session.get_outputs()]

    (step,) = inputs.pop("samples")
    state = {name: np.zeros(shape, np.int32) for name, shape in inputs.items()}
    before = read(known["window"] - known["hop"])  # with the samples of a step they make the step's windows whole
    state["history"][1 : 1 + len(before)] = before

    end = known["window"]  # of the window of the next frame, in samples
    while len(samples := read(step)) == step:
        results = dict(zip(outputs, session.run(outputs, {"samples": samples, **state}), strict=True))
        state = {name: results[f"next_{name}"] for name in state}
        for event, scores in zip(results["events"], results["scores"], strict=True):
            if event >= 0:
                print(f"{known['labels'][event]} {scores[event]:.3f} {end / known['sample_rate']:.3f}", flush=True)
            end += known["hop"]


if __name__ == "__main__":
    main()
