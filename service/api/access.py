"""How routes come by the parts of the service."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from service.core import Core


def _core(connection: HTTPConnection) -> Core:
    core: Core = connection.app.state.core
    return core


Service = Annotated[Core, Depends(_core)]
