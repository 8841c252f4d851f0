"""Frames of MP3 and AAC, whose files may begin with one and so have no mark of their own (ISO/IEC 11172-3, 13818-7).

Raw PCM may begin with any bytes. So a file is told by two frames: the length that the first states leads to the second.
"""

from __future__ import annotations

from collections.abc import Callable

HEADER_BYTES = 6  # of the longer of the two headers

_VERSION_1 = 3
_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)  # of version 1
_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)  # of versions 2 and 2.5
_RATES = (44_100, 48_000, 32_000)
_DIVISORS = {3: 1, 2: 2, 0: 4}  # of the rates, by the bits of the version
_AAC_HEADER_BYTES = 7


def is_mp3(peek: Callable[[int], bytes]) -> bool:
    """Return whether a stream begins with two frames of MP3. peek(count): its first bytes, fewer if it ends."""
    header = peek(HEADER_BYTES)
    length = _mp3_bytes(header)
    return bool(length) and _is_followed(peek, header, length, _mp3_bytes, bytes([0xFF, 0xFE, 0x0C]))


def is_aac(peek: Callable[[int], bytes]) -> bool:
    """Return whether a stream begins with two frames of AAC in ADTS. peek(count): its first bytes, fewer if it ends."""
    header = peek(HEADER_BYTES)
    length = _aac_bytes(header)
    return bool(length) and _is_followed(peek, header, length, _aac_bytes, bytes([0xFF, 0xFE, 0xFC]))


def _is_followed(
    peek: Callable[[int], bytes], header: bytes, length: int, bytes_of: Callable[[bytes], int], same: bytes
) -> bool:
    """Return whether a header like the first, in the bits of `same`, comes after the frame."""
    second = peek(length + HEADER_BYTES)[length:]
    alike = all((one ^ other) & mask == 0 for one, other, mask in zip(header, second, same, strict=False))
    return bytes_of(second) > 0 and alike


def _mp3_bytes(header: bytes) -> int:
    """Return the length of a frame of MP3 by its header; 0 if it is none."""
    if len(header) < HEADER_BYTES or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:  # the sync, and layer 3
        return 0
    version, kbits, rate, padding = header[1] // 8 % 4, header[2] // 16, header[2] // 4 % 4, header[2] // 2 % 2
    if version not in _DIVISORS or kbits in (0, 15) or rate == 3:
        return 0
    scaled = 144_000 * _KBITS_1[kbits] if version == _VERSION_1 else 72_000 * _KBITS_2[kbits]
    return scaled // (_RATES[rate] // _DIVISORS[version]) + padding


def _aac_bytes(header: bytes) -> int:
    """Return the length of a frame of AAC by its header; 0 if it is none."""
    if len(header) < HEADER_BYTES or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return 0
    length = int.from_bytes(header[3:6], "big") // 32 % 8192
    return length if length >= _AAC_HEADER_BYTES else 0
