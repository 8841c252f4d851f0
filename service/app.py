"""The FastAPI application: routes and dashboard behind the access middleware, around the runtime."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from service import openapi, problems
from service.api import detect, events, health, models, sources, sse, websocket, words
from service.api.session import session_routes
from service.metrics import Metrics
from service.middleware import AccessMiddleware
from service.rate_limiter import RateLimiter
from service.receiving import BodyDeadline
from service.runtime import Prepared, running
from service.sessions import Sessions
from service.studio.page import mount_page, page_paths
from service.studio.routes import ROUTERS

_DASHBOARD = Path(__file__).parent / "dashboard"
_DESCRIPTION = """
Detects words in audio streams, stores each event, and delivers it.

Errors are problem details (RFC 9457). Audio streams use the WebSocket `/api/stream`, described in docs/service.md.
"""


def create_app(prepared: Prepared, token_hash: str | None = None) -> FastAPI:
    """Return the application. token_hash: None requires no token."""
    settings, metrics = prepared.settings, Metrics()
    sessions = None if token_hash is None else Sessions(settings.data, token_hash)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running(prepared, metrics) as runtime:
            app.state.runtime = runtime
            yield

    app = FastAPI(
        title="wakeword",
        version=version("wakeword"),
        description=_DESCRIPTION,
        openapi_url=None,  # openapi.py serves the document
        lifespan=lifespan,
        redirect_slashes=False,
    )
    problems.install(app)
    failures = RateLimiter(settings.limits.failed_logins / 60, settings.limits.failed_logins)
    # sse before events: /api/events/live is no event's id.
    for router in (sse.router, events.router, detect.router, sources.router, words.router, models.router, *ROUTERS):
        app.include_router(router)
    app.include_router(session_routes(settings, token_hash, sessions, failures))
    app.include_router(health.router)
    app.include_router(websocket.router)
    openapi.install(app)
    mount_page(app)
    app.mount("/", StaticFiles(directory=_DASHBOARD, html=True), name="dashboard")
    app.add_middleware(BodyDeadline, limits=settings.limits)
    app.add_middleware(
        AccessMiddleware,
        settings=settings,
        metrics=metrics,
        token_hash=token_hash,
        sessions=sessions,
        failures=failures,
        page=["/", *(f"/{file.name}" for file in _DASHBOARD.iterdir()), *page_paths()],
    )
    return app
