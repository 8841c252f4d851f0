"""A real MQTT broker, which can be killed and started again, and one who listens to it."""

from __future__ import annotations

import getpass
import json
import queue
import secrets
import shutil
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho

from tests.processes import started
from tests.service.live import free_port
from tests.waits import PATIENCE, until

# Debian puts servers where not everyone's path leads.
PROGRAM = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


_CONFIGURATION = """
listener {port} 127.0.0.1
allow_anonymous true
user {user}
persistence true
persistence_location {folder}/
autosave_on_changes true
autosave_interval 1
"""


class Broker:
    """Mosquitto at a port of its own, which knows its subscribers again after it was killed."""

    def __init__(self, folder: Path) -> None:
        """folder: where it keeps what it knows."""
        self.port = free_port()
        self._configuration = folder / "mosquitto.conf"
        self._configuration.write_text(_CONFIGURATION.format(port=self.port, user=getpass.getuser(), folder=folder))
        self._process = ExitStack()

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        assert PROGRAM is not None
        command = [PROGRAM, "-c", self._configuration]
        self._process.enter_context(started(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        until(self._answers)

    def kill(self) -> None:
        self._process.close()

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
        except OSError:
            return False
        return True


class Listener:
    """Hears everything that is published, from its connection on, and what was retained before. It comes back when
    the broker does, which has kept for it what it missed."""

    def __init__(self, broker: Broker) -> None:
        self._messages: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        subscribed: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, secrets.token_hex(8), clean_session=False)
        self._client.reconnect_delay_set(min_delay=1, max_delay=1)
        self._client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self._client.on_subscribe = lambda *_: subscribed.put(None)
        self._client.on_message = lambda client, _, message: self._messages.put(
            (message.topic, message.payload.decode())
        )
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()
        subscribed.get(timeout=PATIENCE)

    def next(self, topic: str) -> Any:
        """The next message under a topic that begins so, as JSON where it is."""
        while True:
            found, body = self._messages.get(timeout=PATIENCE)
            if found.startswith(topic):
                return json.loads(body) if body.startswith("{") else body

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
