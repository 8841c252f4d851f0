"""The serial port of an Arduino with a SAM-BA bootloader, on a pty: the touch at 1200 baud, the bootloader, and after a
reset the firmware that lies in the chip's flash, on an emulated Cortex-M3."""

from __future__ import annotations

import binascii
import os
import pty
import re
import select
import socket
import struct
import termios
import threading
import tty
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.firmware.chips import Sam3x8e, Samd21
from tests.firmware.link_board import free_port, running

SOH, EOT, ACK = b"\x01", b"\x04", b"\x06"
BLOCK = 128


class Unplugged(Exception):
    """The test has pulled the cable, or is over."""


class SamBaBoard:
    """A context manager. `port` is the value of --port."""

    def __init__(
        self,
        chip: Sam3x8e | Samd21,
        folder: Path,
        unplug_after: int | None = None,
        in_bootloader: bool = False,
        late_prompt: bool = False,
    ) -> None:
        """in_bootloader: its button was pressed twice; otherwise it waits for the touch. late_prompt: its prompt comes
        with the next answer, as a busy computer may hear it."""
        self.chip = chip
        self._in_bootloader = in_bootloader
        self._folder = folder
        self._unplug_after = unplug_after  # pages
        self._late_prompt = late_prompt
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._over = False
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> SamBaBoard:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over = True
        self._thread.join()
        os.close(self._slave)

    def _live(self) -> None:
        try:
            while True:
                if not self._in_bootloader:
                    self._run_firmware()
                    self.chip.touched()
                self._in_bootloader = False
                self._run_bootloader()
        except Unplugged:
            os.close(self._master)

    def _touched(self) -> bool:
        return termios.tcgetattr(self._slave)[5] == termios.B1200

    def _receive(self, seconds: float = 0.05) -> bytes:
        if self._over or (self._unplug_after is not None and self.chip.pages >= self._unplug_after):
            raise Unplugged
        ready, _, _ = select.select([self._master], [], [], seconds)
        return os.read(self._master, 4096) if ready else b""

    def _run_firmware(self) -> None:
        """Run the firmware in the flash until the touch; without firmware the board is silent."""
        with ExitStack() as stack:
            line = stack.enter_context(self._booted()) if self.chip.starts_program else None
            while not self._touched():
                data = self._receive(0.01)
                if line is None:
                    continue
                line.sendall(data)
                if select.select([line], [], [], 0)[0]:
                    os.write(self._master, line.recv(4096))

    @contextmanager
    def _booted(self) -> Iterator[socket.socket]:
        """The firmware's end of the line."""
        image, port = self._folder / "flash.bin", free_port()
        image.write_bytes(self.chip.image)
        with running(image, port), socket.create_connection(("127.0.0.1", port)) as line:
            yield line

    def _run_bootloader(self) -> None:
        self.chip.was_reset = False
        stream = self._bytes()
        while not self.chip.was_reset:
            command = b""
            while not command.endswith(b"#"):
                command += next(stream)
            self._answer(command.lstrip(b"\x80").decode("latin-1"), stream)

    def _bytes(self) -> Iterator[bytes]:
        while True:
            for byte in self._receive():
                yield bytes([byte])

    def _answer(self, command: str, stream: Iterator[bytes]) -> None:
        if command == "V#":
            self._send(self.chip.VERSION)
            return
        if command in ("#", "N#"):
            prompt, normal = b"\n\r>", b"\n\r"
            if self._late_prompt:
                prompt, normal = b"", prompt + normal
            self._send(prompt if command == "#" else normal)
            return
        parsed = re.fullmatch(r"([a-zA-Z])([0-9A-F]+)(?:,([0-9A-F]+))?#", command)
        assert parsed, command
        letter, address, operand = parsed[1], int(parsed[2], 16), int(parsed[3] or "0", 16)
        if letter in "wo":
            self._send(self.chip.read(address, operand))
        elif letter == "W":
            self.chip.write(address, struct.pack("<I", operand))
        elif letter == "S":
            self.chip.write(address, self._receive_data(operand, stream))
        elif letter == "R":
            self._send_data(self.chip.read(address, operand), stream)
        elif letter == "G":
            self.chip.go(address)
        else:
            answer = self.chip.extended(letter, address, operand)
            assert answer is not None, command
            self._send(answer)

    def _send(self, data: bytes) -> None:
        os.write(self._master, data)

    def _receive_data(self, size: int, stream: Iterator[bytes]) -> bytes:
        """By XMODEM with CRC, or as they are."""
        if not self.chip.XMODEM:
            return b"".join(next(stream) for _ in range(size))
        data = b""
        self._send(b"C")
        while (kind := next(stream)) != EOT:
            assert kind == SOH
            block = b"".join(next(stream) for _ in range(BLOCK + 4))
            assert binascii.crc_hqx(block[2:], 0) == 0
            data += block[2:-2]
            self._send(ACK)
        self._send(ACK)
        return data[:size]

    def _send_data(self, data: bytes, stream: Iterator[bytes]) -> None:
        if not self.chip.XMODEM:
            self._send(data)
            return
        assert next(stream) == b"C"
        for number, start in enumerate(range(0, len(data), BLOCK), 1):
            block = data[start : start + BLOCK].ljust(BLOCK, b"\0")
            head = SOH + bytes([number & 0xFF, ~number & 0xFF])
            self._send(head + block + binascii.crc_hqx(block, 0).to_bytes(2, "big"))
            assert next(stream) == ACK
        self._send(EOT)
        assert next(stream) == ACK
