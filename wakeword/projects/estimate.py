"""What a run will take: seconds by stage, and bytes of disk."""

from __future__ import annotations

from dataclasses import dataclass

from wakeword.projects.material import Material
from wakeword.training.config import TrainConfig

REPORTING_SECONDS = 30.0


@dataclass(frozen=True)
class Estimate:
    """What a run will take. stages: seconds, in order."""

    stages: dict[str, float]
    bytes: int
    utterances: int


def estimate(config: TrainConfig, made_of: Material) -> Estimate:
    """Estimate what a run will take on this machine."""
    stages = {"synthesis": 60.0}
    if config.distillation.teacher:
        stages["teacher"] = config.distillation.teacher.epochs * 10.0
    for name, epochs in (
        ("low rank", config.stages.low_rank),
        ("sparse", config.stages.sparse),
        ("quantized", config.stages.quantized),
    ):
        if epochs:
            stages[name] = epochs * 5.0
    phrases = len(made_of.words.words)
    spoken = made_of.clips * 2 * phrases + made_of.clips // 4 + made_of.clips + 35 * max(1, made_of.clips // 75)
    spoken += made_of.clips // 2 * len(made_of.refused)
    return Estimate(stages | {"report": REPORTING_SECONDS}, 100_000_000, spoken if made_of.spoken else 0)
