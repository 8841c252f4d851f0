"""The JSON objects of takes, negatives and the inbox, each with an example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from service.api.names import MAX_NAME, Name
from service.studio.api.schemas import example
from service.studio.inbox import Waiting
from service.studio.verdicts import Judged
from wakeword.projects.negatives import Negative
from wakeword.projects.takes import Change, LeftOut, Take

Text = Annotated[Name, Field(max_length=MAX_NAME)]
Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]
TAKE: dict[str, Any] = {
    "id": "5f0c1e9a77b2", "label": "hey lumen", "speaker": "ada", "distance": "near", "name": "take.m4a",
    "seconds": 1.1, "whole_seconds": 1.9, "begin": 0.4, "end": 1.5, "suggested_begin": 0.4, "suggested_end": 1.5,
    "level_dbfs": -21.4, "peak_dbfs": -9.2, "noise_dbfs": -61.0, "clipped": False, "advice": "",
}  # fmt: skip
_LEFT_OUT = {"begin": 7.4, "end": 7.6, "reason": "too short for the phrase"}
_CLIP = {
    "id": "1795327200250-5f0c1e9a77b2", "at": 1795327200.25, "source": "kitchen", "name": "", "seconds": 1.6,
    "level_dbfs": -32.5,
}  # fmt: skip

_JUDGED = {
    "id": "1795327200250-e42", "at": 1795327200.25, "verdict": "wrong", "word": "hey lumen", "source": "kitchen",
    "model": "hey_lumen-1", "score": 0.9712,
}  # fmt: skip


class TakeOut(BaseModel):
    """A take. Times are seconds from the begin of its whole, of which `begin` to `end` is trained on."""

    model_config = example(TAKE)
    id: str
    label: str
    speaker: str
    distance: str
    name: str = Field(description="of the file that it came from")
    seconds: float = Field(description="of the trimmed part, as are level, peak and clipped")
    whole_seconds: float
    begin: float
    end: float
    suggested_begin: float
    suggested_end: float
    level_dbfs: float
    peak_dbfs: float
    noise_dbfs: float = Field(description="of the room")
    clipped: bool
    advice: str = Field(description="what the speaker could do better; empty if the take is fine")

    @classmethod
    def of(cls, take: Take) -> TakeOut:
        """Convert a take."""
        own = {name: getattr(take, name) for name in ("id", "label", "speaker", "distance", "name")}
        return cls(**own, **asdict(take.measures))


class LeftOutOut(BaseModel):
    """A part of a recording that became no take, in seconds from its begin."""

    model_config = example(_LEFT_OUT)
    begin: float
    end: float
    reason: str


class Made(BaseModel):
    """The takes that a recording gave, and what of it became none. note: on how it was read, or empty."""

    model_config = example({"takes": [TAKE], "left_out": [_LEFT_OUT], "note": ""})
    takes: list[TakeOut]
    left_out: list[LeftOutOut]
    note: str = ""

    @classmethod
    def of(cls, made: tuple[Sequence[Take], Sequence[LeftOut]], note: str = "") -> Made:
        """Convert what `Takes.add` returns."""
        takes, left_out = made
        parts = [LeftOutOut(**asdict(it)) for it in left_out]
        return cls(takes=[TakeOut.of(take) for take in takes], left_out=parts, note=note)


class TakePatch(BaseModel):
    """What changes of a take: its trim, in seconds from the begin of the whole, or its names."""

    model_config = example({"begin": 0.35, "end": 1.4}, extra="forbid")
    begin: Seconds | None = None
    end: Seconds | None = None
    label: Text | None = None
    speaker: Text | None = None
    distance: Text | None = None

    def change(self) -> Change:
        """Return it as `Takes.change` takes it."""
        return Change(**self.model_dump())


class NegativeOut(BaseModel):
    """A long recording in which nobody says a phrase."""

    model_config = example({"name": "living_room.flac", "seconds": 3600.0, "bytes": 61_200_000})
    name: str
    seconds: float | None = Field(description="null if it can't be read")
    bytes: int

    @classmethod
    def of(cls, negative: Negative) -> NegativeOut:
        """Convert a recording."""
        return cls(**asdict(negative))


class ClipOut(BaseModel):
    """A clip that waits in the inbox."""

    model_config = example(_CLIP)
    id: str
    at: float = Field(description="when it came, in seconds since 1970")
    source: str
    name: str = Field(description="of its file; may be empty")
    seconds: float
    level_dbfs: float

    @classmethod
    def of(cls, clip: Waiting) -> ClipOut:
        """Convert a clip."""
        return cls(**asdict(clip))


class JudgedOut(BaseModel):
    """A clip that the service has kept with a verdict, and that this project can learn from."""

    model_config = example(_JUDGED)
    id: str
    at: float = Field(description="when it was heard, in seconds since 1970")
    verdict: Literal["wrong", "missed"] = Field(description="wrong: a false accept; missed: the word was said in it")
    word: str
    source: str
    model: str | None = Field(description="that raised it; null of a word that was missed, as is its score")
    score: float | None

    @classmethod
    def of(cls, judged: Judged) -> JudgedOut:
        """Convert a verdict."""
        return cls(**{name: getattr(judged, name) for name in cls.model_fields})


class JudgedPage(BaseModel):
    """A page of verdicts that are neither filed nor left out, latest first."""

    model_config = example({"verdicts": [_JUDGED], "count": 1, "next": None})
    verdicts: list[JudgedOut]
    count: int = Field(description="of all pages together")
    next: str | None = Field(description="cursor of the next page; null after the last")


class Filing(BaseModel):
    """Where a clip of the inbox goes."""

    model_config = example({"project": "hey_lumen", "label": "hey lumen", "speaker": "ada"}, extra="forbid")
    project: Text
    label: Text = Field("", description="a phrase, _unknown_ or _background_noise_; empty: the first phrase")
    speaker: Text = Field("", description="empty: the clip's source")
    distance: Text = ""
