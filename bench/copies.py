"""Find clips of a folder that are copies of one recording, so that each recording counts once in an evaluation.

    python -m bench.copies WAKEWORDS/snowboy --out ONCE

A copy may be encoded anew, amplified, cut or shifted. ONCE gets links to the first clip of each recording, by name, for
--positives. Print the number of recordings, and the number of clips of each recording with copies.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from bench.options import Parser, errors_in_one_line
from featurizer import SAMPLE_RATE
from wakeword.audio.files import audio_files, read_audio
from wakeword.errors import DataError, UsageError

_RATE = 4000  # Hz: pitch and two formants, in which even two takes of one speaker differ
_ALIKE = 0.9  # correlation; the highest of two recordings among 315 of one word is below 0.8


def recordings(clips: list[Path]) -> list[list[Path]]:
    """Group clips by recording, in their order: clips that correlate at some delay are of one recording.

    Raises DataError if a clip can't be read.
    """
    waves = [_wave(clip) for clip in clips]
    size = 1 << (2 * max(map(len, waves), default=1) - 1).bit_length()  # zero-padded so that no delay wraps around
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
    """Parse the arguments, compare the clips, link the first of each recording, and print the counts."""
    parser = Parser("copies", __doc__, module=True)
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of clips")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="new folder for the links")
    options = parser.parse_args()
    with errors_in_one_line():
        link_recordings(options.folder, options.out)


def link_recordings(folder: Path, out: Path) -> None:
    """Link the first clip of each recording of a folder into a new folder.

    Raises:
        UsageError: the new folder exists.
        DataError: the folder has no clips, or one can't be read.
    """
    clips = audio_files(folder) if folder.is_dir() else []
    if not clips:
        raise DataError(f"{folder} holds no clips: give a folder of audio files")
    if out.exists():
        raise UsageError(f"{out} exists: give --out a new folder")
    found = recordings(clips)
    out.mkdir(parents=True)
    for first, *_ in found:
        (out / first.name).symlink_to(first.resolve())
    copied = sorted((len(group) for group in found if len(group) > 1), reverse=True)
    print(f"{len(clips)} clips of {len(found)} recordings", *(f"{count} of one" for count in copied), sep=", ")


if __name__ == "__main__":
    main()
