"""Fetch hours of real speech and music from Debian's packages, as FLAC files of five minutes.

    python -m bench.streams OUT [NAME ...]

Each NAME becomes a folder in OUT: sky, queen, drascula (English dialogue), fillets-cs, fillets-nl (Czech and Dutch),
wesnoth (music), prompts-en, -es, -fr, -it, -ru (what telephone exchanges say); all of them if none is named. They are
negatives: for training (`wakeword train --negatives OUT/sky`), and for false accepts an hour (`wakeword eval MODEL
--stream OUT/drascula`). What a model has learned from can't measure it.

It needs apt-get, its package lists, and dpkg: Debian or Ubuntu. Nothing is installed. Prompts need wakeword[formats].
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import soundfile

from bench.options import Parser, errors_in_one_line
from bench.packages import unpacked
from bench.streams.sources import SOURCES, Source
from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.errors import DataError

_FILE = 300 * SAMPLE_RATE  # samples of a file, at least
_PAUSE = 3 * SAMPLE_RATE // 10  # samples of faint noise between two lines
_FAINT = 10.0  # RMS of that noise


def main() -> None:
    """Parse, fetch, write."""
    parser = Parser("streams", __doc__, module=True)
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to write to")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(SOURCES)}; all if none is named")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in SOURCES]:
        parser.error(f"there is no stream {unknown[0]!r}; choose of {', '.join(SOURCES)}")
    with errors_in_one_line():
        for name in options.names or SOURCES:
            seconds = fetch(SOURCES[name], options.out / name)
            print(f"{options.out / name}: {seconds / 3600:.2f} h, {SOURCES[name].content}")


def fetch(source: Source, folder: Path) -> float:
    """Write a source to FLAC files in a folder; return its seconds. Raises DataError if the package can't be had."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as there:
        return write(source.lines(unpacked(source.package, Path(there))), folder)


def write(lines: Iterable[Samples], folder: Path) -> float:
    """Join lines, each before a pause, to files of about five minutes; return the seconds of all, pauses included."""
    rng, total = np.random.default_rng(0), 0
    for number, samples in enumerate(_files(lines, rng)):
        soundfile.write(folder / f"{number:03}.flac", samples, SAMPLE_RATE)
        total += len(samples)
    if not total:
        raise DataError(f"the package holds no audio for {folder}; a newer version may keep it elsewhere")
    return total / SAMPLE_RATE


def _files(lines: Iterable[Samples], rng: np.random.Generator) -> Iterator[Samples]:
    joined: list[Samples] = []
    for line in lines:
        joined += [line, rng.normal(0, _FAINT, _PAUSE).astype(np.int16)]
        if sum(map(len, joined)) >= _FILE:
            yield np.concatenate(joined)
            joined = []
    if joined:
        yield np.concatenate(joined)


if __name__ == "__main__":
    main()
