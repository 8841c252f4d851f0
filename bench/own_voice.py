"""What do ten takes of one's own voice add to synthetic clips? Parts a data folder so that it can be measured.

    python -m bench.own_voice --data DATA --word stop --speaker 893705bb --out PARTS

PARTS then holds links to clips of DATA: `others/`, all but the word, for `--data`; `taken/`, ten takes of the word by
the speaker, for `--extra`; `left/`, the speaker's other ones, and `people/`, those of everyone else, for `--positives`.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def part(data: Path, word: str, speaker: str, out: Path, takes: int = 10) -> dict[str, int]:
    """Link the clips; returns how many there are of the word in each part. Raises SystemExit for too few."""
    clips = sorted((data / word).iterdir())
    own = [clip for clip in clips if clip.name.startswith(f"{speaker}_")]
    if len(own) <= takes:
        raise SystemExit(f"{speaker} has said {word} {len(own)} times; more than {takes} are wanted")
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
    """Parse, part, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--word", required=True)
    parser.add_argument("--speaker", required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    for name, count in part(options.data, options.word, options.speaker, options.out).items():
        print(f"{options.out / name}: {count} clips of {options.word}")


if __name__ == "__main__":
    main()
