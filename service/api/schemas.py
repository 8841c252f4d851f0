"""The JSON objects of requests and responses, each with an example."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.active_models import MAX_MODELS
from service.api.names import Name
from service.detection.score_history import FLOOR
from service.detection.source import Detection
from service.store.words import MAX_REFRACTORY

Score = Annotated[float, Field(ge=0, le=1)]
EVENT = {
    "id": 42, "at": 1795327200.25, "source": "kitchen", "word": "yes", "score": 0.9712, "time": 12.335, "frame": 1231,
    "model": "google12", "verdict": None, "clip": "/api/events/42/clip",
}  # fmt: skip
_DETECTION = {name: EVENT[name] for name in ("word", "score", "time", "frame", "model")}
_NAMES: dict[str, Any] = {"maxItems": MAX_MODELS, "uniqueItems": True}


def _example(value: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [value]})


class EventOut(BaseModel):
    """A stored event."""

    model_config = _example(EVENT)
    id: int
    at: float = Field(description="seconds since 1970")
    source: str
    word: str
    score: float = Field(description="smoothed posterior, 0 to 1")
    time: float = Field(description="seconds since the stream began")
    frame: int
    model: str
    verdict: str | None
    clip: str | None = Field(description="path of its audio; null if none is kept")


class Page(BaseModel):
    """A page of events, latest first."""

    model_config = _example({"events": [EVENT], "next": 42})
    events: list[EventOut]
    next: int | None = Field(description="cursor of the next page; null after the last")


class Verdict(BaseModel):
    """A user's judgement of an event."""

    model_config = _example({"verdict": "wrong"})
    verdict: Literal["wrong", "right"]


class Missed(BaseModel):
    """A word that was just spoken and missed."""

    model_config = _example({"word": "yes"})
    word: Name


class Filed(BaseModel):
    """The file of a clip for training, below the service's folder `feedback`."""

    model_config = _example({"file": "yes/20261122T101500-kitchen.wav"})
    file: str


class DetectionOut(BaseModel):
    """A word detected in an upload."""

    model_config = _example(_DETECTION)
    word: str
    score: float
    time: float
    frame: int
    model: str

    @classmethod
    def of(cls, found: Detection) -> DetectionOut:
        """Convert a detection."""
        return cls(word=found.word, score=found.score, time=found.time, frame=found.frame, model=found.model)


class Detected(BaseModel):
    """The words detected in an upload. note: on how it was read; empty if there is nothing to know."""

    model_config = _example({"seconds": 22.5, "events": [_DETECTION], "note": ""})
    seconds: float
    events: list[DetectionOut]
    note: str = ""


class SourceOut(BaseModel):
    """An open stream."""

    model_config = _example(
        {
            "name": "kitchen", "kind": "stream", "seconds": 3600.5, "level": -42.1, "model": "digits10",
            "models": ["digits10"], "then": ["google12"], "trouble": None,
        }
    )  # fmt: skip
    name: str
    kind: str
    seconds: float = Field(description="length of the audio so far")
    level: float = Field(description="level of the last second, in decibels relative to full scale")
    model: str = Field(description="the first of `models`")
    models: list[str] = Field(description="those that always listen")
    then: list[str] = Field(description="those that are heard after a word of the others")
    trouble: str | None = Field(description="why no audio comes at present; null if it does")


class WordOut(BaseModel):
    """A word of an active model, or of one that is heard after a word of those."""

    model_config = _example(
        {
            "word": "yes", "model": "google12", "then": False, "threshold": 0.9, "refractory": 0.6,
            "model_threshold": 0.94, "model_refractory": 0.6,
        }
    )  # fmt: skip
    word: str
    model: str
    then: bool = Field(description="whether the word is heard only after a word of an active model")
    threshold: float
    refractory: float = Field(description="seconds without another event of its model after an event of this word")
    model_threshold: float
    model_refractory: float


