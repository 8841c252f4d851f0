"""Routes of the projects."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from service.problems import documented
from service.studio.api.schemas import EstimateOut, ProjectIn, ProjectOut
from service.studio.api.shared import PREFIX, Id, Open
from wakeword.projects.library import create_project, list_projects
from wakeword.projects.runs import runs_of

router = APIRouter(prefix=f"{PREFIX}/projects", tags=["studio"])


@router.get("")
def projects(studio: Open) -> list[ProjectOut]:
    """List the projects."""
    found = list_projects(studio.projects)
    return [ProjectOut.of(name, project, _runs(studio, name)) for name, project in found.items()]


@router.post("", status_code=201, responses=documented(422, 507))
async def create(studio: Open, given: ProjectIn) -> ProjectOut:
    """Make a project. Its id is made of its phrases."""
    async with studio.changing:
        project = await asyncio.to_thread(create_project, studio.projects, given.content())
    return ProjectOut.of(project.folder.name, project, 0)


@router.get("/{id}", responses=documented(404, 422))
def project(studio: Open, id: Id) -> ProjectOut:
    """Get a project."""
    return ProjectOut.of(id, studio.project(id), _runs(studio, id))


@router.put("/{id}", responses=documented(404, 422, 507))
async def change(studio: Open, id: Id, given: ProjectIn) -> ProjectOut:
    """Change the fields that are given. The next run is made of them; one that has begun goes on as it was."""
    async with studio.changing:
        project = (await asyncio.to_thread(studio.project, id)).changed(given.content())
        await asyncio.to_thread(project.write)
    return ProjectOut.of(id, project, await asyncio.to_thread(_runs, studio, id))


@router.delete("/{id}", status_code=204, responses=documented(404, 422))
async def remove(studio: Open, id: Id) -> None:
    """Delete a project with every sample of its audio, its runs and its models. What is trained of it is ended."""
    await studio.remove(id)


@router.get("/{id}/estimate", responses=documented(404, 422, 503))
async def estimate(studio: Open, id: Id) -> EstimateOut:
    """Estimate what the next run takes. Tell in one line what it lacks."""
    return EstimateOut.model_validate(await studio.estimate(id))


def _runs(studio: Open, name: str) -> int:
    return len(runs_of(studio.projects / name))
