"""An ESP32-C3 with a USB converter, or at its own USB, at an RFC 2217 port, which has the lines DTR and RTS. With them
esptool and the studio's page reset the chip into its ROM loader, and out of it. The loader is spoken as Espressif's
*Serial Protocol* describes it. What lies at the first application's place in the flash then runs, on an emulated
Cortex-M3."""

from __future__ import annotations

import hashlib
import socket
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from functools import reduce
from operator import xor
from pathlib import Path

from serial import rfc2217

from tests.firmware.link_board import free_port, running

FLASH_SIZE = 4 << 20
APPLICATION = 0x10000
FLASH_ID = 0x164020  # 4 MB, as a read of it by SPI gives
SPI, SPI_USR, READ_ID = 0x60002000, 1 << 18, 0x9F
MAGIC = 0x40001000
BEGIN, DATA, SECURITY = 0x10, 0x11, 0x14
END, ESCAPE = b"\xc0", b"\xdb"


def image(chip: int, application: bytes, whole: bool = True) -> bytes:
    """A firmware file for a chip: all of the flash's beginning, or the application alone."""
    head = struct.pack("<BBBBI4xHH8x", 0xE9, 1, 2, 0x20, 0x42000000, chip, 0)
    if not whole:
        return head + application
    bootloader = head.ljust(0x8000, b"\xff")
    return (bootloader + b"\xaa\x50").ljust(APPLICATION, b"\xff") + application


class Line:
    """The converter, as pyserial's server of RFC 2217 wants it. Two of the client's lines reset the chip."""

    cts = dsr = ri = cd = True
    bytesize, parity, stopbits, baudrate = 8, "N", 1, 115200
    break_condition = False

    def __init__(self) -> None:
        self.in_loader = False
        self.restarted = threading.Event()
        self.dtr = False
        self._rts = False

    @property
    def rts(self) -> bool:
        """Whether the chip is held in reset."""
        return self._rts

    @rts.setter
    def rts(self, held: bool) -> None:
        if self._rts and not held:  # it starts, and looks at its boot pin
            self.in_loader = bool(self.dtr)
            self.restarted.set()
        self._rts = held

    def __getattr__(self, name: str) -> object:
        """Take other calls of the server: there is no buffer to clear."""
        if name.startswith("reset_"):
            return lambda: None
        raise AttributeError(name)


class OwnUsb(Line):
    """The chip's own USB. As the manuals' tables *CDC-ACM Settings with RTS and DTR* have it, DTR alone asks for the
    loader, neither takes that back, RTS alone resets, and both do nothing."""

    def __init__(self) -> None:
        self._asked = self._dtr = self._rts = False
        super().__init__()

    @property
    def dtr(self) -> bool:
        return self._dtr

    @dtr.setter
    def dtr(self, on: bool) -> None:
        self._dtr = on
        self._changed()

    @property
    def rts(self) -> bool:
        return self._rts

    @rts.setter
    def rts(self, on: bool) -> None:
        self._rts = on
        self._changed()

    def _changed(self) -> None:
        if self._dtr != self._rts:
            if self._rts:
                self.in_loader = self._asked
                self.restarted.set()
            else:
                self._asked = True
        elif not self._dtr:
            self._asked = False


