"""All routes of the studio. Each file of `api/` has some of them."""

from __future__ import annotations

from fastapi import APIRouter

from service.studio.api import phrases, projects, results, runs

ROUTERS: tuple[APIRouter, ...] = (
    projects.router,
    runs.router,
    results.router,
    phrases.router,
)
