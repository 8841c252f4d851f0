"""Does the board at a serial port compute what the reference computes? The same bits, for each frame."""

from __future__ import annotations

from featurizer.logmel import Samples
from wakeword.boards.serial_link import Frame, Link, checksum, compute, compute_features
from wakeword.errors import WakewordError
from wakeword.inference.engine import open_engine
from wakeword.inference.trace import Trace
from wakeword.model.export_c import model_id
from wakeword.model.file import Model


def selftest(link: Link, model: Model, samples: Samples, with_features: bool = False) -> int:
    """Have the board compute on samples and compare; the number of frames, all of them equal.

    with_features: it is sent features, as it has no front end of its own.

    Raises:
        WakewordError: the board runs another model, falls silent, or computes something else.
    """
    hello = link.hello()
    if hello.model_id != model_id(model):
        raise WakewordError(
            f"the board runs model {hello.model_id:08x}, not {model_id(model):08x}; "
            "--model chooses what to compare with, wakeword flash what the board runs"
        )
    wanted = open_engine(model).push(samples)
    found = compute_features(link, wanted.features) if with_features else compute(link, samples)
    if len(found) != len(wanted.features):
        raise WakewordError(f"the board computed {len(found)} frames, not {len(wanted.features)}")
    for frame in found:
        _compare(frame, wanted)
    return len(found)


def _compare(found: Frame, wanted: Trace) -> None:
    row = found.frame
    differing = [
        name
        for name, equal in {
            "features": found.features == checksum(wanted.features[row].astype("<i2").tobytes()),
            "hidden state": found.hidden == checksum(wanted.hidden[row].astype("<i2").tobytes()),
            "posteriors": found.posteriors == tuple(wanted.posteriors[row].tolist()),
        }.items()
        if not equal
    ]
    if differing:
        raise WakewordError(f"frame {row}: the board's {' and '.join(differing)} differ from the reference's")
