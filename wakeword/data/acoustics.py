"""Speech as a room and a cheap microphone pass it on, for training.

Pure functions of the samples and an explicit random generator. They are linear, so that any scale will do.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from featurizer import SAMPLE_RATE
from wakeword.files import write_whole

Wave = npt.NDArray[np.float32]
Bank = tuple[Wave, ...]
Range = tuple[float, float]


@dataclass(frozen=True)
class Rooms:
    """What rooms are drawn; each range evenly.

    absorption: of the walls' energy. order: reflections that are followed along each path.
    """

    count: int = 64
    seed: int = 0
    width: Range = (2.0, 7.0)  # metres; length likewise
    height: Range = (2.2, 3.5)
    absorption: Range = (0.08, 0.6)
    distance: Range = (0.3, 4.0)  # metres between mouth and microphone, where the room is large enough
    order: int = 20
    seconds: float = 0.5  # of the response that are kept


@dataclass(frozen=True)
class CheapMicrophone:
    """What a small capsule behind a hole in plastic does; each range is drawn from evenly, frequencies by octaves."""

    high_pass_hz: Range = (40.0, 400.0)
    low_pass_hz: Range = (3_000.0, 8_000.0)
    low_pass_order: int = 2
    resonance_hz: Range = (1_000.0, 6_000.0)
    resonance_db: Range = (-6.0, 10.0)
    resonance_q: Range = (1.0, 4.0)


def room_bank(rooms: Rooms, cache: Path) -> Bank:
    """Impulse responses at 16 kHz, each float32 (samples,) from the direct sound on, with energy 1.

    Computed by pyroomacoustics' image sources (Allen and Berkley, JASA 65(4), 1979), and kept in the cache folder.

    Raises:
        WakewordError: the cache can't be written.
    """
    name = "-".join(str(value) for value in vars(rooms).values()).replace(" ", "")
    path = cache / f"rooms-{name}.npz"
    if not path.is_file():
        rng = np.random.default_rng(rooms.seed)
        content = io.BytesIO()
        np.savez_compressed(content, *(_response(rooms, rng) for _ in range(rooms.count)))
        write_whole(path, content.getvalue())
    with np.load(path) as arrays:
        return tuple(arrays[name] for name in arrays.files)


def reverberate(samples: Wave, rng: np.random.Generator, bank: Bank) -> Wave:
    """The samples as heard in one of the rooms, float32 (n,) to (n,), as loud as before.

    The direct sound stays where it was; what rings on after the last sample is cut off.
    """
    response = bank[int(rng.integers(len(bank)))]
    spectrum, length = _spectrum(samples, len(samples) + len(response) - 1)
    heard = np.fft.irfft(spectrum * _spectrum(response, length)[0], length)[: len(samples)]
    return _as_loud(heard, samples)


def cheap_microphone(samples: Wave, rng: np.random.Generator, kind: CheapMicrophone | None = None) -> Wave:
    """The samples as a cheap microphone hears them, float32 (n,) to (n,), as loud as before."""
    kind = kind or CheapMicrophone()
    above, below = 1 / _octaves(kind.high_pass_hz, rng), 1 / _octaves(kind.low_pass_hz, rng)
    peak = 1 / _octaves(kind.resonance_hz, rng)
    gain, q = 10 ** (rng.uniform(*kind.resonance_db) / 40), rng.uniform(*kind.resonance_q)
    # Polynomials in j f, from the highest power down.
    passed = np.polymul([above, 0], [peak**2, peak * gain / q, 1])
    stopped = np.polymul([above, 1], [peak**2, peak / (gain * q), 1])
    for _ in range(kind.low_pass_order):
        stopped = np.polymul(stopped, [below, 1])
    # Room for what rings, which otherwise would come round to the front.
    spectrum, length = _spectrum(samples, len(samples) + SAMPLE_RATE // 10)
    hz = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    heard = np.fft.irfft(spectrum * (_at(passed, hz) / _at(stopped, hz)), length)[: len(samples)]
    return _as_loud(heard, samples)


def _at(polynomial: npt.NDArray[np.floating], hz: npt.NDArray[np.floating]) -> npt.NDArray[np.complexfloating]:
    """A polynomial in j f with real coefficients: in real arithmetic, for its even and its odd powers."""
    rising, square = polynomial[::-1], -(hz**2)
    even, odd = np.polyval(rising[::2][::-1], square), np.polyval(rising[1::2][::-1], square) * hz
    return np.asarray(even + 1j * odd, np.complex64)


def _response(rooms: Rooms, rng: np.random.Generator) -> Wave:
    """The impulse response of one room, from a mouth to a microphone in it."""
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
    """Of the samples and the zeros after them, and their length together: `least`, or a little more."""
    # A power of two: transforms of any other length take several times as long, some of them thirty times. And zeros of
    # our own: numpy's would take as long as all the rest.
    length = 1 << (least - 1).bit_length()
    return np.fft.rfft(np.concatenate([samples, np.zeros(length - len(samples), samples.dtype)])), length


def _octaves(hz: Range, rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(*np.log(hz))))


def _as_loud(heard: npt.NDArray[np.float64], samples: Wave) -> Wave:
    power = float(np.dot(heard, heard))
    ratio = np.sqrt(float(np.dot(samples, samples)) / power) if power else 0.0
    return np.asarray(heard * ratio, np.float32)
