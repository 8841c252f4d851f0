"""What has become of filed false accepts: how many of their clips still wake a model, and woke the one before."""

from __future__ import annotations

from typing import Any

import numpy as np

from featurizer.logmel import Samples
from wakeword.data.examples import Examples
from wakeword.data.keywords import UNKNOWN
from wakeword.evaluation.detection import WINDOW
from wakeword.evaluation.intervals import wilson
from wakeword.evaluation.positives import mix_clip
from wakeword.inference.engine import open_engine
from wakeword.model.file import Model
from wakeword.projects.filing import FALSE_ACCEPTS

_SEED = 20_001  # of the near silence around clips: the same for all runs
_NAMES = f"{UNKNOWN}/{FALSE_ACCEPTS.replace(' ', '_')}/"  # how the names of their examples begin


def measure_filed(
    model: Model, training: Examples, others: Examples, before: tuple[int, Model] | None
) -> dict[str, Any] | None:
    """Return `filed` of `report.json`: how many clips of filed false accepts wake a model; None if there are none.

    training: what it was trained on. others: what was kept, and perhaps some of training again. before: the number and
    the model of the run before, which hears the same clips.
    """
    trained = _filed(training)
    kept = {name: samples for name, samples in _filed(others).items() if name not in trained}
    if not trained and not kept:
        return None
    woken = [_wakes(model, clips) for clips in (trained, kept)]
    low, high = wilson(woken[1], len(kept)) if kept else (None, None)
    found: dict[str, Any] = {
        "trained": {"count": woken[0], "of": len(trained)},
        "kept": {"count": woken[1], "of": len(kept), "low": low, "high": high},
        "before": None,
    }
    if before is not None:
        number, earlier = before
        found["before"] = {"number": number, "trained": _wakes(earlier, trained), "kept": _wakes(earlier, kept)}
    return found


def _filed(examples: Examples) -> dict[str, Samples]:
    return {
        name: samples
        for name, samples in zip(examples.names, examples.samples, strict=True)
        if name.casefold().startswith(_NAMES)
    }


def _wakes(model: Model, clips: dict[str, Samples]) -> int:
    """Return how many of the clips, each alone after near silence, wake a model by any of its words."""
    engine, count = open_engine(model), 0
    for number, name in enumerate(sorted(clips)):
        engine.reset()
        wave = mix_clip(clips[name], None, 0.0, WINDOW, np.random.default_rng([_SEED, number]))
        count += bool(engine.push(wave).events)
    return count
