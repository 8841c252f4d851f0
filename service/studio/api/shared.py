"""What the studio's routes share."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path

from service.api.dependencies import Service
from service.api.names import MAX_NAME, Name
from service.studio.studio import Studio


def _studio(service: Service) -> Studio:
    return service.studio


PREFIX = "/api/studio"
Open = Annotated[Studio, Depends(_studio)]
Id = Annotated[Name, Path(max_length=MAX_NAME, examples=["hey_lumen"], description="id of a project")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1, examples=[1], description="number of a run")]
