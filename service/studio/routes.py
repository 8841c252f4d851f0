"""All routes of the studio. Each file of `api/` has some of them."""

from __future__ import annotations

from fastapi import APIRouter

from service.studio.api import (
    candidate,
    heard,
    inbox,
    negatives,
    phrases,
    programs,
    projects,
    results,
    runs,
    takes,
    verdicts,
)

ROUTERS: tuple[APIRouter, ...] = (
    projects.router,
    runs.router,
    results.router,
    programs.router,
    phrases.router,
    takes.router,
    negatives.router,
    verdicts.router,
    heard.router,
    inbox.router,
    candidate.router,
)
