"""A program that uses the public API: mypy must know the type of each result, and refuse what is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from typing_extensions import assert_type

import wakeword
from wakeword import Detection, Detector, Model


def use_all(path: Path) -> None:
    """Use each public name once."""
    assert_type(wakeword.models(), list[str])
    model = wakeword.load("google12")
    assert_type(model, Model)
    assert_type(model.keywords, tuple[str, ...])
    assert_type(model.thresholds, dict[str, float])
    assert_type(model.with_thresholds(0.5).with_thresholds({"yes": 0.7}), Model)
    model.save(path)
    detector = model.detector(engine="numpy", verifier=wakeword.load(path))
    assert_type(detector, Detector)
    assert_type(detector.push(np.zeros(160, np.int16)), list[Detection])
    detector.reset()
    for detection in wakeword.listen(model, device="USB"):
        assert_type(detection, Detection)
    for found in wakeword.detect(path, model) + wakeword.detect(np.zeros(160, np.int16), model):
        print(found.word.upper(), found.score + found.time)
    try:
        wakeword.load("nothing")
    except (wakeword.ModelError, wakeword.DataError, wakeword.DeviceError, wakeword.UsageError) as error:
        assert_type(error, wakeword.ModelError | wakeword.DataError | wakeword.DeviceError | wakeword.UsageError)
    except wakeword.WakewordError as error:
        print(error)


def misuse(model: Model) -> None:
    """Each line is an error of types."""
    wakeword.lode("google12")  # type: ignore[attr-defined]
    model.detector(engine="rust")  # type: ignore[arg-type]
    model.detector().push(np.zeros(160))  # type: ignore[arg-type]
