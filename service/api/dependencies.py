"""What several routes share: the running service, and the answer to a word that no model has."""

from typing import Annotated

from fastapi import Depends, HTTPException
from starlette.requests import HTTPConnection

from service.runtime import Runtime


def _runtime(connection: HTTPConnection) -> Runtime:
    runtime: Runtime = connection.app.state.runtime
    return runtime


def no_word(word: str, model: str | None = None) -> HTTPException:
    """Return the answer to a word that no model has which listens, or not the model that was named."""
    which = "no active model has the word" if model is None else f"there is no active model {model!r} with the word"
    return HTTPException(404, f"{which} {word!r}; GET /api/words lists them")


Service = Annotated[Runtime, Depends(_runtime)]
