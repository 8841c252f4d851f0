"""The cost of a model on a microcontroller: bytes of flash by part, and multiplications in a second of audio."""

from __future__ import annotations

from featurizer import HOP, MEL_BANDS, SAMPLE_RATE
from wakeword.model.convolution import DEPTHWISE, DEPTHWISE_STRIDE, LAYERS, Convolution
from wakeword.model.file import MATRICES, Model
from wakeword.model.integers import Int8
from wakeword.model.packing import pack

_POINTER = 4  # bytes on a 32-bit chip
_STRUCT, _CONVOLUTION_STRUCT = 100, 48  # sizeof ww_model and ww_convolution on a 32-bit chip
FRAMES_PER_SECOND = SAMPLE_RATE // HOP


def model_size(model: Model) -> dict[str, int]:
    """Return the bytes of flash of each part that `export_c` writes, on a 32-bit chip; the sum is the model's size.

    The parts are the five matrices by name (values and bitmap), "biases", "normalisation", "thresholds", "labels" (C
    strings and the pointers to them), "struct", the ww_model itself, and "convolution", if there is one. A linker may
    add up to three bytes of padding before each array.
    """
    matrices = {name: pack(getattr(model, name)).size for name in MATRICES}
    convolution = {} if model.convolution is None else {"convolution": _convolution_size(model.convolution)}
    return (
        matrices
        | convolution
        | {
            "biases": model.bias_gate.nbytes + model.bias_update.nbytes + model.head_bias.nbytes,
            "normalisation": model.mean.nbytes + model.scale.nbytes,
            "thresholds": 2 * len(model.labels),
            "labels": label_size(model.labels),
            "struct": _STRUCT,
        }
    )


def integer_multiplications(model: Model) -> int:
    """Return the multiplications of the integer engine in a second of audio, as `networks.cost` counts them.

    A matrix counts its non-zero entries. A ternary matrix counts one product a row, since its entries are added.
    """
    products = sum(_products(getattr(model, name)) for name in MATRICES)
    if model.convolution is not None:
        products += _convolution_products(model.convolution, len(model.mean))
    return FRAMES_PER_SECOND * MEL_BANDS + FRAMES_PER_SECOND // model.frames_per_step * (products + 3 * model.hidden)


def _products(matrix: Int8) -> int:
    return len(matrix) if pack(matrix).magnitude else int((matrix != 0).sum())


def _convolution_size(convolution: Convolution) -> int:
    matrices = sum(pack(matrix).size for matrix in (convolution.first, convolution.pointwise))
    biases = sum(getattr(convolution, f"{name}_bias").nbytes for name in LAYERS)
    return matrices + convolution.depthwise.nbytes + biases + _CONVOLUTION_STRUCT


def _convolution_products(convolution: Convolution, mel_bands: int) -> int:
    """Return the multiplications of a step."""
    first = DEPTHWISE_STRIDE * convolution.first_positions(mel_bands) * _products(convolution.first)
    separable = DEPTHWISE**2 * convolution.channels + _products(convolution.pointwise)
    return first + convolution.positions(mel_bands) * separable


def label_size(labels: tuple[str, ...]) -> int:
    """Return the bytes of the labels: the names as C strings, and the pointers to them."""
    return sum(len(label.encode()) + 1 + _POINTER for label in labels)
