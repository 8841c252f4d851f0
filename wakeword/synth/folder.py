"""Clips as a folder that training takes: a folder for each phrase, and in it who spoke what, and under what licence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wakeword.audio.files import Encoding, encode
from wakeword.files import write_whole
from wakeword.synth.clips import Clip, Studio

PROVENANCE = "provenance.jsonl"


def write_folder(clips: Sequence[Clip], folder: Path, studio: Studio, seed: int, kind: Encoding = "flac") -> None:
    """Write the clips of a phrase as ENGINE-VOICE_nohash_NUMBER, and a line on each in `PROVENANCE`.

    What is there already is not written again; clips of an earlier run that are no longer wanted are removed. The name
    before `_nohash_` is the speaker's, by which the splits of Speech Commands go: no voice is in two of them.

    Raises:
        WakewordError: something can't be written, as when the disk is full.
    """
    lines = [_line(clip, number, studio, seed, kind) for number, clip in enumerate(clips, start=1)]
    old = _provenance(folder)
    for name in old.keys() - {line["file"] for line in lines}:
        (folder / name).unlink(missing_ok=True)
    for clip, line in zip(clips, lines, strict=True):
        path = folder / line["file"]
        if old.get(path.name) != line["clip"] or not path.is_file():
            write_whole(path, clip.path.read_bytes() if kind == "flac" else encode(clip.read(), kind))
    write_whole(folder / PROVENANCE, "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines).encode())


def _line(clip: Clip, number: int, studio: Studio, seed: int, kind: Encoding) -> dict[str, Any]:
    manner = clip.manner
    return {
        "file": f"{manner.engine}-{manner.voice}_nohash_{number}.{kind}",
        "phrase": clip.saying.text,
        "phonemes": clip.ipa,
        "engine": manner.engine,
        "version": studio.version(clip),
        "voice": manner.voice,
        "licences": studio.licences([clip]),
        "accent": manner.accent,
        "speed": manner.speed,
        "pitch": manner.pitch,
        "settings": dict(manner.settings),
        "seconds": round(clip.seconds, 3),
        "seed": seed,
        "clip": clip.path.stem,
    }


def _provenance(folder: Path) -> dict[str, str]:
    """The clip that each file was made from, of an earlier run."""
    path = folder / PROVENANCE
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return {line["file"]: line["clip"] for line in map(json.loads, lines)}
