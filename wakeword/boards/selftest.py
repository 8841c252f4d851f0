"""The self-test of a board: does it compute the same bits as the reference, in each frame?"""

from __future__ import annotations

from featurizer.logmel import Samples
from wakeword.boards.messages import Frame, checksum
from wakeword.boards.serial_link import Link, compute, compute_features
from wakeword.errors import DeviceError
from wakeword.inference.engine import open_engine
from wakeword.inference.trace import Trace
from wakeword.model.export_c import model_id
from wakeword.model.file import Model


def selftest(link: Link, model: Model, samples: Samples, with_features: bool = False) -> int:
    """Have the board compute on samples, and compare; return the number of frames, all of them equal.

    with_features: send features, for a board without a front end.

    Raises:
        DeviceError: The board runs another model, falls silent, or computes other bits.
    """
    hello = link.hello()
    if hello.model_id != model_id(model):
        raise DeviceError(
            f"the board runs model {hello.model_id:08x}, not {model_id(model):08x}; "
            "--model chooses the model to compare with, and wakeword flash the one on the board"
        )
    expected = open_engine(model).push(samples)
    found = compute_features(link, expected.features) if with_features else compute(link, samples)
    if len(found) != len(expected.features):
        raise DeviceError(
            f"the board computed {len(found)} frames, not {len(expected.features)}; flash it again with this version"
        )
    for row, frame in enumerate(found):
        if frame.frame != row:
            raise DeviceError(f"the board sent frame {frame.frame} in the place of frame {row}; reset it and try again")
        _compare(frame, expected)
    return len(found)


def _compare(found: Frame, expected: Trace) -> None:
    row = found.frame
    differing = [
        name
        for name, equal in {
            "features": found.features == checksum(expected.features[row].astype("<i2").tobytes()),
            "hidden state": found.hidden == checksum(expected.hidden[row].astype("<i2").tobytes()),
            "posteriors": found.posteriors == tuple(expected.posteriors[row].tolist()),
        }.items()
        if not equal
    ]
    if differing:
        raise DeviceError(
            f"frame {row}: the board's {' and '.join(differing)} differ from the reference's; "
            "flash it again with this version"
        )
