"""`wakeword doctor`: check what listening and serving need, and say how to repair what fails."""

from __future__ import annotations

import importlib.util
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.level import level_dbfs
from wakeword.errors import DeviceError, ModelError
from wakeword.inference.engine import core_available
from wakeword.model.pretrained import load_model

_SECONDS = 3  # recorded from the microphone
_FULL_SCALE = 32767
_CLIPPED_SHARE = 0.001  # a greater share of clipped samples distorts speech
_DIGITAL_SILENCE, _QUIET, _LOUD = -90.0, -65.0, -6.0  # dBFS
_EXTRAS = {"sounddevice": "mic", "fastapi": "service"}


class Verdict(Enum):
    """The result of a check."""

    GOOD = "ok"
    DOUBTFUL = "??"
    BAD = "!!"


@dataclass(frozen=True)
class Finding:
    """The verdict of one check, with a text that says what to do."""

    verdict: Verdict
    subject: str
    text: str

    def line(self) -> str:
        """Format the finding as one line of a table."""
        return f"{self.verdict.value}  {self.subject:<11} {self.text}"


def examine(
    model: str | None,
    port: int,
    data: Path | None,
    microphone: Callable[[], Iterator[Samples]],
    rate: Callable[[], int],
    announce: Callable[[], None] = lambda: None,
) -> Iterator[Finding]:
    """Run the checks one after the other.

    Args:
        model: as for `load_model`.
        port: the service's port.
        data: the service's data folder; None skips the check.
        microphone: opens the microphone; raises DeviceError, at once or while iterating, if it can't.
        rate: returns the microphone's samples a second, before resampling.
        announce: called when the microphone is open, before its level is measured.
    """
    yield check_engine()
    yield check_model(model)
    yield from check_extras()
    yield check_port(port)
    if data is not None:
        yield check_folder(data)
    yield from check_microphone(microphone, rate, announce)


def check_engine() -> Finding:
    """Check that the C core was built."""
    if core_available():
        return Finding(Verdict.GOOD, "engine", "the C core")
    hint = "for the faster C core, install gcc, then install the package again"
    return Finding(Verdict.DOUBTFUL, "engine", f"NumPy; {hint}")


def check_model(model: str | None) -> Finding:
    """Check that the model loads."""
    try:
        loaded = load_model(model)
    except ModelError as error:
        return Finding(Verdict.BAD, "model", str(error))
    return Finding(Verdict.GOOD, "model", f"detects {', '.join(loaded.keywords)}")


def check_extras() -> Iterator[Finding]:
    """Report each missing optional library of listening and serving."""
    for library, extra in _EXTRAS.items():
        if importlib.util.find_spec(library) is None:
            yield Finding(Verdict.DOUBTFUL, extra, f"not installed; pip install 'wakeword[{extra}]'")


def check_port(port: int) -> Finding:
    """Check that the service could listen at a port."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        hint = "is the service running already? choose another port: --port"
        return Finding(Verdict.BAD, "port", f"{port} can't be used: {error.strerror}; {hint}")
    return Finding(Verdict.GOOD, "port", f"{port} is free")


def check_folder(folder: Path) -> Finding:
    """Check that the service could write to a folder, which need not exist yet."""
    nearest = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return Finding(Verdict.BAD, "data", f"{folder} is not writable; choose another folder: --data")
    return Finding(Verdict.GOOD, "data", f"{folder} is writable")


def check_microphone(
    microphone: Callable[[], Iterator[Samples]], rate: Callable[[], int], announce: Callable[[], None] = lambda: None
) -> Iterator[Finding]:
    """Record from the microphone for three seconds; check its rate, level and clipping."""
    try:
        samples, device_rate = _record(microphone(), announce), rate()
    except DeviceError as error:
        yield Finding(Verdict.BAD, "microphone", str(error))
        return
    yield Finding(Verdict.GOOD, "microphone", f"{len(samples) / SAMPLE_RATE:.1f} seconds recorded")
    yield judge_rate(device_rate)
    yield judge_level(samples)
    yield judge_clipping(samples)


def judge_rate(rate: int) -> Finding:
    """Check that a microphone's rate, in samples a second, keeps all frequencies of speech."""
    if rate < SAMPLE_RATE:
        cut = f"{rate} Hz cuts off speech above {rate // 2} Hz"
        hint = f"use a device with {SAMPLE_RATE} Hz or more, or another profile of the headset"
        return Finding(Verdict.DOUBTFUL, "rate", f"{cut}; {hint}")
    resampled = "" if rate == SAMPLE_RATE else f", resampled to {SAMPLE_RATE}"
    return Finding(Verdict.GOOD, "rate", f"{rate} Hz{resampled}")


def judge_level(samples: Samples) -> Finding:
    """Check that a recording is neither silent nor too loud."""
    level = level_dbfs(samples)
    if level <= _DIGITAL_SILENCE:
        hint = "unmute the microphone, or allow this program to use it"
        return Finding(Verdict.BAD, "level", f"digital silence; {hint}")
    if level < _QUIET:
        return Finding(Verdict.DOUBTFUL, "level", f"{level:.0f} dBFS is quiet; if you spoke, raise the input volume")
    if level > _LOUD:
        return Finding(Verdict.DOUBTFUL, "level", f"{level:.0f} dBFS is very loud; lower the input volume")
    return Finding(Verdict.GOOD, "level", f"{level:.0f} dBFS")


def judge_clipping(samples: Samples) -> Finding:
    """Check that almost no samples are at full scale."""
    share = float(np.mean(np.abs(samples.astype(np.int32)) >= _FULL_SCALE))
    if share > _CLIPPED_SHARE:
        return Finding(Verdict.BAD, "clipping", f"{share:.1%} of the samples are clipped; lower the input volume")
    return Finding(Verdict.GOOD, "clipping", "none")


def _record(blocks: Iterator[Samples], announce: Callable[[], None]) -> Samples:
    """Join the first seconds of the blocks. With the first block the microphone is known to work."""
    recorded: list[Samples] = []
    for block in blocks:
        if not recorded:
            announce()
        recorded.append(block)
        if sum(map(len, recorded)) >= _SECONDS * SAMPLE_RATE:
            break
    return np.concatenate(recorded)
