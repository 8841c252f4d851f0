"""Simulate rooms, cheap microphones and narrow channels for training.

Functions are pure: the same samples and the same state of the random generator give the same result. They are linear,
so samples may have any scale.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from featurizer import SAMPLE_RATE
from wakeword.audio.level import Wave
from wakeword.files import CACHE_ADVICE, write_whole

Bank = tuple[Wave, ...]
Range = tuple[float, float]


@dataclass(frozen=True)
class Rooms:
    """The distribution of rooms; each range is drawn from evenly.

    absorption: fraction of the energy that walls absorb. order: most reflections along a path.
    """

    count: int = 64
    seed: int = 0
    width: Range = (2.0, 7.0)  # metres; the length is drawn from it too
    height: Range = (2.2, 3.5)
    absorption: Range = (0.08, 0.6)
    distance: Range = (0.3, 4.0)  # metres between mouth and microphone, if the room is large enough
    order: int = 20
    seconds: float = 0.5  # length of the impulse response


@dataclass(frozen=True)
class CheapMicrophone:
    """The response of a small capsule behind a hole in plastic; ranges are drawn evenly, frequencies by octaves."""

    high_pass_hz: Range = (40.0, 400.0)
    low_pass_hz: Range = (3_000.0, 8_000.0)
    low_pass_order: int = 2
    resonance_hz: Range = (1_000.0, 6_000.0)
    resonance_db: Range = (-6.0, 10.0)
    resonance_q: Range = (1.0, 4.0)


@dataclass(frozen=True)
class Channel:
    """The band of a telephone, a wireless headset or an old recording; edges are drawn evenly by octaves."""

    lowest_hz: Range = (30.0, 400.0)
    highest_hz: Range = (3_000.0, 8_000.0)
    order: int = 10  # 60 dB an octave beyond an edge


def room_bank(rooms: Rooms, cache: Path) -> Bank:
    """Return impulse responses at 16 kHz, each float32 (samples,) from the direct sound on, with energy 1.

    The image-source method computes them (Allen and Berkley, JASA 65(4), 1979; pyroomacoustics). The cache folder keeps
    them for the next call.

    Raises:
        DataError: the cache can't be written.
    """
    name = "-".join(str(value) for value in vars(rooms).values()).replace(" ", "")
    path = cache / f"rooms-{name}.npz"
    if not path.is_file():
        rng = np.random.default_rng(rooms.seed)
        content = io.BytesIO()
        np.savez_compressed(content, *(_response(rooms, rng) for _ in range(rooms.count)))
        write_whole(path, content.getvalue(), advice=CACHE_ADVICE)
    with np.load(path) as arrays:
        return tuple(arrays[name] for name in arrays.files)


def reverberate(samples: Wave, rng: np.random.Generator, bank: Bank) -> Wave:
    """Convolve samples with the impulse response of a random room, float32 (n,) to (n,), at the same level.

    The direct sound keeps its place; reverberation after the last sample is cut off.
    """
    response = bank[int(rng.integers(len(bank)))]
    spectrum, length = _spectrum(samples, len(samples) + len(response) - 1)
    changed = np.fft.irfft(spectrum * _spectrum(response, length)[0], length)[: len(samples)]
    return _as_loud(changed, samples)


def cheap_microphone(samples: Wave, rng: np.random.Generator, kind: CheapMicrophone | None = None) -> Wave:
    """Filter samples by the response of a random cheap microphone, float32 (n,) to (n,), at the same level."""
    kind = kind or CheapMicrophone()
    above, below = 1 / _octaves(kind.high_pass_hz, rng), 1 / _octaves(kind.low_pass_hz, rng)
    peak = 1 / _octaves(kind.resonance_hz, rng)
    gain, q = 10 ** (rng.uniform(*kind.resonance_db) / 40), rng.uniform(*kind.resonance_q)
    # Polynomials in j f, from the highest power down.
    passed = np.polymul([above, 0], [peak**2, peak * gain / q, 1])
    stopped = np.polymul([above, 1], [peak**2, peak / (gain * q), 1])
    for _ in range(kind.low_pass_order):
        stopped = np.polymul(stopped, [below, 1])
    # The extra length keeps the end of the response from wrapping round to the start.
    spectrum, length = _spectrum(samples, len(samples) + SAMPLE_RATE // 10)
    hz = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    changed = np.fft.irfft(spectrum * (_at(passed, hz) / _at(stopped, hz)), length)[: len(samples)]
    return _as_loud(changed, samples)


def narrow_band(samples: Wave, rng: np.random.Generator, kind: Channel | None = None) -> Wave:
    """Take what lies outside of a random band from samples, float32 (n,) to (n,), at the same level."""
    kind = kind or Channel()
    lowest, highest = _octaves(kind.lowest_hz, rng), _octaves(kind.highest_hz, rng)
    spectrum, length = _spectrum(samples, len(samples) + SAMPLE_RATE // 10)
    hz = np.maximum(np.fft.rfftfreq(length, 1 / SAMPLE_RATE), 1.0)
    below, above = (lowest / hz) ** (2 * kind.order), (hz / highest) ** (2 * kind.order)
    kept = 1 / np.sqrt((1 + below) * (1 + above))  # Butterworth's, without its delay
    changed = np.fft.irfft(spectrum * kept.astype(np.float32), length)[: len(samples)]
    return _as_loud(changed, samples)


def _at(polynomial: npt.NDArray[np.floating], hz: npt.NDArray[np.floating]) -> npt.NDArray[np.complexfloating]:
    """Evaluate a polynomial in j f with real coefficients: real arithmetic for the even and for the odd powers."""
    rising, square = polynomial[::-1], -(hz**2)
    even, odd = np.polyval(rising[::2][::-1], square), np.polyval(rising[1::2][::-1], square) * hz
    return np.asarray(even + 1j * odd, np.complex64)


def _response(rooms: Rooms, rng: np.random.Generator) -> Wave:
    """Draw a room, and compute the impulse response from a mouth to a microphone in it."""
    import pyroomacoustics

    size = np.array([rng.uniform(*rooms.width), rng.uniform(*rooms.width), rng.uniform(*rooms.height)])
    room = pyroomacoustics.ShoeBox(
        size,
        fs=SAMPLE_RATE,
        materials=pyroomacoustics.Material(rng.uniform(*rooms.absorption)),
        max_order=rooms.order,
    )
    microphone = rng.uniform(0.1, 0.9, 3) * size
    direction = rng.normal(size=3)
    mouth = microphone + direction / np.linalg.norm(direction) * rng.uniform(*rooms.distance)
    room.add_source(np.clip(mouth, 0.1 * size, 0.9 * size))
    room.add_microphone(microphone)
    room.compute_rir()
    response = np.asarray(room.rir[0][0])
    direct = int(np.flatnonzero(np.abs(response) > 0.1 * np.abs(response).max())[0])
    kept = response[direct : direct + round(rooms.seconds * SAMPLE_RATE)]
    return np.asarray(kept / np.sqrt(np.sum(kept**2)), np.float32)


def _spectrum(samples: Wave, least: int) -> tuple[npt.NDArray[np.complexfloating], int]:
    """Transform the samples, padded with zeros to a length of at least `least`; return the spectrum and the length."""
    # A power of two: other lengths take several times as long, some thirty times. The padding is explicit, since
    # numpy's takes as long as everything else together.
    length = 1 << (least - 1).bit_length()
    return np.fft.rfft(np.concatenate([samples, np.zeros(length - len(samples), samples.dtype)])), length


def _octaves(hz: Range, rng: np.random.Generator) -> float:
    """Draw a frequency evenly in its logarithm."""
    return float(np.exp(rng.uniform(*np.log(hz))))


def _as_loud(changed: npt.NDArray[np.float64], samples: Wave) -> Wave:
    """Scale changed samples to the energy of the samples; silence stays silence."""
    power = float(np.dot(changed, changed))
    ratio = np.sqrt(float(np.dot(samples, samples)) / power) if power else 0.0
    return np.asarray(changed * ratio, np.float32)
