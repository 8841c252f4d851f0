"""Routes for monitoring: liveness, readiness, metrics."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter, HTTPException, Response

from service import metrics
from service.api.dependencies import Service
from service.api.schemas import About
from service.problems import documented

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """Answer that the process is alive."""
    return {"status": "alive"}


@router.get("/readyz", responses=documented(503))
async def ready(service: Service) -> dict[str, str]:
    """Answer whether streams are processed and events can be stored."""
    if service.closed:
        raise HTTPException(503, "the service is ending")
    if service.trouble is not None:
        raise HTTPException(503, f"events can't be stored: {service.trouble.reason}")
    if service.upkeep.hangs:
        raise HTTPException(503, "the database doesn't answer")
    return {"status": "ready"}


@router.get("/api/about")
async def about(service: Service) -> About:
    """Get the version, and whether clips are kept."""
    return About(version=version("wakeword"), clips=service.settings.clips)


@router.get("/metrics", response_class=Response, responses={200: {"content": {metrics.CONTENT_TYPE: {}}}})
def figures(service: Service) -> Response:
    """Get the metrics in Prometheus' text format."""
    return Response(service.metrics.text(), media_type=metrics.CONTENT_TYPE)
