"""Routes that tell of phrases before an hour is spent on them: languages, and how each engine says them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from service.problems import documented
from service.studio.api.schemas import example
from service.studio.api.shared import PREFIX, Open
from service.studio.speech import Engine
from wakeword.model.labels import MAX_LABEL
from wakeword.phrases.language import LANGUAGES
from wakeword.projects.project import MAX_PHRASES, MAX_REFUSED, MAX_SAID

router = APIRouter(prefix=PREFIX, tags=["studio"])
_WARNING = {"kind": "similar", "text": "'hey lumen' sounds like 'human', which is said about twice an hour of talk"}
_WAV: dict[int | str, dict[str, Any]] = {200: {"description": "a clip", "content": {"audio/wav": {}}}}
_Phrase = Annotated[str, Query(max_length=MAX_LABEL, examples=["hey lumen"])]
_Language = Annotated[str, Query(max_length=MAX_LABEL, description="empty: by the letters", examples=["en-us"])]
_Part = Annotated[str, Query(max_length=MAX_LABEL)]
_Say = Annotated[
    list[_Part],
    Query(max_length=MAX_SAID, description="how it sounds, as of a project", examples=[["lumen=loomen"]]),
]


class LanguageOut(BaseModel):
    """A language that is spoken."""

    model_config = example({"code": "en-us", "name": "American English"})
    code: str
    name: str


class WarningOut(BaseModel):
    """What speaks against a phrase."""

    model_config = example(_WARNING)
    kind: str = Field(description="short, frequent, similar, or holds: one phrase is heard in another")
    text: str


class AdviceOut(BaseModel):
    """What is known of phrases before they are trained."""

    model_config = example(
        {"language": "en-us", "phonemes": "hˈeɪ lˈuːmɛn", "engines": ["espeak-ng"], "warnings": [_WARNING],
         "problem": None}
    )  # fmt: skip
    language: str
    phonemes: str
    engines: list[str] = Field(description="which can say it")
    warnings: list[WarningOut]
    problem: str | None = Field(description="why it can't be trained")


@router.get("/languages")
def languages() -> list[LanguageOut]:
    """List the languages of phrases."""
    return [LanguageOut(code=language.code, name=language.name) for language in LANGUAGES.values()]


@router.get("/advice", responses=documented(422, 503))
async def advice(
    studio: Open,
    phrase: Annotated[list[_Part], Query(min_length=1, max_length=MAX_PHRASES, examples=[["hey lumen"]])],
    language: _Language = "",
    say: _Say = [],  # noqa: B006 - FastAPI copies it
    refused: Annotated[list[_Part], Query(max_length=MAX_REFUSED, description="phrases that must not wake it")] = [],  # noqa: B006
) -> AdviceOut:
    """Get how phrases sound, who can say them, and what speaks against them."""
    question = {"phrases": phrase, "language": language, "say": say, "refused": refused}
    return AdviceOut.model_validate(await studio.adviser.ask({"advice": question}))


@router.get("/speech", response_class=Response, responses={**_WAV, **documented(422, 503)})
async def speech(
    studio: Open,
    phrase: _Phrase,
    engine: Annotated[Engine, Query(description="a speech engine that is installed")],
    language: _Language = "",
    say: _Say = [],  # noqa: B006 - FastAPI copies it
    seed: Annotated[int, Query(ge=0, lt=2**31, description="another one is another voice")] = 0,
) -> Response:
    """Hear a phrase, spoken by one engine in one of its voices."""
    clip = await studio.speaker.speak(phrase, engine, language, say, seed)
    return Response(clip, media_type="audio/wav", headers={"Cache-Control": "private, max-age=3600"})
