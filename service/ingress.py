"""Home Assistant's ingress: its Supervisor shows the pages of an add-on to people who are logged in there.

The Supervisor is told by its address, which nobody else has in the network of the add-ons. A header of each request
names the path at which the browser sees the service. It is another in each installation.
"""

from __future__ import annotations

from starlette.requests import HTTPConnection

from service.settings import is_root_path

_PATH = "x-ingress-path"


def ingress_path(connection: HTTPConnection, supervisor: str | None) -> str | None:
    """Return the path at which the Supervisor shows the service, or None for a request of anybody else.

    supervisor: its address. None: there is no Supervisor.
    """
    if supervisor is None or connection.client is None or connection.client.host != supervisor:
        return None
    paths = connection.headers.getlist(_PATH)
    return paths[0] if len(paths) == 1 and paths[0] and is_root_path(paths[0]) else None
