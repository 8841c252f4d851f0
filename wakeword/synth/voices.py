"""Find the speech engines that are installed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from wakeword.errors import UsageError, WakewordError
from wakeword.phrases.language import EN_US, LANGUAGES, Language
from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.flite import Flite
from wakeword.synth.kokoro import Kokoro
from wakeword.synth.kokoro_notation import UNSPEAKABLE
from wakeword.synth.piper import Piper
from wakeword.synth.voice import SpeechEngine, SpeechEngineError

NAMES = ("kokoro", "piper", "flite", "espeak-ng")

_UNFINISHED = (".part", ".validator")  # what a broken download leaves
_HOW_TO_INSTALL = {
    "kokoro": "download it (121 MB) by: wakeword synth --fetch",
    "piper": "put voices there (NAME.onnx, NAME.onnx.json, MODEL_CARD), or name their folder by --piper",
    "flite": "install it by: apt install flite",
    "espeak-ng": "install it by: pip install 'wakeword[synth]'",
}


@dataclass(frozen=True)
class EnginePaths:
    """The folders of the engines' files.

    kokoro: the model, one `.onnx` file, and the voices, a folder `voices` or one file `voices*`. piper: the voices, in
    any subfolders. cache: the synthesized clips.
    """

    kokoro: Path
    piper: Path
    cache: Path


def default_paths() -> EnginePaths:
    """Return $WAKEWORD_KOKORO and $WAKEWORD_PIPER, or folders in the user's cache if they are unset."""
    import platformdirs

    cache = platformdirs.user_cache_path("wakeword", appauthor=False)
    return EnginePaths(
        kokoro=Path(os.environ.get("WAKEWORD_KOKORO") or cache / "kokoro"),
        piper=Path(os.environ.get("WAKEWORD_PIPER") or cache / "piper"),
        cache=cache / "synth",
    )


def open_engines(
    names: Sequence[str], paths: EnginePaths, warn: Callable[[str], None], language: Language = EN_US
) -> list[SpeechEngine]:
    """Open the engines of these names, or all that are installed if no name is given, to speak a language.

    warn: called, if no name is given, with one line for each engine that is missing and how to install it.

    Raises:
        UsageError: a name is unknown.
        SpeechEngineError: a named engine is missing or damaged or can't speak the language, or no engine is installed.
    """
    for name in names:
        if name not in NAMES:
            raise UsageError(f"there is no engine {name!r}; choose from {', '.join(NAMES)}")
    opened: list[SpeechEngine] = []
    for name in names or NAMES:
        if reason := _why_not(name, language):
            if names:
                raise SpeechEngineError(f"{reason}; leave it out by --engine")
            continue
        try:
            opened.append(_open(name, paths, language))
        except SpeechEngineError as error:
            line = f"{error}; {_HOW_TO_INSTALL[name]}"
            if names:
                raise SpeechEngineError(line) from error
            warn(f"going on without {name}: {line}")
    if not opened:
        raise SpeechEngineError(f"no speech engine is installed; {_HOW_TO_INSTALL['espeak-ng']}")
    return opened


def installed(language: Language) -> tuple[str, ...]:
    """Return the names of the engines that speak a language on this machine; () if there is none."""
    return tuple(shares(language))


def shares(language: Language) -> dict[str, float]:
    """Return the engines that speak a language on this machine, by name, and each one's share of the clips."""
    paths = default_paths()
    files = (tuple(sorted(folder.glob("**/*.onnx"))) for folder in (paths.kokoro, paths.piper))
    return dict(_shares(language.code, paths, *files))


@lru_cache(maxsize=64)
def _shares(code: str, paths: EnginePaths, *files: tuple[Path, ...]) -> tuple[tuple[str, float], ...]:
    """Open them all, which takes a while. files: that are there; others are another question."""
    try:
        engines = open_engines([], paths, lambda line: None, LANGUAGES[code])
    except (WakewordError, ModuleNotFoundError):
        return ()
    return tuple((engine.name, engine.share) for engine in engines)


def why_mute() -> str | None:
    """Return why nothing can be synthesized, with the way out; None if it can."""
    for library in ("espeakng_loader", "wordfreq", "pyroomacoustics"):
        try:
            import_module(library)
        except ModuleNotFoundError:
            extras = "synth" if find_spec("torch") else "train,synth"  # who asks is about to train
            return f"{library} is not installed (pip install 'wakeword[{extras}]')"
    try:
        EspeakNg()
    except WakewordError as error:
        return str(error)
    return None


def _why_not(name: str, language: Language) -> str:
    """Return why an engine can't speak a language, whatever is installed; "" if it can."""
    if name == "flite" and language.code != "en-us":
        return f"flite has no voices for {language.name}"
    if name == "kokoro" and language.code in UNSPEAKABLE:
        return f"kokoro lacks sounds of {language.name}"
    return ""


def _open(name: str, paths: EnginePaths, language: Language) -> SpeechEngine:
    if name == "kokoro":
        return _open_kokoro(paths.kokoro, language)
    if name == "piper":
        return Piper(paths.piper, language)
    return Flite() if name == "flite" else EspeakNg(language)


def _open_kokoro(folder: Path, language: Language) -> Kokoro:
    models = sorted(folder.glob("*.onnx"))
    voices = sorted(path for path in folder.glob("voices*") if path.suffix not in _UNFINISHED)
    if not models or not voices:
        raise SpeechEngineError(f"{folder} holds no Kokoro model with its voices")
    return Kokoro(models[0], voices[0], language)
