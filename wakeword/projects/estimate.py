"""What a run will take: seconds by stage, and bytes of disk.

Costs were measured on one core of one machine, and are scaled by how fast this machine makes features. A finished run
beside tells more: what its stages took, of what was estimated for them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from featurizer import SAMPLE_RATE
from wakeword.audio.files import audio_files
from wakeword.data.augment import Augmentation
from wakeword.inference.front_end import LOG_MEL
from wakeword.projects.material import Material, material_of
from wakeword.projects.progress import REPORTING, SPEAKING, TEACHER
from wakeword.projects.project import Project
from wakeword.projects.runs import Run, runs_of
from wakeword.projects.snapshot import noted
from wakeword.projects.unheard import SENTENCES
from wakeword.synth.voices import shares
from wakeword.training.config import Draw, TrainConfig
from wakeword.training.phrase_speech import PhraseClips

# Seconds of one core.
_SPOKEN = {"kokoro": 0.5, "piper": 0.3, "flite": 0.02, "espeak-ng": 0.006}  # for a second of speech
_CORPUS = 10.0  # to find negatives, and to put clips together
_SECOND, _ROOM, _SPEED = 0.40e-3, 0.60e-3, 0.15e-3  # to augment a second of a clip
_MICROPHONE, _CHANNEL = 0.85e-3, 0.55e-3  # likewise
_STEP, _HIDDEN, _INPUT = 0.1e-6, 0.014e-6, 0.016e-6  # to learn from a step; for each hidden unit, and each input
_QUANTIZED, _CONVOLVED = 1.35, 3.0  # how many times as long a step takes in the last stage, and with convolutions
_TEACHES = {"tc-resnet": 4.8e-8, "resnet": 1.2e-6}  # to learn from a second, for each pair of channels
_ASKED = 0.35  # of that, to give posteriors
_VALIDATED = 1e-3  # to label a clip
_MEASURED = 0.05  # for each synthetic clip of a phrase, to report
_LABELLED = 0.1  # of the clips, for validation

_LETTER, _IDEOGRAPH, _BESIDE = 0.08, 0.25, 0.25  # seconds of speech, and of its beginning and end
_WORD, _SENTENCE = 0.7, 2.8  # seconds of other speech
_COMMANDS = 35  # words that are spoken several times
_BYTES_A_SECOND = 20_000  # of a spoken clip in the cache
_RUN_BYTES = 15_000_000  # of a run's folder: checkpoint, teacher, model

_PROBED, _PROBE_SECONDS = 1.7e-3, 5  # seconds that the features of five seconds took
_GAP = 30.0  # seconds between two lines of progress; more is a pause
_WITHIN = (0.2, 5.0)  # of what was estimated; beyond is no measure of the next run
_ALIKE = ("phrases", "language", "say", "refused", "clips", "seed")  # fields by which runs speak the same


@dataclass(frozen=True)
class Estimate:
    """What a run will take.

    stages: seconds of each, in order. bytes: of disk, with the cache of spoken clips. utterances: that will be spoken.
    learned: by what the seconds of a stage were multiplied, since the run before took so many times as long.
    """

    stages: dict[str, float]
    bytes: int
    utterances: int
    learned: Mapping[str, float]

    @property
    def seconds(self) -> float:
        """Return the seconds of all stages."""
        return sum(self.stages.values())

    def as_json(self) -> dict[str, Any]:
        """Return the seconds, also by stage, and the bytes."""
        stages = {stage: round(seconds) for stage, seconds in self.stages.items()}
        return {"seconds": round(self.seconds), "bytes": self.bytes, "stages": stages}


def estimate_project(project: Project) -> Estimate:
    """Estimate the next run of a project.

    Raises:
        WakewordError: its recordings or settings can't be used.
    """
    made_of = material_of(project)
    config = project.config(spoken=made_of.spoken, streams=bool(made_of.negatives))
    return estimate(config, made_of, project)


def estimate(config: TrainConfig, made_of: Material, project: Project) -> Estimate:
    """Estimate a run of a configuration and its material, on this machine, beside the earlier runs of a project."""
    spoken = _seconds_spoken(made_of) if made_of.spoken else {}
    utterances = sum(count for count, _ in spoken.values())
    speech = sum(count * seconds for count, seconds in spoken.values())
    runs = runs_of(project.folder)
    cached = any(_has_spoken(run, project) for run in runs)
    slowness, cores = _slowness(), _cores()
    stages = {SPEAKING: _CORPUS + (0.0 if cached else speech * _cost_of_speech(made_of) / cores)}
    stages |= _training(config, made_of, utterances, cores)
    stages[REPORTING] = 5.0 + _MEASURED * made_of.clips
    learned = _learned(runs)
    stages = {stage: seconds * slowness * learned.get(stage, 1.0) for stage, seconds in stages.items()}
    new = 0.0 if cached else speech + SENTENCES * made_of.clips * _SENTENCE
    return Estimate(stages, _RUN_BYTES + round(new * _BYTES_A_SECOND), utterances, learned)


def _seconds_spoken(made_of: Material) -> dict[str, tuple[int, float]]:
    """Return the number of utterances of each kind, and the seconds of one."""
    wanted, phrases = PhraseClips.for_positives(made_of.clips), made_of.words.words
    own = sum(_seconds(made_of, phrase) for phrase in phrases) / len(phrases)
    refused = [_seconds(made_of, phrase) for phrase in made_of.refused]
    return {
        "phrases": (wanted.positives * len(phrases), own),
        "hard negatives": (wanted.hard_negatives * len(phrases), own),
        "sentences": (wanted.sentences, _SENTENCE),
        "words": (wanted.words + _COMMANDS * wanted.command_takes, _WORD),
        "refused": (wanted.refused * len(refused), sum(refused) / max(1, len(refused))),
    }


def _seconds(made_of: Material, phrase: str) -> float:
    spaced = made_of.words.spoken.language.spaced
    return _BESIDE + sum(map(str.isalpha, phrase)) * (_LETTER if spaced else _IDEOGRAPH)


def _cost_of_speech(made_of: Material) -> float:
    """Return the seconds that a second of speech takes, on the mean of the engines that are installed."""
    able = shares(made_of.words.spoken.language)
    whole = sum(able.values())
    return sum(share * _SPOKEN.get(name, 1.0) for name, share in able.items()) / whole if whole else 0.0


def _training(config: TrainConfig, made_of: Material, utterances: int, cores: int) -> dict[str, float]:
    """Return the seconds of the teacher and of each stage of the network. A second core draws the clips meanwhile."""
    clip = max(1.0, 0.5 + max(_seconds(made_of, phrase) for phrase in made_of.words.words))
    recorded = len(audio_files(made_of.data, below=True)) if made_of.data else 0
    checks = _VALIDATED * _LABELLED * (utterances + recorded)

    def wall(making: float, learning: float) -> float:
        return max(making, learning) if cores > 1 else making + learning

    found: dict[str, float] = {}
    teacher, teaches = config.distillation.teacher, 0.0
    if teacher is not None:
        taught = _clips(teacher.draw, made_of, recorded) * clip
        teaches = _TEACHES[teacher.kind] * sum(one * other for one, other in pairwise(teacher.widths))
        draw = taught * _augmenting(teacher.augmentation)
        # Features are normalized by one more draw.
        found[TEACHER] = draw + teacher.epochs * (wall(draw / teacher.epochs_per_draw, taught * teaches) + checks)
    clips = _clips(config.draw, made_of, recorded)
    draw = clips * clip * _augmenting(config.augmentation)
    making = (draw + clips * clip * _ASKED * teaches) / config.epochs_per_draw
    cell, stages = config.cell, config.stages
    step = _STEP + _HIDDEN * cell.hidden + _INPUT * cell.inputs
    learning = clips * clip * 100 / cell.frames_per_step * step * (_CONVOLVED if cell.convolution else 1.0)
    checked = checks / config.selection.validation_interval
    for stage, epochs, times in (
        ("low rank", stages.low_rank, 1.0),
        ("sparse", stages.sparse, 1.0),
        ("quantized", stages.quantized, _QUANTIZED),
    ):
        if epochs:
            found[stage] = draw + epochs * (wall(making, learning * times) + checked)
            draw = 0.0  # once, for the normalization
    return found


def _clips(draw: Draw, made_of: Material, recorded: int) -> int:
    """Return the clips of a draw."""
    words = len(made_of.words.words)
    own = draw.clips_per_word * words if draw.clips_per_word else max(1, recorded)
    return max(draw.least, own + draw.unknown_clips(own, words) + round((draw.silence + draw.running) * own))


def _augmenting(augmentation: Augmentation) -> float:
    return (
        _SECOND
        + _ROOM * augmentation.room_probability
        + _MICROPHONE * augmentation.microphone_probability
        + _CHANNEL * augmentation.channel_probability
        + _SPEED * augmentation.speed_probability
    )


def _has_spoken(run: Run, project: Project) -> bool:
    """Return whether a run has spoken what the project's next one will: the clips are then in the cache."""
    before, now = noted(run).get("project", {}), project.as_json()
    same = all(before.get(name) == now[name] for name in _ALIKE)
    return same and run.last_line().get("stage", SPEAKING) != SPEAKING


