"""What goes over the wire, with an example of each."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.detection.score_history import FLOOR
from service.detection.tuning import LONGEST

Score = Annotated[float, Field(ge=0, le=1)]
_EVENT = {
    "id": 42, "at": 1795327200.25, "source": "kitchen", "word": "yes", "score": 0.9712, "time": 12.335, "frame": 1231,
    "model": "google12", "verdict": None, "clip": "/api/events/42/clip",
}  # fmt: skip


def _example(value: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [value]})


class EventOut(BaseModel):
    """A detection."""

    model_config = _example(_EVENT)
    id: int
    at: float = Field(description="seconds since 1970")
    source: str
    word: str
    score: float = Field(description="smoothed posterior, 0 to 1")
    time: float = Field(description="seconds since the stream began")
    frame: int
    model: str
    verdict: str | None
    clip: str | None = Field(description="where its audio is, if it is kept")


class Page(BaseModel):
    """Events, the latest first."""

    model_config = _example({"events": [_EVENT], "next": 42})
    events: list[EventOut]
    next: int | None = Field(description="the cursor of the next page; null after the last")


class Verdict(BaseModel):
    """What a listener says of an event; its clip goes where the next training finds it."""

    model_config = _example({"verdict": "wrong"})
    verdict: Literal["wrong", "right"]


class Missed(BaseModel):
    """A word that was just spoken and not detected."""

    model_config = _example({"word": "yes"})
    word: str


class Filed(BaseModel):
    """A clip for the next training, in a folder for each word under the service's data."""

    model_config = _example({"file": "yes/20261122T101500-kitchen.wav"})
    file: str


class DetectionOut(BaseModel):
    """A word in an upload."""

    model_config = _example({"word": "yes", "score": 0.9712, "time": 12.335, "frame": 1231})
    word: str
    score: float
    time: float
    frame: int


class Detected(BaseModel):
    """What was heard in an upload."""

    model_config = _example(
        {"seconds": 22.5, "events": [{"word": "yes", "score": 0.9712, "time": 12.335, "frame": 1231}]}
    )
    seconds: float
    events: list[DetectionOut]


class SourceOut(BaseModel):
    """A stream that is open."""

    model_config = _example(
        {"name": "kitchen", "kind": "stream", "seconds": 3600.5, "level": -42.1, "model": "google12", "trouble": None}
    )
    name: str
    kind: str
    seconds: float = Field(description="how much of it was heard")
    level: float = Field(description="of its last second, in decibels below full scale")
    model: str
    trouble: str | None = Field(description="why nothing comes from it at present")


class WordOut(BaseModel):
    """A word of the active model."""

    model_config = _example(
        {"word": "yes", "threshold": 0.9, "refractory": 0.6, "model_threshold": 0.94, "model_refractory": 0.6}
    )
    word: str
    threshold: float
    refractory: float = Field(description="seconds after an event of it without another")
    model_threshold: float
    model_refractory: float


class WordPatch(BaseModel):
    """Settings of a word; null is the model's own, and what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"threshold": 0.9}]})
    threshold: Annotated[float, Field(ge=FLOOR, le=1)] | None = None
    refractory: Annotated[float, Field(ge=0, le=LONGEST)] | None = None


class WhatIf(BaseModel):
    """What a threshold would have made of the last hour."""

    model_config = _example({"word": "yes", "threshold": 0.8, "events": 7, "now": 5, "seconds": 3600.0})
    word: str
    threshold: float
    events: int = Field(description="events of the word that there would have been")
    now: int = Field(description="events of the word with the threshold that is set")
    seconds: float = Field(description="how far back the scores reach")


class ModelOut(BaseModel):
    """A model that can be activated."""

    model_config = _example({"id": "google12", "active": True, "words": ["yes", "no"], "bytes": 5931, "problem": None})
    id: str
    active: bool
    words: list[str]
    bytes: int | None = Field(description="of flash on a chip")
    problem: str | None = Field(description="why it can't be activated")


class Login(BaseModel):
    """The token that the service printed when it was first opened to the network."""

    model_config = _example({"token": "the-token-that-was-printed"})
    token: Annotated[str, Field(max_length=200)]


class About(BaseModel):
    """What a page needs to know of the service."""

    model_config = _example({"version": "0.1.0", "clips": True})
    version: str
    clips: bool = Field(description="whether the second around an event is kept")
