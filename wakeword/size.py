"""How many bytes of a microcontroller's flash a model takes, by part."""

from __future__ import annotations

from wakeword.bundle import MATRICES, Bundle
from wakeword.sparse import pack

_POINTER = 4  # bytes on a 32-bit chip
_STRUCT = 100  # sizeof(ww_model) on a 32-bit chip


def model_size(bundle: Bundle) -> dict[str, int]:
    """Bytes of everything that `export_c` writes, as a 32-bit chip's flash holds it; their sum is the model's size.

    The five matrices (values, and the bitmap of where they stand), then "biases", "normalisation", "thresholds",
    "labels" (the names as C strings, and the pointers to them), and "struct" (which ties all of it together). A
    linker may add up to three bytes of padding in front of each array.
    """
    matrices = {name: pack(getattr(bundle, name)).size for name in MATRICES}
    return matrices | {
        "biases": bundle.bias_gate.nbytes + bundle.bias_update.nbytes + bundle.head_bias.nbytes,
        "normalisation": bundle.mean.nbytes + bundle.scale.nbytes,
        "thresholds": 2 * len(bundle.labels),
        "labels": sum(len(label.encode()) + 1 + _POINTER for label in bundle.labels),
        "struct": _STRUCT,
    }
