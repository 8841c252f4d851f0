"""The studio's page: its files, and the module by which it tries a model in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import RedirectResponse
from starlette.staticfiles import StaticFiles

import wakeword

PATH = "/studio/"
_PAGES = Path(__file__).parent / "pages"
_WEB = Path(wakeword.__file__).parent / "assets" / "web"
_MODULE = ("wakeword.js", "wakeword.wasm")


def page_paths() -> Iterator[str]:
    """Yield the paths of the files, which need no token: they hold no secret, and ask for it."""
    yield from (PATH.rstrip("/"), PATH)
    yield from (f"{PATH}{file.name}" for file in _PAGES.iterdir())
    yield from (f"{PATH}web/{name}" for name in _MODULE)


def mount_page(app: FastAPI) -> None:
    """Serve the files below /studio/."""

    @app.get(PATH.rstrip("/"), include_in_schema=False)
    def with_slash() -> RedirectResponse:
        return RedirectResponse("studio/", 308)  # relative, so that it is right behind a proxy

    app.mount(f"{PATH}web", StaticFiles(directory=_WEB), name="web module")
    app.mount(PATH.rstrip("/"), StaticFiles(directory=_PAGES, html=True), name="studio")
