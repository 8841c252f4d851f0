"""A real FFT of 512 points in integers: 256 complex points, radix 4, decimation in time.

The values are int32 in C, int64 here, and equal. A frame of int16 grows by at most 9.5 bits, so nothing is scaled and
nothing overflows. Twiddle factors are Q15; a product by the factor one is left out, and so exact.
"""

from __future__ import annotations

import numpy as np

from .fixed import Ints, mul_q15
from .tables import DIGIT_REVERSAL, FFT_SIZE, SINE

_POINTS = FFT_SIZE // 2
_QUARTER = FFT_SIZE // 4


def _rotate(re: Ints, im: Ints, index: Ints) -> tuple[Ints, Ints]:
    """Multiply re + i im by e^(-2 pi i index / 512)."""
    cos = SINE[(index + _QUARTER) % FFT_SIZE].astype(np.int64)
    sin = SINE[index].astype(np.int64)
    rotated_re = mul_q15(re, cos) + mul_q15(im, sin)
    rotated_im = mul_q15(im, cos) - mul_q15(re, sin)
    return np.where(index == 0, re, rotated_re), np.where(index == 0, im, rotated_im)


def _complex_fft(re: Ints, im: Ints) -> tuple[Ints, Ints]:
    """Compute the 256-point FFT over the last axis of (frames, 256)."""
    re, im = re[:, DIGIT_REVERSAL], im[:, DIGIT_REVERSAL]
    span = 1
    while span < _POINTS:
        re, im = re.reshape(len(re), -1, 4, span), im.reshape(len(im), -1, 4, span)
        step = np.arange(span) * (FFT_SIZE // (4 * span))
        a_re, a_im = re[:, :, 0], im[:, :, 0]
        b_re, b_im = _rotate(re[:, :, 1], im[:, :, 1], step)
        c_re, c_im = _rotate(re[:, :, 2], im[:, :, 2], 2 * step)
        d_re, d_im = _rotate(re[:, :, 3], im[:, :, 3], 3 * step)
        sum_ac_re, sum_ac_im, diff_ac_re, diff_ac_im = a_re + c_re, a_im + c_im, a_re - c_re, a_im - c_im
        sum_bd_re, sum_bd_im, diff_bd_re, diff_bd_im = b_re + d_re, b_im + d_im, b_re - d_re, b_im - d_im
        re = np.stack(
            [sum_ac_re + sum_bd_re, diff_ac_re + diff_bd_im, sum_ac_re - sum_bd_re, diff_ac_re - diff_bd_im], axis=2
        )
        im = np.stack(
            [sum_ac_im + sum_bd_im, diff_ac_im - diff_bd_re, sum_ac_im - sum_bd_im, diff_ac_im + diff_bd_re], axis=2
        )
        span *= 4
    return re.reshape(-1, _POINTS), im.reshape(-1, _POINTS)


def power_spectrum(frames: Ints) -> Ints:
    """Compute four times the power |X[k]|**2 of bins k = 0 to 255 of real frames.

    frames: (n, 512) within int16, so that the result stays below 2**51. Return (n, 256), with zero for bin 0, which no
    mel filter uses.
    """
    re, im = _complex_fft(frames[:, 0::2], frames[:, 1::2])
    # Z = FFT of even + i odd samples; 2 X[k] = Z[k] + Z*[N-k] - i W^k (Z[k] - Z*[N-k]).
    k = np.arange(1, _POINTS)
    mirror = _POINTS - k
    sum_re, sum_im = re[:, k] + re[:, mirror], im[:, k] - im[:, mirror]
    diff_re, diff_im = re[:, k] - re[:, mirror], im[:, k] + im[:, mirror]
    odd_re, odd_im = _rotate(diff_re, diff_im, k)
    twice_re, twice_im = sum_re + odd_im, sum_im - odd_re
    power = np.zeros((len(frames), _POINTS), np.int64)
    power[:, 1:] = twice_re**2 + twice_im**2
    return power
