"""The JSON objects of projects and runs, each with an example."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from wakeword.model.labels import MAX_LABEL
from wakeword.projects.project import MAX_CLIPS, MAX_PHRASES, MAX_REFUSED, MAX_SAID, MAX_SETTINGS, Project
from wakeword.projects.runs import State

_Text = Annotated[str, Field(max_length=MAX_LABEL)]
_PROJECT: dict[str, Any] = {
    "phrases": ["hey lumen"], "language": "en-us", "say": ["lumen=loomen"], "refused": ["hey human"], "preset": "best",
    "size": "", "seed": 0, "clips": 600, "settings": {},
}  # fmt: skip
_RUN = {
    "number": 1, "state": "running", "stage": "sparse", "fraction": 0.52, "seconds_left": 840, "message": "",
    "changed": 1795327200.25, "place": None, "progress": {"epoch": 130, "accuracy": 0.97},
}  # fmt: skip


def example(value: dict[str, Any], extra: Literal["ignore", "forbid"] = "ignore") -> ConfigDict:
    """Return the configuration of a model with an example. extra: what is done with fields that it lacks."""
    return ConfigDict(json_schema_extra={"examples": [value]}, extra=extra)


class ProjectIn(BaseModel):
    """A project, or the fields of it that change. What is left out stays, or is the default; only phrases have none."""

    model_config = example({"phrases": ["hey lumen"]}, extra="forbid")
    phrases: list[_Text] = Field([], max_length=MAX_PHRASES, description="what wakes it; needed for a new project")
    language: _Text | None = Field(None, description="a code of /api/studio/languages; null tells it by the letters")
    say: list[_Text] = Field([], max_length=MAX_SAID, description="how it sounds: lumen=loomen, or in IPA")
    refused: list[_Text] = Field([], max_length=MAX_REFUSED, description="phrases that must not wake it")
    preset: _Text = ""
    size: _Text | float | None = Field(None, description="of the network, in kilobytes; null is the preset's")
    seed: int = 0
    clips: int = Field(0, le=MAX_CLIPS, description="synthetic clips of each phrase")
    settings: dict[_Text, _Text | bool | int | float | None] = Field({}, max_length=MAX_SETTINGS)

    def content(self) -> dict[str, Any]:
        """Return the fields that were given, as `project.json` has them."""
        given = self.model_dump(exclude_unset=True)
        return {name: "" if value is None else value for name, value in given.items()}


class ProjectOut(BaseModel):
    """A project."""

    model_config = example({"id": "hey_lumen", **_PROJECT, "runs": 1, "problem": None})
    id: str
    phrases: list[str]
    language: str = Field(description="empty: by the letters")
    say: list[str]
    refused: list[str]
    preset: str
    size: str = Field(description="empty: the preset's")
    seed: int
    clips: int
    settings: dict[str, str]
    runs: int = Field(description="how many there are")
    problem: str | None = Field(description="why its file can't be used; its fields are then empty")

    @classmethod
    def of(cls, name: str, project: Project | str, runs: int) -> ProjectOut:
        """Return a project, or the line that says why it can't be used."""
        if isinstance(project, str):
            empty = {"phrases": [], "language": "", "say": [], "refused": [], "preset": "", "size": "", "settings": {}}
            return cls.model_validate({"id": name, **empty, "seed": 0, "clips": 0, "runs": runs, "problem": project})
        return cls.model_validate({"id": name, **project.as_json(), "runs": runs, "problem": None})


class RunOut(BaseModel):
    """A run: a training, and the model that it has made."""

    model_config = example(_RUN)
    number: int
    state: State
    stage: str
    fraction: float = Field(description="of the whole run that is done, 0 to 1")
    seconds_left: float | None
    message: str = Field(description="why it failed, in one line with the way out")
    changed: float = Field(description="when the state changed, in seconds since 1970")
    place: int | None = Field(description="how many are trained before it; null if it doesn't wait")
    progress: dict[str, Any] = Field(description="the last line of progress.jsonl (docs/projects.md)")


class Thresholds(BaseModel):
    """Thresholds for a run's model: a word is raised at a score of at least its threshold."""

    model_config = example({"thresholds": {"hey lumen": 0.42}}, extra="forbid")
    thresholds: dict[_Text, Annotated[float, Field(gt=0, lt=1, strict=True)]] = Field(
        min_length=1, max_length=MAX_PHRASES, description="by phrase; those that are left out stay"
    )


class ThresholdsOut(BaseModel):
    """The thresholds that a run's model has."""

    model_config = example({"thresholds": {"hey lumen": 0.42}})
    thresholds: dict[str, float] = Field(description="by phrase")


class EstimateOut(BaseModel):
    """What the next run of a project will take on this computer."""

    model_config = example({"seconds": 2100, "bytes": 310_000_000, "stages": {"synthesis": 300.0, "sparse": 900.0}})
    seconds: float
    bytes: int = Field(description="of disk")
    stages: dict[str, float] = Field(description="seconds of each")
