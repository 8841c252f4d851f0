"""Split Speech Commands by one speaker, to measure the value of ten takes of one's own voice beside synthetic clips.

    python -m bench.own_voice --data DATA --word stop --speaker 893705bb --out PARTS

PARTS gets links to clips of DATA: `others/`, all but the word, for --data; `taken/`, ten takes of the word by the
speaker, for --extra; `left/`, the speaker's other takes, and `people/`, those of everyone else, for --positives.
"""

from __future__ import annotations

from pathlib import Path

from bench.options import Parser, errors_in_one_line
from wakeword.errors import DataError, UsageError


def part(data: Path, word: str, speaker: str, out: Path, takes: int = 10) -> dict[str, int]:
    """Link the clips of each part. Return the number of clips of the word in each.

    Raises:
        DataError: the data has no such word, or the speaker too few takes of it.
        UsageError: `out` exists.
    """
    if not (data / word).is_dir():
        raise DataError(f"there is no folder {data / word}: give --data a folder with a folder of clips for each word")
    clips = sorted((data / word).iterdir())
    own = [clip for clip in clips if clip.name.startswith(f"{speaker}_")]
    if len(own) <= takes:
        raise DataError(f"{speaker} has {len(own)} takes of {word}: give a --speaker with more than {takes}")
    if out.exists():
        raise UsageError(f"{out} exists: give --out a new folder")
    parts = {"taken": own[:takes], "left": own[takes:], "people": [clip for clip in clips if clip not in own]}
    for name, chosen in parts.items():
        _link(chosen, out / name / word)
    _link([entry for entry in data.iterdir() if entry.name != word], out / "others")
    return {name: len(chosen) for name, chosen in parts.items()}


def _link(entries: list[Path], folder: Path) -> None:
    folder.mkdir(parents=True)
    for entry in entries:
        (folder / entry.name).symlink_to(entry.resolve())


def main() -> None:
    """Parse the arguments, link the clips, and print the size of each part."""
    parser = Parser("own_voice", __doc__, module=True)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of Speech Commands")
    parser.add_argument("--word", required=True, help="word to split")
    parser.add_argument("--speaker", required=True, help="begin of the names of one speaker's clips")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="new folder for the links")
    options = parser.parse_args()
    with errors_in_one_line():
        for name, count in part(options.data, options.word, options.speaker, options.out).items():
            print(f"{options.out / name}: {count} clips of {options.word}")


if __name__ == "__main__":
    main()
