"""Routes of the runs: trainings of a project, as jobs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from service.api.dependencies import Service
from service.api.sse import EVENTS, KEEPALIVE, Feed
from service.problems import documented
from service.runtime import Runtime
from service.studio.api.schemas import RunOut
from service.studio.api.shared import PREFIX, Id, Number, Open
from service.studio.studio import Studio
from wakeword.projects.runs import Run, new_run, runs_of

router = APIRouter(prefix=f"{PREFIX}/projects/{{id}}/runs", tags=["studio"])


@router.get("", responses=documented(404))
def runs(studio: Open, id: Id) -> list[RunOut]:
    """List the runs of a project."""
    return [_out(studio, run) for run in runs_of(studio.folder(id))]


@router.post("", status_code=201, responses=documented(404, 409, 422, 503, 507))
async def train(studio: Open, id: Id) -> RunOut:
    """Queue a training of the project as it is by then. One is trained at a time, in a process of low priority."""
    await studio.check_room(id)
    async with studio.changing:
        project = await asyncio.to_thread(studio.project, id)
        studio.jobs.check_room()
        run = await asyncio.to_thread(new_run, project.folder)
        await studio.jobs.add(run)
    return await asyncio.to_thread(_out, studio, run)


@router.get("/{number}", responses=documented(404, 422))
def run(studio: Open, id: Id, number: Number) -> RunOut:
    """Get the state of a run."""
    return _out(studio, studio.run(id, number))


@router.post("/{number}/pause", responses=documented(404, 409, 422, 507))
async def pause(studio: Open, id: Id, number: Number) -> RunOut:
    """Pause a run: its process ends, and what it has made stays, over a restart too. It makes its last epoch again."""
    run = await asyncio.to_thread(studio.run, id, number)
    await studio.jobs.pause(run)
    return await asyncio.to_thread(_out, studio, run)


@router.post("/{number}/resume", responses=documented(404, 409, 422, 507))
async def resume(studio: Open, id: Id, number: Number) -> RunOut:
    """Queue a run again that was paused, interrupted or has failed. It goes on where it was."""
    async with studio.changing:
        run = await asyncio.to_thread(studio.run, id, number)
        await studio.jobs.add(run)
    return await asyncio.to_thread(_out, studio, run)


@router.post("/{number}/cancel", responses=documented(404, 409, 422, 507))
async def cancel(studio: Open, id: Id, number: Number) -> RunOut:
    """End a run for good. Nothing that it has made stays but its log."""
    run = await asyncio.to_thread(studio.run, id, number)
    await studio.jobs.cancel(run)
    return await asyncio.to_thread(_out, studio, run)


@router.delete("/{number}", status_code=204, responses=documented(404, 409, 422))
async def remove(studio: Open, id: Id, number: Number) -> None:
    """Delete a run that is over or paused, with its model."""
    async with studio.changing:
        run = await asyncio.to_thread(studio.run, id, number)
        await studio.hearings.drop(run.folder)
        await studio.jobs.remove(run)


@router.get("/{number}/live", response_class=StreamingResponse, responses={**EVENTS, **documented(404, 422, 503)})
async def live(service: Service, studio: Open, id: Id, number: Number) -> StreamingResponse:
    """Stream the run's state as `event: run`: at once, and whenever it or the progress changes."""
    return Feed(service, _states(service, await asyncio.to_thread(studio.run, id, number)))


async def _states(service: Runtime, run: Run) -> AsyncIterator[str]:
    yield ": connected\n\n"
    told = ""
    while not service.closed and run.folder.is_dir():
        # Wait before looking, so that no notification is missed between the two.
        notified = asyncio.ensure_future(service.studio.jobs.changed.wait(KEEPALIVE))
        try:
            await asyncio.sleep(0)
            state = (await asyncio.to_thread(_out, service.studio, run)).model_dump_json()
            if state != told:
                told = state
                yield f"event: run\ndata: {state}\n\n"
            if not await notified:
                yield ": still here\n\n"
        finally:
            notified.cancel()


def _out(studio: Studio, run: Run) -> RunOut:
    status = studio.jobs.status(run)
    return RunOut.model_validate({**status.as_json(), "place": studio.jobs.place(run), "progress": run.last_line()})
