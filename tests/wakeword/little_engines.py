"""Tiny ONNX networks with the inputs and outputs of the real speech engines."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

SECONDS_PER_TOKEN = 0.08
KOKORO_VOICES = ("af_heart", "am_adam", "bf_emma", "ff_siwis", "zm_yunxia")  # the last one speaks no usable English


def write_kokoro(folder: Path) -> Path:
    """Write a Kokoro folder: tokens and speed set the length of a tone, the style its pitch."""
    tone = _tone("tokens", "style", "speed", rate=24_000)
    inputs = [
        helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "n"]),
        helper.make_tensor_value_info("style", TensorProto.FLOAT, [1, 256]),
        helper.make_tensor_value_info("speed", TensorProto.FLOAT, [1]),
    ]
    output = helper.make_tensor_value_info("audio", TensorProto.FLOAT, ["m"])
    _write(folder / "kokoro.onnx", [*tone, helper.make_node("Identity", ["wave"], ["audio"])], inputs, output)
    (folder / "voices").mkdir()
    for number, voice in enumerate(KOKORO_VOICES):
        styles = np.full((510, 1, 256), 200 + 50 * number, np.float32)
        styles.tofile(folder / "voices" / f"{voice}.bin")
    return folder


def write_piper(folder: Path, name: str = "en_US-little-medium", speakers: int = 3, language: str = "en-us") -> Path:
    """Write a Piper voice: each speaker has another pitch."""
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, [1, "n"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        helper.make_tensor_value_info("sid", TensorProto.INT64, [1]),
    ]
    nodes = [
        helper.make_node("Gather", ["scales", "second"], ["slowness"]),
        helper.make_node("Reciprocal", ["slowness"], ["speed"]),
        helper.make_node("Cast", ["sid"], ["speaker"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["speaker", "fifty"], ["higher"]),
        helper.make_node("Add", ["higher", "lowest"], ["style"]),
        *_tone("input", "style", "speed", rate=22_050),
        helper.make_node("Reshape", ["wave", "shape"], ["output"]),
    ]
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, "m"])
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / f"{name}.onnx", nodes, inputs, output)
    symbols = ["_", "^", "$", " ", ".", "!", "?", *"abdefhijklmnopstuvwzæðŋɐɑɔəɚɛɜɡɪɹɾʃʊʌʒˈˌːθ"]
    settings = {
        "audio": {"sample_rate": 22_050},
        "espeak": {"voice": language},
        "num_speakers": speakers,
        "phoneme_id_map": {symbol: [number] for number, symbol in enumerate(symbols)},
    }
    (folder / f"{name}.onnx.json").write_text(json.dumps(settings), "utf-8")
    (folder / "MODEL_CARD").write_text(f"# Model card for {name}\n\n## Dataset\n\n* License: CC0\n", "utf-8")
    return folder


def _tone(tokens: str, style: str, speed: str, rate: int) -> list[onnx.NodeProto]:
    """Make nodes that compute `wave`: a tone at the mean of the style in Hz, `SECONDS_PER_TOKEN` a token at speed 1."""
    return [
        helper.make_node("Size", [tokens], ["count"]),
        helper.make_node("Cast", ["count"], ["tokens_float"], to=TensorProto.FLOAT),
        helper.make_node("Constant", [], ["per_token"], value_float=SECONDS_PER_TOKEN * rate),
        helper.make_node("Mul", ["tokens_float", "per_token"], ["unhurried"]),
        helper.make_node("Div", ["unhurried", speed], ["samples_1d"]),
        helper.make_node("ReduceMax", ["samples_1d"], ["samples"], keepdims=0),
        helper.make_node("Range", ["zero", "samples", "one"], ["time"]),
        helper.make_node("ReduceMean", [style], ["pitch"], keepdims=0),
        helper.make_node("Constant", [], ["radians"], value_float=2 * np.pi / rate),
        helper.make_node("Mul", ["pitch", "radians"], ["step"]),
        helper.make_node("Mul", ["time", "step"], ["phase"]),
        helper.make_node("Sin", ["phase"], ["wave"]),
    ]


def _write(
    path: Path, nodes: list[onnx.NodeProto], inputs: list[onnx.ValueInfoProto], output: onnx.ValueInfoProto
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    constants = {"zero": 0.0, "one": 1.0, "fifty": 50.0, "lowest": 200.0}
    tensors = [helper.make_tensor(name, TensorProto.FLOAT, [], [value]) for name, value in constants.items()]
    tensors.append(helper.make_tensor("second", TensorProto.INT64, [1], [1]))
    tensors.append(helper.make_tensor("shape", TensorProto.INT64, [4], [1, 1, 1, -1]))
    graph = helper.make_graph(nodes, "little", inputs, [output], tensors)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
