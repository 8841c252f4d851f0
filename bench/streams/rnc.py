"""Unpack files that were packed by Rob Northen's method 1, as games of the nineties hold them.

A head of 18 bytes: "RNC" and 1; the sizes unpacked and packed, 32 bits each; the checksums of both (CRC-16/ARC), 16
bits each, all with the high byte first; two bytes that unpacking in place would need.

The rest mixes bits and bytes. Bits come from words of 16, low byte first, lowest bit first; bytes stand between these
words. Two bits are unused, then blocks follow. Each has three Huffman codes, of literals, distances and lengths, and a
count of runs. A run is a number of bytes to take as they are, and, but for the last, a place in what is unpacked, and
how many bytes to repeat from there.
"""

from __future__ import annotations

from wakeword.errors import DataError

MAGIC = b"RNC\x01"
_HEAD = 18

Code = dict[tuple[int, int], int]  # (bits, code) -> symbol


def unpack(packed: bytes) -> bytes:
    """Return the unpacked bytes. Raises DataError for what was not packed so, or is damaged."""
    if packed[:4] != MAGIC or len(packed) < _HEAD:
        raise DataError("the data is not packed by Rob Northen's method 1; fetch the package again")
    size, checksum = int.from_bytes(packed[4:8], "big"), int.from_bytes(packed[12:14], "big")
    try:
        unpacked = _unpack(_Reader(packed[_HEAD:]), size)
    except (IndexError, KeyError):
        unpacked = b""
    if len(unpacked) != size or _crc(unpacked) != checksum:
        raise DataError("the packed data is damaged; fetch the package again")
    return unpacked


class _Reader:
    """Reads bits and bytes."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data + b"\0", 0  # the last word may lack its high byte
        self._word, self._left = 0, 0  # the bits of the present word that are left

    def bit(self) -> int:
        if not self._left:
            self._word = self._data[self._at] | self._data[self._at + 1] << 8
            self._at += 2
            self._left = 16
        bit = self._word & 1
        self._word //= 2
        self._left -= 1
        return bit

    def bits(self, count: int) -> int:
        return sum(self.bit() << place for place in range(count))

    def bytes(self, count: int) -> bytes:
        self._at += count
        return self._data[self._at - count : self._at]

    def code(self) -> Code:
        """Read a Huffman code: the length of each symbol's, from which the codes follow in order."""
        lengths = [self.bits(4) for _ in range(self.bits(5))]
        code, found = 0, {}
        for length in range(1, 17):
            for symbol, own in enumerate(lengths):
                if own == length:
                    found[length, code] = symbol
                    code += 1
            code <<= 1
        return found

    def number(self, codes: Code) -> int:
        """Read a number: a symbol, which tells how many bits of it follow."""
        length = code = 0
        while (length, code) not in codes:
            if length > 16:
                raise KeyError(code)
            length, code = length + 1, code << 1 | self.bit()
        symbol = codes[length, code]
        return symbol if symbol < 2 else 1 << (symbol - 1) | self.bits(symbol - 1)


def _unpack(reader: _Reader, size: int) -> bytes:
    out = bytearray()
    reader.bits(2)
    while len(out) < size:
        literals, distances, lengths = reader.code(), reader.code(), reader.code()
        for run in range(reader.bits(16), 0, -1):
            out += reader.bytes(reader.number(literals))
            if run > 1:
                distance, length = reader.number(distances) + 1, reader.number(lengths) + 2
                _repeat(out, distance, length)
    return bytes(out)


def _repeat(out: bytearray, distance: int, length: int) -> None:
    """Repeat bytes from a distance back; what is repeated may be longer than the distance."""
    if distance > len(out):
        raise IndexError(distance)
    start = len(out) - distance
    piece = out[start : start + length]
    out += (piece * -(-length // distance))[:length] if len(piece) < length else piece


def _crc(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc = crc // 256 ^ _CRC[(crc ^ byte) % 256]
    return crc


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = byte // 2 ^ 0xA001 * (byte % 2)
    return byte


_CRC = [_crc_of(byte) for byte in range(256)]
