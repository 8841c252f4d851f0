"""A board whose bootloader shows a drive: it waits for a UF2 file there, then runs it, on an emulated Cortex-M3."""

from __future__ import annotations

import os
import pty
import struct
import termios
import threading
import tty
from contextlib import ExitStack
from pathlib import Path

from tests.firmware.link_board import free_port, running
from tests.waits import until

BASE = 0x10000000  # where an RP2040's flash lies
RP2040, RP2350 = 0xE48BFF56, 0xE48BFF59


def as_uf2(image: bytes, family: int) -> bytes:
    """A firmware image in Microsoft's UF2 format, 256 bytes a block."""
    blocks = [image[start : start + 256] for start in range(0, len(image), 256)]
    return b"".join(
        struct.pack("<8I", 0x0A324655, 0x9E5D5157, 0x2000, BASE + 256 * number, 256, number, len(blocks), family)
        + block.ljust(476, b"\0")
        + struct.pack("<I", 0x0AB16F30)
        for number, block in enumerate(blocks)
    )


def image_of(uf2: bytes) -> bytes:
    """The image, from the addresses of its blocks."""
    image = bytearray()
    for start in range(0, len(uf2), 512):
        address, size = struct.unpack_from("<2I", uf2, start + 12)
        image[address - BASE : address - BASE + size] = uf2[start + 32 : start + 32 + size]
    return bytes(image)


class Uf2Board:
    """A context manager. `drive` is the folder that its bootloader shows.

    Args:
        sounds: the folder that has what its microphone hears, as `build_link` leaves it.
        in_bootloader: somebody has held its button while it was plugged in.
        board_id: as its drive has it.
    """

    def __init__(self, folder: Path, sounds: Path, in_bootloader: bool = True, board_id: str = "RPI-RP2") -> None:
        self.drive = folder / board_id
        self.drive.mkdir()
        self.written = b""
        self._sounds = sounds
        self._board_id = board_id
        self._in_bootloader = in_bootloader
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = None if in_bootloader else os.ttyname(self._slave)  # the program's, which a bootloader lacks
        self._stack = ExitStack()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)
        if in_bootloader:
            self._show()

    def _show(self) -> None:
        info = f"UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: {self._board_id}\r\n"
        (self.drive / "INFO_UF2.TXT").write_text(info)

    def __enter__(self) -> Uf2Board:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join()
        self._stack.close()
        os.close(self._master)
        os.close(self._slave)

    def _live(self) -> None:
        def touched() -> bool:
            return self._over.is_set() or termios.tcgetattr(self._slave)[5] == termios.B1200

        def copied() -> bool:
            files = list(self.drive.glob("*.uf2"))
            data = files[0].read_bytes() if files else b""
            complete = len(data) >= 512 and len(data) == 512 * struct.unpack_from("<I", data, 24)[0]
            self.written = data if complete else b""
            return complete or self._over.is_set()

        if not self._in_bootloader:
            until(touched)
            self.port = None
            self._show()
        until(copied)
        if self._over.is_set():
            return
        image, port = self._sounds / "flash.bin", free_port()
        image.write_bytes(image_of(self.written))
        (self.drive / "INFO_UF2.TXT").unlink()
        self.port = self._stack.enter_context(running(image, port))
