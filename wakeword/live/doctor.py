"""`wakeword doctor`: whether what listening needs is there, and what to do where it isn't."""

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
from wakeword.errors import WakewordError
from wakeword.inference.engine import core_available
from wakeword.model.pretrained import load_model

_SECONDS = 3  # of the microphone
_FULL_SCALE = 32767
_CLIPPED_SHARE = 0.001  # of the samples, above which speech is distorted
_DIGITAL_SILENCE, _QUIET, _LOUD = -90.0, -65.0, -6.0  # dBFS
_EXTRAS = {"sounddevice": "mic", "fastapi": "service"}


class Verdict(Enum):
    """How a check came out."""

    GOOD = "ok"
    DOUBTFUL = "??"
    BAD = "!!"


@dataclass(frozen=True)
class Finding:
    """The outcome of one check; what to do stands in the text."""

    verdict: Verdict
    subject: str
    text: str

    def line(self) -> str:
        return f"{self.verdict.value}  {self.subject:<11} {self.text}"


def examine(
    model: str | None,
    port: int,
    data: Path | None,
    microphone: Callable[[], Iterator[Samples]],
    rate: Callable[[], int],
) -> Iterator[Finding]:
    """The checks, one after the other.

    Args:
        model: as `load_model`.
        port: that the service is to listen at.
        data: the folder that the service is to keep its data in; None leaves it out.
        microphone: opens it; raises WakewordError, at once or while iterating, where it can't.
        rate: samples a second that it gives before they are resampled.
    """
    yield check_engine()
    yield check_model(model)
    yield from check_extras()
    yield check_port(port)
    if data is not None:
        yield check_folder(data)
    yield from check_microphone(microphone, rate)


def check_engine() -> Finding:
    """Whether the C core was built."""
    if core_available():
        return Finding(Verdict.GOOD, "engine", "the C core is there")
    return Finding(
        Verdict.DOUBTFUL, "engine", "built without the C core; install gcc and the package again: it is faster"
    )


def check_model(model: str | None) -> Finding:
    """Whether it can be loaded."""
    try:
        loaded = load_model(model)
    except WakewordError as error:
        return Finding(Verdict.BAD, "model", str(error))
    return Finding(Verdict.GOOD, "model", f"knows {', '.join(loaded.keywords)}")


def check_extras() -> Iterator[Finding]:
    """Whether the optional libraries of listening and serving are there."""
    for library, extra in _EXTRAS.items():
        if importlib.util.find_spec(library) is None:
            yield Finding(Verdict.DOUBTFUL, extra, f"not installed; pip install 'wakeword[{extra}]' brings it")


def check_port(port: int) -> Finding:
    """Whether the service could listen there."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        hint = "is the service running already? --port takes another"
        return Finding(Verdict.BAD, "port", f"{port} can't be listened at: {error.strerror}; {hint}")
    return Finding(Verdict.GOOD, "port", f"{port} is free")


def check_folder(folder: Path) -> Finding:
    """Whether the service could write there."""
    there = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return Finding(Verdict.BAD, "data", f"{folder} can't be written to; --data takes another folder")
    return Finding(Verdict.GOOD, "data", f"{folder} can be written to")


def check_microphone(microphone: Callable[[], Iterator[Samples]], rate: Callable[[], int]) -> Iterator[Finding]:
    """Whether it is heard, at which rate, and how loud."""
    try:
        heard, given = _listen(microphone()), rate()
    except (WakewordError, ModuleNotFoundError) as error:
        yield Finding(Verdict.BAD, "microphone", str(error))
        return
    yield Finding(Verdict.GOOD, "microphone", f"gave {len(heard) / SAMPLE_RATE:.1f} seconds")
    yield judge_rate(given)
    yield judge_level(heard)
    yield judge_clipping(heard)


def judge_rate(rate: int) -> Finding:
    """Whether a microphone's rate, in samples a second, leaves speech whole."""
    if rate < SAMPLE_RATE:
        cut = f"{rate} Hz cuts off speech above {rate // 2} Hz, and {SAMPLE_RATE} are wanted"
        return Finding(Verdict.DOUBTFUL, "rate", f"{cut}; take another device, or a headset's other profile")
    resampled = "" if rate == SAMPLE_RATE else f", resampled to {SAMPLE_RATE}"
    return Finding(Verdict.GOOD, "rate", f"{rate} Hz{resampled}")


def judge_level(heard: Samples) -> Finding:
    """Whether a recording is neither silent nor deafening."""
    level = level_dbfs(heard)
    if level <= _DIGITAL_SILENCE:
        return Finding(
            Verdict.BAD, "level", "nothing but digital silence: it is muted, or this program may not hear it"
        )
    if level < _QUIET:
        return Finding(Verdict.DOUBTFUL, "level", f"{level:.0f} dBFS is quiet; if you spoke, raise the input volume")
    if level > _LOUD:
        return Finding(Verdict.DOUBTFUL, "level", f"{level:.0f} dBFS is very loud; lower the input volume")
    return Finding(Verdict.GOOD, "level", f"{level:.0f} dBFS")


def judge_clipping(heard: Samples) -> Finding:
    """Whether samples stand at the end of the scale."""
    share = float(np.mean(np.abs(heard.astype(np.int32)) >= _FULL_SCALE))
    if share > _CLIPPED_SHARE:
        return Finding(Verdict.BAD, "clipping", f"{share:.1%} of the samples are clipped; lower the input volume")
    return Finding(Verdict.GOOD, "clipping", "none")


def _listen(blocks: Iterator[Samples]) -> Samples:
    """The first seconds of them."""
    heard: list[Samples] = []
    for block in blocks:
        heard.append(block)
        if sum(map(len, heard)) >= _SECONDS * SAMPLE_RATE:
            break
    return np.concatenate(heard)
