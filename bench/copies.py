"""Are clips of a folder copies of one recording? Gathers one clip of each, so that it counts once.

    python -m bench.copies WAKEWORDS/snowboy --out ONCE

Copies may have been coded anew, amplified, cut or moved. ONCE then holds links to the first clip of each recording, by
name, for `--positives`. Prints how many recordings there are, and of each that has several clips how many.
"""

from __future__ import annotations

import argparse
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from featurizer import SAMPLE_RATE
from wakeword.audio.files import read_audio

_RATE = 4000  # Hz: pitch and two formants, by which two takes of one speaker differ already
_ALIKE = 0.9  # of the correlation: among 315 recordings of one word no two have 0.8


def recordings(clips: list[Path]) -> list[list[Path]]:
    """The clips by what was recorded, in their order: those that correlate at some delay are of one recording.

    Raises WakewordError where a clip can't be read.
    """
    waves = [_wave(clip) for clip in clips]
    size = 1 << (2 * max(map(len, waves), default=1) - 1).bit_length()  # so that no delay wraps around
    spectra = [np.fft.rfft(wave, size).astype(np.complex64) for wave in waves]
    found: list[list[int]] = []
    for number, spectrum in enumerate(spectra):
        alike = [group for group in found if any(_same(spectra[other], spectrum, size) for other in group)]
        found = [group for group in found if group not in alike]
        found.append([*chain.from_iterable(alike), number])
    return [[clips[number] for number in sorted(group)] for group in sorted(found, key=min)]


def _wave(clip: Path) -> npt.NDArray[np.float32]:
    wave = soxr.resample(read_audio(clip).astype(np.float32), SAMPLE_RATE, _RATE)
    wave -= wave.mean()
    return np.asarray(wave / max(float(np.linalg.norm(wave)), 1e-9), np.float32)


def _same(one: npt.NDArray[np.complex64], other: npt.NDArray[np.complex64], size: int) -> bool:
    return bool(np.abs(np.fft.irfft(one * other.conj(), size)).max() > _ALIKE)


def main() -> None:
    """Parse, compare, link, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    clips = sorted(entry for entry in options.folder.iterdir() if entry.is_file())
    found = recordings(clips)
    options.out.mkdir(parents=True)
    for first, *_ in found:
        (options.out / first.name).symlink_to(first.resolve())
    copied = sorted((len(group) for group in found if len(group) > 1), reverse=True)
    print(f"{len(clips)} clips of {len(found)} recordings", *(f"{count} of one" for count in copied), sep=", ")


if __name__ == "__main__":
    main()
