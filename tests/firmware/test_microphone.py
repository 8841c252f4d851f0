"""From the converter to the engine: blocks that an interrupt fills, and codes that become samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cffi import FFI

from tests.firmware.toolchain import C99, HOST, run
from tests.signals import ROOT, noise

MICROPHONE = ROOT / "firmware/src/microphone"
BLOCK, BLOCKS = 160, 3


@pytest.fixture(scope="module")
def c(tmp_path_factory: pytest.TempPathFactory) -> tuple[FFI, Any]:
    library = tmp_path_factory.mktemp("microphone") / "microphone.so"
    run(*HOST, *C99, "-O1", "-shared", "-fPIC", *sorted(MICROPHONE.glob("*.c")), "-o", library)
    ffi = FFI()
    ffi.cdef("""
        typedef struct {
            int16_t samples[3][160];
            uint32_t filled, taken;
            uint8_t reading;
            uint32_t lost;
        } ww_blocks;
        void ww_blocks_reset(ww_blocks *blocks);
        int16_t *ww_blocks_to_fill(ww_blocks *blocks, uint32_t ahead);
        void ww_blocks_complete(ww_blocks *blocks);
        int16_t *ww_blocks_take(ww_blocks *blocks);
        int ww_blocks_has_one(const ww_blocks *blocks);
        typedef struct { int32_t level; uint8_t settled; } ww_adc;
        void ww_adc_reset(ww_adc *adc);
        void ww_adc_to_samples(ww_adc *adc, int16_t *codes, int count);
    """)
    return ffi, ffi.dlopen(str(library))


class Blocks:
    """The interrupt's side and the program's. Block i is filled with the number i."""

    def __init__(self, c: tuple[FFI, Any]) -> None:
        self._ffi, self._lib = c
        self._blocks = self._ffi.new("ww_blocks *")
        self._lib.ww_blocks_reset(self._blocks)
        self._count = 0

    def fill(self, count: int = 1) -> None:
        for _ in range(count):
            self._lib.ww_blocks_to_fill(self._blocks, 0)[0] = self._count
            self._lib.ww_blocks_complete(self._blocks)
            self._count += 1

    def take(self) -> int | None:
        block = self._lib.ww_blocks_take(self._blocks)
        return None if block == self._ffi.NULL else block[0]

    @property
    def has_one(self) -> bool:
        return bool(self._lib.ww_blocks_has_one(self._blocks))

    @property
    def lost(self) -> int:
        return int(self._blocks.lost)


def test_blocks_come_out_in_order_and_each_once(c: tuple[FFI, Any]) -> None:
    blocks = Blocks(c)
    assert blocks.take() is None
    for number in range(10):
        blocks.fill()
        assert (blocks.take(), blocks.take()) == (number, None)
    assert blocks.lost == 0


def test_a_program_that_is_one_block_late_loses_nothing(c: tuple[FFI, Any]) -> None:
    blocks = Blocks(c)
    blocks.fill(2)
    assert (blocks.take(), blocks.take(), blocks.take()) == (0, 1, None)
    assert blocks.lost == 0


def test_a_program_that_is_later_loses_the_oldest_blocks_and_counts_them(c: tuple[FFI, Any]) -> None:
    blocks = Blocks(c)
    blocks.fill(10)
    assert (blocks.take(), blocks.take(), blocks.take()) == (8, 9, None)
    assert blocks.lost == 8 * BLOCK


def test_a_block_that_is_overwritten_while_it_is_read_counts_as_lost(c: tuple[FFI, Any]) -> None:
    blocks = Blocks(c)
    blocks.fill()
    assert blocks.take() == 0
    blocks.fill(2)
    assert blocks.take() == 1
    assert blocks.lost == BLOCK


@pytest.mark.parametrize("filled", [0, 1, 2, 10])
def test_a_program_may_sleep_once_it_has_taken_all_blocks(c: tuple[FFI, Any], filled: int) -> None:
    blocks = Blocks(c)
    blocks.fill(filled)
    while blocks.has_one:
        assert blocks.take() is not None
    assert blocks.take() is None


def test_the_next_block_follows_the_one_that_is_filled(c: tuple[FFI, Any]) -> None:
    ffi, lib = c
    blocks = ffi.new("ww_blocks *")
    lib.ww_blocks_reset(blocks)
    for _ in range(2 * BLOCKS):
        announced = lib.ww_blocks_to_fill(blocks, 1)
        lib.ww_blocks_complete(blocks)
        assert lib.ww_blocks_to_fill(blocks, 0) == announced


def samples_of(c: tuple[FFI, Any], codes: np.ndarray) -> np.ndarray:
    ffi, lib = c
    adc = ffi.new("ww_adc *")
    lib.ww_adc_reset(adc)
    samples = codes.astype(np.int16)
    lib.ww_adc_to_samples(adc, ffi.cast("int16_t *", ffi.from_buffer(samples)), len(samples))
    return samples


@pytest.mark.parametrize("level", [0, 1500, 2048, 4095])
def test_a_constant_voltage_is_silence(c: tuple[FFI, Any], level: int) -> None:
    assert not samples_of(c, np.full(16000, level)).any()


def test_a_signal_keeps_its_shape_and_loses_its_level(c: tuple[FFI, Any]) -> None:
    signal = np.round(300 * noise(2.0)).astype(int)
    samples = samples_of(c, 1700 + signal)
    settled = slice(8000, None)
    np.testing.assert_allclose(samples[settled], 16 * signal[settled], atol=300)
    assert abs(samples[settled].mean()) < 40


def test_the_ends_of_the_converter_stay_within_int16(c: tuple[FFI, Any]) -> None:
    square = np.where(np.arange(64000) // 8000 % 2, 4095, 0)
    samples = samples_of(c, square).astype(int)
    rising = np.flatnonzero(np.diff(square) > 0) + 1
    assert (samples[rising] > 30000).all()
