"""Routes that tell of phrases before an hour is spent on them: languages, and how each engine says them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from service.problems import documented
from service.studio.api.schemas import example
from service.studio.api.shared import PREFIX, Open
from service.studio.speech import Engine
from wakeword.model.labels import MAX_LABEL
from wakeword.phrases.language import LANGUAGES
from wakeword.projects.project import MAX_SAID

router = APIRouter(prefix=PREFIX, tags=["studio"])
_WAV: dict[int | str, dict[str, Any]] = {200: {"description": "a clip", "content": {"audio/wav": {}}}}
_Phrase = Annotated[str, Query(max_length=MAX_LABEL, examples=["hey lumen"])]
_Language = Annotated[str, Query(max_length=MAX_LABEL, description="empty: by the letters", examples=["en-us"])]
_Say = Annotated[
    list[Annotated[str, Query(max_length=MAX_LABEL)]],
    Query(max_length=MAX_SAID, description="how it sounds, as of a project", examples=[["lumen=loomen"]]),
]


class LanguageOut(BaseModel):
    """A language that is spoken."""

    model_config = example({"code": "en-us", "name": "American English"})
    code: str
    name: str


@router.get("/languages")
def languages() -> list[LanguageOut]:
    """List the languages of phrases."""
    return [LanguageOut(code=language.code, name=language.name) for language in LANGUAGES.values()]


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
