"""An Arduino Uno's serial port on a pty, with the bootloader that it comes with (STK500, version 1) and no program."""

from __future__ import annotations

import os
import pty
import select
import threading
import tty

IN_SYNC, OK, END = b"\x14", b"\x10", b"\x20"
SIGNATURE = b"\x1e\x95\x0f"  # of the ATmega328P
FLASH_SIZE = 32 * 1024
# The number of bytes between a command and its end.
ARGUMENTS = {"0": 0, "A": 1, "B": 20, "E": 5, "P": 0, "u": 0, "U": 2, "V": 4, "Q": 0, "t": 3}


class UnoBoard:
    """A context manager. `port` is the value of --port."""

    def __init__(self, signature: bytes = SIGNATURE, corrupt: int | None = None) -> None:
        self.flash = bytearray(b"\xff" * FLASH_SIZE)
        self._signature = signature
        self._corrupt = corrupt  # the address of a byte that can't be written
        self._address = 0  # in words
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._over = False
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> UnoBoard:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over = True
        self._thread.join()
        os.close(self._master)
        os.close(self._slave)

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            if self._over:
                raise EOFError
            if select.select([self._master], [], [], 0.05)[0]:
                data += os.read(self._master, count - len(data))
        return data

    def _live(self) -> None:
        try:
            while True:
                command = chr(self._read(1)[0])
                answer = self._answer(command)
                if answer is not None:
                    os.write(self._master, IN_SYNC + answer + OK)
        except EOFError:
            pass

    def _answer(self, command: str) -> bytes | None:
        if command == "d":
            high, low, _ = self._read(3)
            self._program(self._read(high << 8 | low))
            assert self._read(1) == END
            return b""
        if command not in ARGUMENTS:
            return None
        arguments = self._read(ARGUMENTS[command])
        if self._read(1) != END:
            return None
        if command == "U":
            self._address = arguments[0] | arguments[1] << 8
        if command == "t":
            return bytes(self.flash[2 * self._address :][: arguments[0] << 8 | arguments[1]])
        return {"A": b"\x04", "u": self._signature, "V": b"\0"}.get(command, b"")

    def _program(self, page: bytes) -> None:
        at = 2 * self._address
        self.flash[at : at + len(page)] = page
        if self._corrupt is not None and at <= self._corrupt < at + len(page):
            self.flash[self._corrupt] ^= 1