class WordPatch(BaseModel):
    """Settings of a word. null restores the model's own; a field that is left out stays. `true` is no number."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"threshold": 0.9}]})
    threshold: Annotated[float, Field(ge=FLOOR, le=1, strict=True)] | None = None
    refractory: Annotated[float, Field(ge=0, le=MAX_REFRACTORY, strict=True)] | None = None


class WhatIf(BaseModel):
    """The events of the last hour under another threshold."""

    model_config = _example(
        {"word": "yes", "model": "google12", "threshold": 0.8, "events": 7, "now": 5, "seconds": 3600.0}
    )
    word: str
    model: str
    threshold: float
    events: int = Field(description="events of the word under this threshold")
    now: int = Field(description="events of the word under its present threshold")
    seconds: float = Field(description="length of the audio that this covers")


class ModelOut(BaseModel):
    """A model that can be activated."""

    model_config = _example(
        {"id": "google12", "active": True, "then": False, "words": ["yes", "no"], "bytes": 5931, "problem": None}
    )
    id: str
    active: bool = Field(description="whether it always listens")
    then: bool = Field(description="whether it is heard for five seconds after a word of an active model")
    words: list[str]
    bytes: int | None = Field(description="flash on a microcontroller")
    problem: str | None = Field(description="why it can't be activated; null if it can")


class CardRow(BaseModel):
    """A row of a model's card."""

    model_config = _example({"title": "verdict", "text": "Good enough: it missed 2 of 50 clips of 'hey lumen'."})
    title: str
    text: str


class PointOut(BaseModel):
    """What another threshold would have given."""

    model_config = _example({"threshold": 0.8, "misses": 0.02, "per_hour": 0.7})
    threshold: float
    misses: float = Field(description="share of the clips")
    per_hour: float = Field(description="false accepts")


class MeasuredWord(BaseModel):
    """How well a word was heard in the training's report, and its trade-off."""

    model_config = _example(
        {"word": "hey lumen", "threshold": 0.9, "misses": 0.04, "per_hour": 0.0,
         "curve": [{"threshold": 0.8, "misses": 0.02, "per_hour": 0.7}]}
    )  # fmt: skip
    word: str
    threshold: float
    misses: float | None = Field(description="share of the clips; null if there was none")
    per_hour: float | None = Field(description="false accepts; null if nothing was there to tell")
    curve: list[PointOut]


class CardOut(BaseModel):
    """The card of a model: what it is, how it was made, and how well it hears."""

    model_config = _example({"id": "hey_lumen-1", "good": True, "rows": [{"title": "seed", "text": "0"}], "words": []})
    id: str
    good: bool | None = Field(description="whether its training's report calls it good enough; null without one")
    rows: list[CardRow]
    words: list[MeasuredWord] = Field(description="those of the report; empty without one")


class Choice(BaseModel):
    """The models that are to listen: each is named once, and there are eight at most."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"models": ["digits10"], "then": ["google12"]}]}
    )
    models: list[Name] = Field(description="those that always listen", json_schema_extra={"minItems": 1} | _NAMES)
    then: list[Name] = Field(
        default=[],
        description="those that are heard for five seconds after a word of the others",
        json_schema_extra=_NAMES,
    )


class Login(BaseModel):
    """The token that the service printed at its first start on a network, or an invitation of a browser that has it."""

    model_config = _example({"token": "the-token-that-was-printed"})
    token: Annotated[str, Field(max_length=200)] = ""
    invitation: Annotated[str, Field(max_length=200)] = ""


class Invitation(BaseModel):
    """An address that logs another browser in, once within ten minutes."""

    model_config = _example({"url": "https://192.0.2.7:8765/studio/#invitation=…", "qr": "data:image/svg+xml,…"})
    url: str
    qr: str = Field(description="a picture of the address, as a data URI, for a telephone's camera")


class About(BaseModel):
    """The service's version and options that a page needs."""

    model_config = _example({"version": "0.1.0", "clips": True})
    version: str
    clips: bool = Field(description="whether the audio around each event is kept")
