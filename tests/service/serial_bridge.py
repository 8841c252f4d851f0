"""A port of the modelled boards, for the Web Serial port of fake_serial.js: its requests are answered by pyserial."""

from __future__ import annotations

import errno
from contextlib import suppress
from typing import Any

import serial

_WAIT = 0.01  # seconds for the next bytes


class Bridge:
    """A port. `port`: as pyserial has it."""

    def __init__(self, port: str) -> None:
        self.port = port
        self._line: serial.SerialBase | None = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what a request asks for. The answer has `gone` if the port is."""
        try:
            return self._do(request)
        except (OSError, ValueError) as error:  # pyserial's own are OSErrors
            if isinstance(error, OSError) and error.errno == errno.ENOTTY:  # a pty has no lines
                return {}
            return {"gone": True}

    def close(self) -> None:
        """Close the port, if it is open."""
        if self._line is not None:
            with suppress(OSError):
                self._line.close()
        self._line = None

    def _do(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["do"] == "open":
            self.close()
            self._line = serial.serial_for_url(self.port, baudrate=request["baudRate"], timeout=_WAIT)
        elif self._line is None:
            return {"gone": True}
        elif request["do"] == "read":
            return {"data": list(self._line.read(max(1, self._line.in_waiting)))}
        elif request["do"] == "write":
            self._line.write(bytes(request["data"]))
        elif request["do"] == "signals":
            self._line.dtr = request["dataTerminalReady"]
            self._line.rts = request["requestToSend"]
        else:
            self.close()
        return {}