def _learned(runs: list[Run]) -> Mapping[str, float]:
    """Return what the stages of the last finished run took, relative to what was estimated without earlier runs."""
    for run in reversed(runs):
        if run.status().state == "done":
            return _ratios(run)
    return {}


def _ratios(run: Run) -> dict[str, float]:
    lines = [line for line in run.lines() if isinstance(line.get("time"), int | float)]
    plan: dict[str, Any] = next((line for line in lines if "planned" in line), {})
    planned, learned = _numbers(plan.get("planned")), _numbers(plan.get("learned"))
    took: dict[str, float] = {}
    for line, following in pairwise(lines):
        seconds = float(following["time"]) - float(line["time"])
        took[str(line.get("stage"))] = took.get(str(line.get("stage")), 0.0) + min(max(seconds, 0.0), _GAP)
    low, high = _WITHIN
    return {
        stage: float(np.clip(took[stage] / seconds * learned.get(stage, 1.0), low, high))
        for stage, seconds in planned.items()
        if stage != SPEAKING and stage in took and seconds > 0
    }


def _numbers(found: object) -> dict[str, float]:
    """Return the numbers of an object that was read, by name."""
    items = found.items() if isinstance(found, dict) else ()
    return {name: float(value) for name, value in items if isinstance(value, int | float)}


@lru_cache(maxsize=1)
def _slowness() -> float:
    """Return how many times as long as the machine of the costs this one takes, by the front end."""
    wave = np.random.default_rng(0).integers(-3000, 3000, (1, _PROBE_SECONDS * SAMPLE_RATE)).astype(np.int16)
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        LOG_MEL.features(wave)
        best = min(best, time.perf_counter() - begun)
    return float(np.clip(best / _PROBED, 0.25, 4.0))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
