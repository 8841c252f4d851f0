"""The OpenAPI document, at `/openapi.json`.

To make it takes ten times as long as all else at the start of the service. So it is made when it is first asked for, in
a thread, since it would hold up the streams.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from service import problems
from service.problems import Problem


def install(app: FastAPI) -> None:
    """Serve the document of an application. FastAPI's pages that show it load from the internet, and are not served."""
    turn = threading.Lock()  # of the first requests, one makes it
    document = cache(lambda: _document(app))

    @app.get("/openapi.json", include_in_schema=False)
    def openapi(request: Request) -> JSONResponse:
        path = request.scope["root_path"]
        servers = {"servers": [{"url": path}]} if path else {}
        with turn:
            return JSONResponse({**document(), **servers})


def _document(app: FastAPI) -> dict[str, Any]:
    """Return the document, with errors as problem details in place of FastAPI's own form."""
    document = app.openapi()
    schemas = document["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for path in document["paths"].values():
        for operation in path.values():
            answers = operation["responses"]
            answers["429"] = problems.documented(429)[429]
            if "422" in answers:
                answers["422"] = problems.documented(422)[422]
    return document
