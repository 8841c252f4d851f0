"""How routes come by the parts of the service."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from service.runtime import Runtime


def _core(connection: HTTPConnection) -> Runtime:
    core: Runtime = connection.app.state.runtime
    return core


Service = Annotated[Runtime, Depends(_core)]
