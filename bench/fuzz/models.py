"""Model files: whatever a file holds, the loader refuses it in one line, or every reader of the model can use it."""

from __future__ import annotations

import faulthandler
import json
import resource
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from itertools import islice
from pathlib import Path

import numpy as np

from bench.fuzz.fault import MEGABYTE, MOST_MEMORY, Fault
from bench.fuzz.model_files import model_files
from bench.fuzz.sanitized import sanitized
from featurizer import SAMPLE_RATE
from wakeword.errors import ModelError
from wakeword.inference.engine import Engine, open_engine
from wakeword.inference.trace import Trace
from wakeword.model.describe import as_object, provenance_lines, summary
from wakeword.model.export_c import export_c
from wakeword.model.export_uno import export_uno
from wakeword.model.file import Model, read_model, write_model

_SAMPLES = np.random.default_rng(0).integers(-32_768, 32_768, SAMPLE_RATE // 4).astype(np.int16)
_LONGEST_MESSAGE = 600  # characters
_COMPARED = 20  # the NumPy engine, which is slow, runs once in so many
_WARM_UP = 50  # files, after which memory counts
_HANGS = 300.0  # seconds for a hundred files


def fuzz(count: int, seed: int) -> str:
    """Read so many files; return a line on them.

    Raises:
        Fault: a file was neither refused in one line nor usable, or memory grew by 200 MB.
    """
    outcomes: Counter[str] = Counter()
    grown = 0  # by what the readers take, not by the making of the files
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        for number, data in enumerate(islice(model_files(seed), count)):
            if number % 100 == 0:
                faulthandler.dump_traceback_later(_HANGS, exit=True)
            path.write_bytes(data)
            before = _most_memory()
            try:
                outcomes[examine(path, compare=number % _COMPARED == 0)] += 1
            except Exception as error:
                raise Fault(f"file {number} of seed {seed}: {type(error).__name__}: {str(error)[:300]}") from error
            grown += (_most_memory() - before) * (number >= _WARM_UP)
        faulthandler.cancel_dump_traceback_later()
    if grown > MOST_MEMORY and not sanitized():
        raise Fault(f"memory grew by {grown // MEGABYTE} MB")
    refused, read = outcomes["refused"], outcomes["read"]
    return f"{count:,} model files: {refused:,} refused, {read:,} read and run; memory grew by {grown // MEGABYTE} MB"


def examine(path: Path, compare: bool) -> str:
    """Read a model file, and use its model in every way; return whether it was "refused" or "read".

    compare: run the NumPy engine too, which must give the same bits.

    Raises:
        Fault: the message has more than a line, or a user of the model gives nonsense.
        Exception: anything else that the loader or a user of the model raises.
    """
    try:
        model = read_model(path)
    except ModelError as error:
        message = str(error)
        if not message.isprintable() or len(message) > _LONGEST_MESSAGE:
            raise Fault(f"a message of {len(message)} characters or several lines: {message[:100]!r}") from error
        return "refused"
    _describe(model)
    _export(model)
    trace = _run(open_engine(model))
    if compare and trace != _run(open_engine(model, "numpy")):
        raise Fault("the engines differ")
    write_model(model, path)
    if read_model(path).labels != model.labels:
        raise Fault("it is written as another model")
    return "read"


def _describe(model: Model) -> None:
    json.dumps(as_object(model, "fuzzed"), allow_nan=False)
    lines = [*summary(model, "fuzzed").splitlines(), *provenance_lines(model)]
    if not all(line.isprintable() for line in lines):
        raise Fault("its description has control characters")


def _export(model: Model) -> None:
    text = export_c(model)
    if not text.isascii() or len(text.splitlines()) != text.count("\n"):
        raise Fault("its header has control characters")
    with suppress(ModelError):
        export_uno(model)


def _run(engine: Engine) -> list[object]:
    """Push samples in two pieces; return everything that the engine computes."""
    traces: list[Trace] = [engine.push(piece) for piece in np.array_split(_SAMPLES, 2)]
    names = ("features", "hidden", "posteriors", "scores")
    return [[getattr(trace, name).tolist() for name in names] + [trace.events] for trace in traces]


def _most_memory() -> int:
    """Return the most bytes that this process has ever had."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
