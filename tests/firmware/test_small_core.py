"""The arithmetic that has a second form for small processors, or a short one for special cases: all forms are equal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cffi import FFI
from hypothesis import given
from hypothesis import strategies as st

from featurizer.fixed import mul_q15, rshift
from featurizer.tables import FFT_SIZE, SINE
from tests.firmware.toolchain import C99, CORE, HOST, SOURCES, run

DECLARATIONS = """
uint64_t sum_of_squares(int32_t a, int32_t b);
uint64_t sum_of_products(const uint64_t *x, const uint16_t *w, int count);
int32_t mul_add(int32_t a, int16_t v, int32_t b, int16_t w);
int32_t mul_sub(int32_t a, int16_t v, int32_t b, int16_t w);
int32_t mul_sub_negated(int32_t a, int16_t v, int32_t b, int16_t w);
int32_t rshift_some(int32_t x, int n);
uint32_t first_bits(uint32_t bits, int count);
uint32_t word(const uint8_t *bytes);
"""
DEFINITIONS = """
#include "ww_fixed.h"
uint64_t sum_of_squares(int32_t a, int32_t b) { return ww_sum_of_squares(a, b); }
uint64_t sum_of_products(const uint64_t *x, const uint16_t *w, int count)
{
    ww_long_sum sum = {0};
    while (count-- > 0)
        ww_add_product(&sum, *x++, *w++);
    return ww_total(&sum);
}
int32_t mul_add(int32_t a, int16_t v, int32_t b, int16_t w) { return ww_mul_add_q15(a, v, b, w); }
int32_t mul_sub(int32_t a, int16_t v, int32_t b, int16_t w) { return ww_mul_sub_q15(a, v, b, w); }
int32_t mul_sub_negated(int32_t a, int16_t v, int32_t b, int16_t w) { return ww_mul_sub_negated_q15(a, v, b, w); }
int32_t rshift_some(int32_t x, int n) { return ww_rshift_some(x, n); }
uint32_t first_bits(uint32_t bits, int count) { return ww_first_bits(bits, count); }
uint32_t word(const uint8_t *bytes) { return ww_word(bytes); }
"""


@pytest.fixture(scope="module", params=["", "-DWW_SMALL_CORE=1", "-DWW_DSP=1"], ids=["large core", "small core", "DSP"])
def c(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("fixed")
    (folder / "fixed.c").write_text(f"#include <stdint.h>\n{DECLARATIONS}")
    with (folder / "fixed.c").open("a") as file:
        file.write(DEFINITIONS)
    library = folder / "fixed.so"
    compiler = [*HOST, *C99, "-O1", "-shared", "-fPIC", *request.param.split(), f"-I{CORE}"]
    run(*compiler, folder / "fixed.c", *SOURCES, "-o", library)
    ffi = FFI()
    ffi.cdef(DECLARATIONS)
    return ffi.dlopen(str(library))


int32s, int16s = st.integers(-(2**31), 2**31 - 1), st.integers(-(2**15), 2**15 - 1)
spectra = st.integers(-(2**25), 2**25)  # what the FFT multiplies stays within


halves = st.integers(-(2**30) + 1, 2**30 - 1)
powers = st.integers(0, 2**51 - 1)
weights = st.integers(0, 2**15)


@given(a=halves, b=halves)
def test_a_sum_of_squares(c: Any, a: int, b: int) -> None:
    assert c.sum_of_squares(a, b) == a * a + b * b


@given(products=st.lists(st.tuples(powers, weights), max_size=8))
def test_a_sum_of_double_words_by_half_words(c: Any, products: list[tuple[int, int]]) -> None:
    x, w = ([pair[i] for pair in products] for i in (0, 1))
    wanted = sum(power * weight for power, weight in products) % 2**64
    assert c.sum_of_products(FFI().new("uint64_t[]", x), FFI().new("uint16_t[]", w), len(x)) == wanted


@given(a=spectra, v=int16s, b=spectra, w=int16s)
def test_two_rounded_products(c: Any, a: int, v: int, b: int, w: int) -> None:
    assert c.mul_add(a, v, b, w) == mul_q15(a, v) + mul_q15(b, w)
    assert c.mul_sub(a, v, b, w) == mul_q15(a, v) - mul_q15(b, w)
    assert c.mul_sub_negated(a, v, b, w) == mul_q15(-a, v) - mul_q15(-b, w)


@pytest.mark.parametrize("a", [1 << 14, 3 << 14, -(1 << 14), -(5 << 14)])
def test_ties_of_negated_products_are_rounded_up_as_well(c: Any, a: int) -> None:
    assert c.mul_sub_negated(a, 1, 0, 0) == mul_q15(-a, 1)
    assert c.mul_sub_negated(0, 0, a, 1) == -mul_q15(-a, 1)


@given(x=st.integers(-(2**31), 2**31 - 2), n=st.integers(1, 31))
def test_a_rounding_shift_in_two_shifts(c: Any, x: int, n: int) -> None:
    assert c.rshift_some(x, n) == rshift(x, n)


@given(bits=st.integers(0, 2**32 - 1), count=st.integers(1, 40))
def test_the_first_bits_of_a_word_come_out_on_top(c: Any, bits: int, count: int) -> None:
    in_order = f"{bits:032b}"[::-1]
    assert c.first_bits(bits, count) == int(in_order[:count].ljust(32, "0"), 2)


@given(data=st.binary(min_size=4, max_size=4))
def test_a_word_of_bytes(c: Any, data: bytes) -> None:
    assert c.word(data) == int.from_bytes(data, "little")


def test_the_sine_is_as_symmetric_as_a_pair_of_bins_takes_it_to_be() -> None:
    """ww_fft_powers computes bin N-k with the factor of bin k: same sine, opposite cosine."""
    k = np.arange(1, FFT_SIZE // 4 + 1)
    mirror = FFT_SIZE // 2 - k
    cosine = np.roll(SINE, -FFT_SIZE // 4).astype(int)
    np.testing.assert_array_equal(SINE[mirror], SINE[k])
    np.testing.assert_array_equal(cosine[mirror], -cosine[k])


def test_a_small_core_computes_the_same_model(tmp_path: Path) -> None:
    program = Path(__file__).with_name("run_pcm.c")
    sound = np.random.default_rng(0).integers(-20000, 20000, 16000).astype(np.int16).tobytes()
    header = CORE.parent  # with the model of the library
    printed = []
    for small in (0, 1):
        binary = tmp_path / f"run{small}"
        run(*HOST, *C99, "-O1", f"-DWW_SMALL_CORE={small}", f"-I{CORE}", f"-I{header}", program, *SOURCES, "-o", binary)
        (tmp_path / "sound").write_bytes(sound)
        printed.append(run("sh", "-c", f"{binary} 160 < {tmp_path / 'sound'}"))
    assert printed[0] == printed[1] and "posteriors" in printed[0]
