"""The cost of a network that has no integer form: bytes of float32, and multiplications for a second of audio."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from wakeword.model.convolution import DEPTHWISE, DEPTHWISE_STRIDE
from wakeword.model.size import FRAMES_PER_SECOND, label_size
from wakeword.networks.config import CellConfig, Kind

_FLOAT = 4  # bytes


class _Cost(NamedTuple):
    """The cost of a cell's equations beside W x and U h, with H hidden units."""

    gates: int  # matrices W, and U, of H rows each
    vectors: int  # of H numbers: biases, and other numbers of each unit
    scalars: int
    products: int  # multiplications, in H


_COSTS: dict[Kind, _Cost] = {
    "rnn": _Cost(1, 1, 0, 0),
    "fastrnn": _Cost(1, 1, 2, 2),
    "fastrnn-vector": _Cost(1, 3, 0, 2),
    "fastgrnn": _Cost(1, 2, 2, 3),
    "ugrnn": _Cost(2, 2, 0, 2),
    "gru": _Cost(3, 4, 0, 3),  # the candidate has two biases, one of them within the reset gate's reach
    "lstm": _Cost(4, 4, 0, 3),
    "spectralrnn": _Cost(1, 1, 0, 1),
    "ornn": _Cost(1, 1, 0, 1),
    "eurnn": _Cost(1, 1, 0, 0),
    "factoredrnn": _Cost(1, 1, 0, 0),
}


def float_size(config: CellConfig, labels: tuple[str, ...]) -> dict[str, int]:
    """Return the bytes of a network without an integer form, by part: each number as a float32, zeros included.

    The parts are those of `model_size`, with "convolution", "cell" and "head" for all matrices and biases of each, and
    no struct. Only inference counts: biases that are always added to each other are one, and a transition matrix is
    multiplied out if it has fewer numbers than its factors.
    """
    numbers = {
        "convolution": _convolution(config)[0],
        "cell": sum(_cell(layer)[0] for layer in _layers(config)),
        "head": len(labels) * (config.hidden + 1),
        "normalisation": 2 * config.mel_bands,
    }
    sizes = {part: _FLOAT * count for part, count in numbers.items()}
    return sizes | {"thresholds": 2 * len(labels), "labels": label_size(labels)}


def multiplications(config: CellConfig, labels: int) -> int:
    """Return the multiplications of a dense network for a second of audio (100 frames).

    Normalization, cell and classifier count: each product of two numbers in the equations, by a constant too, and the
    slope of a leaky ReLU. Other non-linearities, the front end and the softmax don't.
    """
    step = _convolution(config)[1] + sum(_cell(layer)[1] for layer in _layers(config)) + labels * config.hidden
    return FRAMES_PER_SECOND * config.mel_bands + FRAMES_PER_SECOND // config.frames_per_step * step


def _layers(config: CellConfig) -> list[CellConfig]:
    """Return a configuration for each layer, with its own inputs."""
    first = replace(config, inputs=config.cell_inputs, convolution=None)
    return [first] + [replace(first, inputs=config.hidden)] * (config.layers - 1)


def _convolution(config: CellConfig) -> tuple[int, int]:
    """Return the numbers of the convolutions, and the multiplications of one step; zeros if there are none."""
    it = config.convolution
    if it is None:
        return 0, 0
    kernels = it.channels * it.bands * it.frames, it.channels * DEPTHWISE**2, it.channels * it.outputs
    positions = it.positions(config.mel_bands)
    first = DEPTHWISE_STRIDE * it.first_positions(config.mel_bands)  # places of its kernel in a step
    return sum(kernels) + 2 * it.channels + it.outputs, first * kernels[0] + positions * (kernels[1] + kernels[2])


def _cell(config: CellConfig) -> tuple[int, int]:
    """Return the numbers of a cell of one layer, and the multiplications of one step."""
    hidden, cost = config.hidden, _COSTS[config.kind]
    from_input = _entries(hidden, config.inputs, config.rank_w)
    numbers, products = _transition(config)
    return (
        cost.gates * (from_input + numbers) + cost.vectors * hidden + cost.scalars,
        cost.gates * (from_input + products) + cost.products * hidden,
    )


def _entries(rows: int, cols: int, rank: int | None) -> int:
    """Return the entries of a matrix, whole or as two factors; each is multiplied once in a product with a vector."""
    return rows * cols if rank is None else rank * (rows + cols)


def _transition(config: CellConfig) -> tuple[int, int]:
    """Return the numbers of U, and the multiplications of U h."""
    whole = _entries(config.hidden, config.hidden, config.rank_u)
    numbers, products = _orthogonal_factors(config)
    return (whole, whole) if numbers == 0 or numbers > whole else (numbers, products)


def _orthogonal_factors(config: CellConfig) -> tuple[int, int]:
    """Return the same for the factors of U of a unitary cell; zeros for other cells.

    A reflection h - v (v h), with |v| the square root of two, takes two products for each number of v. A rotation takes
    four for its cosine and sine.
    """
    hidden = config.hidden
    count = config.capacity or hidden
    reflections = sum(hidden - i for i in range(count))  # the i-th leaves the first i entries alone
    pairs = sum((hidden - layer % 2) // 2 for layer in range(count))
    if config.kind == "ornn":
        return reflections, 2 * reflections
    if config.kind == "spectralrnn":
        return 2 * reflections + hidden, 4 * reflections + hidden
    return (2 * pairs, 4 * pairs) if config.kind == "eurnn" else (0, 0)
