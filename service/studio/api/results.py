"""Routes of what a run has made: its progress, its report and its model."""

from __future__ import annotations

import asyncio
import itertools
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Response

from service.active_models import ActiveModels
from service.api.dependencies import Service
from service.api.models import model_out
from service.api.schemas import ModelOut
from service.problems import documented
from service.runtime import Runtime
from service.studio.api.schemas import Thresholds, ThresholdsOut
from service.studio.api.shared import PREFIX, Id, Number, Open
from service.studio.bundles import DEFAULT_BOARD, Board, Format, bundle
from service.studio.studio import Studio
from wakeword.errors import DataError
from wakeword.files import write_whole
from wakeword.model.file import Model, read_model, write_model
from wakeword.model.score import as_fraction
from wakeword.projects.runs import Run
from wakeword.projects.stored import stored_object

router = APIRouter(prefix=f"{PREFIX}/projects/{{id}}/runs/{{number}}", tags=["studio"])
_MOST_LINES = 5000  # of progress that are told, the latest ones
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "a file, or a zip", "content": {"application/octet-stream": {}, "application/zip": {}}}
}


@router.get("/progress", responses=documented(404, 422))
def progress(studio: Open, id: Id, number: Number) -> list[dict[str, Any]]:
    """Get the results of the epochs so far, as progress.jsonl has them (docs/projects.md)."""
    lines = [line for line in studio.run(id, number).lines() if "epoch" in line]
    return lines[-_MOST_LINES:]


@router.get("/report", responses=documented(404, 422))
def report(studio: Open, id: Id, number: Number) -> dict[str, Any]:
    """Get the report of a run that is done (docs/projects.md)."""
    run = studio.run(id, number)
    try:
        return stored_object(run.report.read_bytes())
    except FileNotFoundError as error:
        raise _nothing(studio, run, "report") from error
    except ValueError as error:
        raise DataError(f"the report of run {number} is damaged; train the project again") from error


@router.get("/thresholds", responses=documented(404, 422))
def thresholds(studio: Open, id: Id, number: Number) -> ThresholdsOut:
    """Get the thresholds of a run's model."""
    return _thresholds_of(read_model(with_model(studio, id, number).model))


@router.put("/thresholds", responses=documented(404, 422, 507))
async def set_thresholds(studio: Open, id: Id, number: Number, asked: Thresholds) -> ThresholdsOut:
    """Give a run's model other thresholds. What is downloaded or activated from then on has them; the report stays."""

    def changed() -> ThresholdsOut:
        run = with_model(studio, id, number)
        model = read_model(run.model).with_thresholds(asked.thresholds)
        write_model(model, run.model)
        return _thresholds_of(model)

    async with studio.changing:  # two changes at once would lose one, and a removed run would come back
        return await asyncio.to_thread(changed)


def _thresholds_of(model: Model) -> ThresholdsOut:
    chosen = [round(as_fraction(threshold), 5) for threshold in model.detector.thresholds[model.first_word :]]
    return ThresholdsOut(thresholds=dict(zip(model.keywords, chosen, strict=True)))


@router.get("/download", response_class=Response, responses={**_FILE, **documented(404, 422)})
def download(
    studio: Open,
    id: Id,
    number: Number,
    format: Annotated[Format, Query(description="bin is what the web module loads; zips hold all that they need")],
    board: Annotated[Board, Query(description="of an Arduino sketch")] = DEFAULT_BOARD,
) -> Response:
    """Get the model of a run, for its use in a program, a web page or a board."""
    made = bundle(with_model(studio, id, number).model, id, format, board)
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", made.name)  # for curl -J, which takes no other
    name = f"attachment; filename=\"{plain}\"; filename*=utf-8''{quote(made.name, safe='')}"
    return Response(made.data, media_type=made.media_type, headers={"Content-Disposition": name})


@router.post("/activate", responses=documented(404, 422, 507))
async def activate(service: Service, studio: Open, id: Id, number: Number) -> ModelOut:
    """Copy the model of a run into the service's folder `models`, and let it listen alone from now on."""
    name = await install(service, studio, id, number)
    await service.activate(ActiveModels((name,)))
    return await asyncio.to_thread(model_out, service, name)


async def install(service: Runtime, studio: Studio, id: str, number: int) -> str:
    """Copy the model of a run into the service's folder `models`. Return its name there.

    Raises HTTPException, 404, if the run has none."""
    run = await asyncio.to_thread(with_model, studio, id, number)
    return await asyncio.to_thread(_copied, run, service.settings.model_folder, f"{id}-{number}")


def with_model(studio: Studio, id: str, number: int) -> Run:
    """Return a run that has a model. Raises HTTPException, 404, if it has none."""
    run = studio.run(id, number)
    if not run.model.is_file():
        raise _nothing(studio, run, "model")
    return run


def _nothing(studio: Studio, run: Run, what: Literal["model", "report"]) -> HTTPException:
    return HTTPException(404, f"run {run.number} is {studio.jobs.status(run).state}; it has no {what} yet")


def _copied(run: Run, folder: Path, name: str) -> str:
    """Copy a run's model into a folder. Return its name there, which is no other model's: one of another project that
    is gone by now may have the name."""
    data = run.model.read_bytes()
    names = (name if number == 1 else f"{name}-{number}" for number in itertools.count(1))
    files = (folder / f"{each}.safetensors" for each in names)
    file = next(file for file in files if not file.exists() or file.read_bytes() == data)
    if not file.exists():
        write_whole(file, data, private=True)
    return file.stem
