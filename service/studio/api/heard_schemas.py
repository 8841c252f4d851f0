"""The JSON objects of what a model raises in the long recordings of its project, each with an example."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from service.studio.api.schemas import example
from service.studio.api.take_schemas import TAKE, TakeOut
from wakeword.projects.false_accepts import FalseAccept, FalseAccepts
from wakeword.projects.hearing import Hearing, State
from wakeword.projects.judged import Verdict

_RATE = {"hours": 3.5, "count": 4, "per_hour": 1.143, "low": 0.311, "high": 2.926}
_RAISED: dict[str, Any] = {
    "id": "3f1b5c0de2a7-7129", "recording": "living_room.flac", "time": 71.315, "word": "hey lumen", "score": 0.9312,
    "verdict": None,
}  # fmt: skip
_RECORDING = {"name": "living_room.flac", "seconds": 12_600.0, "count": 4, "trained": False, "problem": ""}
_HEARING = {"state": "running", "fraction": 0.4, "message": ""}


class RateOut(BaseModel):
    """False accepts in some hours, all words together, with Garwood's 95 % interval; rates are null of no hours."""

    model_config = example(_RATE)
    hours: float = Field(description="without what was really said")
    count: int
    per_hour: float | None
    low: float | None
    high: float | None


class RaisedOut(BaseModel):
    """A word that the model has raised in a recording."""

    model_config = example(_RAISED)
    id: str
    recording: str
    time: float = Field(description="seconds from the begin of the recording")
    word: str
    score: float = Field(description="the highest in the half second that follows, 0 to 1")
    verdict: Verdict | None = Field(description="wrong: filed as a false accept; right: it was said; null: not judged")

    @classmethod
    def of(cls, found: FalseAccept) -> RaisedOut:
        """Convert what was raised."""
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class RecordingOut(BaseModel):
    """A recording that was heard."""

    model_config = example(_RECORDING)
    name: str
    seconds: float
    count: int = Field(description="of words that were raised; the 500 of the highest scores are kept")
    trained: bool = Field(description="the model was trained on it")
    problem: str = Field(description="why it can't be read; empty if it was")


class HearingOut(BaseModel):
    """The state of a hearing."""

    model_config = example(_HEARING)
    state: State
    fraction: float = Field(description="of the recordings' length, 0 to 1")
    message: str = Field(description="why it failed")

    @classmethod
    def of(cls, hearing: Hearing) -> HearingOut:
        """Convert a state."""
        return cls(state=hearing.state, fraction=hearing.fraction, message=hearing.message)


class HeardOut(BaseModel):
    """What the model of a run raises in the long recordings of its project."""

    model_config = example(
        {
            "number": 1, "hearing": _HEARING, "all": _RATE, "unseen": _RATE, "recordings": [_RECORDING],
            "left": ["car.flac"], "count": 4, "raised": [_RAISED],
        }
    )  # fmt: skip
    number: int = Field(description="of the run")
    hearing: HearingOut | None = Field(description="null: none was asked for yet")
    all: RateOut
    unseen: RateOut = Field(description="of the recordings that the model was not trained on")
    recordings: list[RecordingOut]
    left: list[str] = Field(description="names of recordings that were not heard yet")
    count: int = Field(description="of all that could be listed")
    raised: list[RaisedOut] = Field(description="the highest scores first")

    @classmethod
    def of(cls, number: int, hearing: Hearing | None, found: FalseAccepts, limit: int, judged: bool) -> HeardOut:
        """Convert what was found. limit: of what is listed. judged: whether what was judged is listed, too."""
        wanted = [each for each in found.raised if judged or each.verdict is None]
        return cls(
            number=number,
            hearing=None if hearing is None else HearingOut.of(hearing),
            all=RateOut(**found.rate()),
            unseen=RateOut(**found.rate(unseen=True)),
            recordings=[
                RecordingOut(
                    name=each.name, seconds=each.seconds, count=each.count, trained=trained, problem=each.problem
                )
                for each, trained in found.recordings
            ],
            left=list(found.left),
            count=len(wanted),
            raised=[RaisedOut.of(each) for each in wanted[:limit]],
        )


class Judging(BaseModel):
    """What something that was raised is."""

    model_config = example({"verdict": "wrong"}, extra="forbid")
    verdict: Literal["wrong", "right", "ignored"]


class JudgedTakes(BaseModel):
    """The takes that a judgement made."""

    model_config = example({"takes": [TAKE]})
    takes: list[TakeOut]
