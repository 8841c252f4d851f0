"""Run the service as an add-on of Home Assistant: `python -m service.home_assistant`.

The Supervisor leaves the user's options in a file, and tells Home Assistant of the Wyoming server if it is asked to.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from service.run import serve
from service.settings import DAY, Retention, Settings
from wakeword.errors import DataError, WakewordError

SUPERVISOR = "172.30.32.2"  # its address in the network of all add-ons
WYOMING_PORT = 10400
_OPTIONS = Path("/data/options.json")
_DATA = Path("/config")  # which the user sees too, as addon_configs/..._wakeword, and copies models to
_API = "http://supervisor"
_TRIES, _PAUSE = 60, 2.0  # to announce, and seconds between two
_PATIENCE = 5.0  # seconds for a connection or an answer


def settings(file: Path, data: Path) -> Settings:
    """Return the settings of the service for the options in a file.

    data: folder of the service's data.

    Raises:
        WakewordError: the file can't be read, or the options don't go together.
    """
    try:
        options: Mapping[str, Any] = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise DataError(f"{file} can't be read: {error}; save the add-on's options again") from error
    return Settings(
        data,
        host="0.0.0.0",
        ingress=SUPERVISOR,
        wyoming=f"tcp://0.0.0.0:{WYOMING_PORT}",
        microphone=False,
        models=tuple(options["models"]),
        commands=tuple(options["then"]),
        clips=options["clips"],
        retention=Retention(seconds=options["keep_days"] * DAY),
    )


def announce(api: str, token: str, port: int, pause: float = _PAUSE) -> str:
    """Ask the Supervisor to tell Home Assistant of the Wyoming server, as soon as it listens. Return how that went."""
    why = ""
    for _ in range(_TRIES):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE):
                pass
            content = {"service": "wyoming", "config": {"uri": f"tcp://{socket.gethostname()}:{port}"}}
            bearer = {"Authorization": f"Bearer {token}"}
            answer = httpx.post(f"{api}/discovery", json=content, headers=bearer, timeout=_PATIENCE)
            if answer.is_success:
                return "Home Assistant is told of the Wyoming server"
            why = f"the Supervisor answers {answer.status_code}"
            if answer.is_client_error:  # it will say so again
                break
        except (OSError, httpx.HTTPError) as error:
            why = str(error)
        time.sleep(pause)
    return f"Home Assistant is not told of the Wyoming server: {why}; add the integration Wyoming by hand"


def _announce_here() -> None:
    print(announce(_API, os.environ.get("SUPERVISOR_TOKEN", ""), WYOMING_PORT), flush=True)


def run() -> None:
    """Run the service until it is stopped, and announce it meanwhile."""
    try:
        chosen = settings(_OPTIONS, _DATA)
        threading.Thread(target=_announce_here, daemon=True).start()
        serve(chosen, partial(print, flush=True))
    except WakewordError as error:
        sys.exit(f"wakeword: {error}")


if __name__ == "__main__":
    run()