class EspBoard:
    """A context manager. `port` is the value of --port.

    Args:
        sounds: the folder that has what its microphone hears, as `build_link` leaves it.
        chip_id: what the loader says the chip is; 5 is an ESP32-C3.
        corrupt: the address of a byte that can't be written.
        own_usb: it is at the chip's own USB, not at a converter.
        wired: the lines lead to the chip; otherwise nothing resets it.
        refused, mute, unplugged: requests that it refuses, that it does not answer, at which the cable is pulled.
    """

    def __init__(
        self,
        sounds: Path,
        chip_id: int = 5,
        corrupt: int | None = None,
        *,
        own_usb: bool = False,
        wired: bool = True,
        refused: int | None = None,
        mute: int | None = None,
        unplugged: int | None = None,
    ) -> None:
        self.flash = bytearray(b"\xff" * FLASH_SIZE)
        self._sounds = sounds
        self._chip_id = chip_id
        self._corrupt = corrupt
        self._wired = wired
        self._refused, self._mute, self._unplugged = refused, mute, unplugged
        self.registers: dict[int, int] = {}
        self._server = socket.create_server(("127.0.0.1", 0))
        # pyserial gives a server three seconds to agree, which are too few on a busy machine.
        self.port = f"rfc2217://127.0.0.1:{self._server.getsockname()[1]}?timeout=60"
        self._line = OwnUsb() if own_usb else Line()
        self._program: socket.socket | None = None
        self.restarts = 0
        self._stack = ExitStack()
        self._over = False
        self._thread = threading.Thread(target=self._live, daemon=True)

    @property
    def in_loader(self) -> bool:
        """Whether the loader runs."""
        return self._line.in_loader

    def __enter__(self) -> EspBoard:
        self._server.settimeout(0.05)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over = True
        self._thread.join()
        self._stack.close()
        self._server.close()

    def _live(self) -> None:
        while not self._over:
            try:
                connection, _ = self._server.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(0.01)
                self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        class Wire:
            def write(self, data: bytes) -> None:
                connection.sendall(data)

        manager = rfc2217.PortManager(self._line, Wire())
        packets = Packets()
        while not self._over:
            try:
                data = connection.recv(65536)
            except TimeoutError:
                data = None
            if data == b"":
                return
            # A byte at a time: what was sent before a reset is not for what runs after it.
            for byte in data or b"":
                plain = b"".join(manager.filter(bytes([byte])))
                if self._line.restarted.is_set():
                    self._line.restarted.clear()
                    self._line.in_loader = self._line.in_loader and self._wired
                    self.restarts += 1
                    self._restart()
                    packets = Packets()
                if self._program is not None and plain:
                    self._program.sendall(plain)
                elif self._line.in_loader:
                    for packet in packets.feed(plain):
                        if packet[1] == self._unplugged:
                            return
                        for answer in self._answers(packet):
                            connection.sendall(b"".join(manager.escape(slip(answer))))
            if self._program is not None:
                with suppress(TimeoutError):
                    connection.sendall(b"".join(manager.escape(self._program.recv(65536))))

    def _restart(self) -> None:
        if self._program is not None:
            self._program = None
            self._stack.close()
        program = bytes(self.flash[APPLICATION:]).rstrip(b"\xff")
        if self._line.in_loader or not program:
            return
        (self._sounds / "flash.bin").write_bytes(program)
        port = free_port()
        self._stack.enter_context(running(self._sounds / "flash.bin", port))
        self._program = self._stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        self._program.settimeout(0.01)

    def _answers(self, packet: bytes) -> Iterator[bytes]:
        """Yield the loader's responses to a request."""
        _, command, size, checksum = struct.unpack_from("<BBHI", packet)
        payload = packet[8 : 8 + size]
        if command == self._mute:
            return
        if command == self._refused:
            yield struct.pack("<BBHI", 1, command, 4, 0) + b"\x01\x06\x00\x00"
            return
        value, data = self._do(command, payload, checksum)
        for _ in range(8 if command == 0x08 else 1):
            yield struct.pack("<BBHI", 1, command, len(data) + 4, value) + data + bytes(4)

    def _do(self, command: int, payload: bytes, checksum: int) -> tuple[int, bytes]:
        """Execute a request; return the value and the data of its response."""
        words = struct.unpack_from(f"<{min(len(payload) // 4, 5)}I", payload)
        if command == 0x08:  # sync
            return 0x20120707, b""
        if command == 0x09:  # write a register
            self._write_register(words[0], words[1])
        elif command == 0x0A:
            return self.registers.get(words[0], 0), b""
        elif command == 0x10:  # begin to write compressed data
            self._at, self._unpacked = words[3], zlib.decompressobj()
            self.flash[words[3] : words[3] + words[0]] = b"\xff" * words[0]
        elif command == 0x11:
            assert packet_sum(payload[16:]) == checksum, "the checksum of a block"
            self._store(self._unpacked.decompress(payload[16 : 16 + words[0]]))
        elif command == 0x13:
            return 0, hashlib.md5(self.flash[words[0] : words[0] + words[1]]).hexdigest().encode()
        elif command == 0x14:  # flags, a counter, seven purposes of keys, the chip, a version
            return 0, struct.pack("<I8xII", 0, self._chip_id, 0)
        else:  # parameters of the flash, the rate, the end: nothing to do
            assert command in (0x0B, 0x0D, 0x0F, 0x12), hex(command)
        return 0, b""

    def _write_register(self, address: int, value: int) -> None:
        self.registers[address] = value
        if address == SPI and value & SPI_USR:  # a command to the flash chip
            self.registers[SPI] = 0
            if self.registers[SPI + 0x20] & 0xFF == READ_ID:
                self.registers[SPI + 0x58] = FLASH_ID

    def _store(self, data: bytes) -> None:
        self.flash[self._at : self._at + len(data)] = data
        self._at += len(data)
        if self._corrupt is not None:
            self.flash[self._corrupt] = 0x55


def packet_sum(data: bytes) -> int:
    """The checksum of a block."""
    return reduce(xor, data, 0xEF)


class Packets:
    """The packets of SLIP in bytes that may be cut anywhere."""

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        *complete, self._pending = (self._pending + data).split(END)
        for packet in complete:
            if packet:
                yield packet.replace(ESCAPE + b"\xdc", END).replace(ESCAPE + b"\xdd", ESCAPE)


def slip(packet: bytes) -> bytes:
    return END + packet.replace(ESCAPE, ESCAPE + b"\xdd").replace(END, ESCAPE + b"\xdc") + END
