"""Write clips as a folder that training reads, with the provenance and licence of each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wakeword.audio.files import Encoding, encode
from wakeword.files import write_whole
from wakeword.synth.synthesizer import Synthesizer
from wakeword.synth.voice import Clip

PROVENANCE = "provenance.jsonl"


def write_folder(
    clips: Sequence[Clip], folder: Path, synthesizer: Synthesizer, seed: int, encoding: Encoding = "flac"
) -> int:
    """Write the clips of a phrase as ENGINE-VOICE_nohash_NUMBER, and a line on each in `PROVENANCE`.

    Files that exist already are kept; clips of an earlier run that are no longer wanted are removed. The part before
    `_nohash_` names the speaker, as in Speech Commands, whose rule keeps each voice in one split.

    Return how many clips were removed that are not there any more under another name. The cache keeps them.

    Raises:
        WakewordError: a file can't be written, for example because the disk is full.
    """
    lines = [_line(clip, number, synthesizer, seed, encoding) for number, clip in enumerate(clips, start=1)]
    old = {name: clip for name, clip in _provenance(folder).items() if (folder / name).is_file()}
    for name in old.keys() - {line["file"] for line in lines}:
        (folder / name).unlink()
    for clip, line in zip(clips, lines, strict=True):
        path = folder / line["file"]
        if old.get(path.name) != line["clip"]:
            write_whole(path, clip.path.read_bytes() if encoding == "flac" else encode(clip.read(), encoding))
    write_whole(folder / PROVENANCE, "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines).encode())
    return len(set(old.values()) - {line["clip"] for line in lines})


def _line(clip: Clip, number: int, synthesizer: Synthesizer, seed: int, encoding: Encoding) -> dict[str, Any]:
    settings = clip.settings
    return {
        "file": f"{settings.engine}-{settings.voice}_nohash_{number}.{encoding}",
        "phrase": clip.utterance.text,
        "phonemes": clip.ipa,
        "engine": settings.engine,
        "version": synthesizer.version(clip),
        "voice": settings.voice,
        "licenses": synthesizer.licenses([clip]),
        "accent": settings.accent,
        "speed": settings.speed,
        "pitch": settings.pitch,
        "settings": dict(settings.engine_settings),
        "seconds": round(clip.seconds, 3),
        "seed": seed,
        "clip": clip.path.stem,
    }


def _provenance(folder: Path) -> dict[str, str]:
    """Return the name of the cached clip behind each file of an earlier run.

    The folder may come from anywhere: what is no such line is left out, and so is a name that leads out of it.
    """
    path = folder / PROVENANCE
    lines = path.read_bytes().splitlines() if path.is_file() else []
    return dict(filter(None, map(_file_and_clip, lines)))


def _file_and_clip(line: bytes) -> tuple[str, str] | None:
    try:
        content = json.loads(line)
        file, clip = content["file"], content["clip"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    plain = isinstance(file, str) and isinstance(clip, str) and Path(file).name == file
    return (file, clip) if plain else None
