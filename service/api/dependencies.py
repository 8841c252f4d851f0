"""The dependency through which routes get the running service."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from service.runtime import Runtime


def _runtime(connection: HTTPConnection) -> Runtime:
    runtime: Runtime = connection.app.state.runtime
    return runtime


Service = Annotated[Runtime, Depends(_runtime)]
