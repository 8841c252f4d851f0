"""A project: a folder with all that a model of some phrases is made of, and the models made of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from wakeword.data.keywords import KeywordSet, keyword_set, spoken_in
from wakeword.errors import DataError, UsageError, WakewordError, printable
from wakeword.files import write_whole
from wakeword.model.labels import MAX_LABEL, spelled
from wakeword.phrases.letters import language_named
from wakeword.text import composed, unprintable
from wakeword.training.config import TrainConfig, check_integer_form
from wakeword.training.overrides import apply_settings
from wakeword.training.presets import PRESETS, SIZES, for_phrases, for_streams, of_size, preset

FILE, FORMAT = "project.json", 1
RECORDINGS, NEGATIVES = "recordings", "negatives"

MAX_PHRASES, MAX_REFUSED, MAX_SAID, MAX_SETTINGS = 20, 50, 50, 100
MAX_CLIPS = 5000  # synthetic clips of each phrase
_MIN_CLIPS = 20
_MAX_SEED = 2**32 - 1
_MAX_MEGABYTES = 1  # of project.json
_MAX_BYTES = _MAX_MEGABYTES << 20


@dataclass(frozen=True)
class Project:
    """What `project.json` says. It is checked when it is read or made.

    folder: of the project. language: a code of docs/languages.md; "" tells it by the letters. say: how phrases sound,
    as by --say. refused: phrases that must not wake it. preset, size ("": the preset's), seed, clips, settings (as
    texts, by field): as the options of `wakeword train`.
    """

    folder: Path
    phrases: tuple[str, ...]
    language: str = ""
    say: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    preset: str = "best"
    size: str = ""
    seed: int = 0
    clips: int = 600
    settings: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(cls, folder: Path, content: object) -> Project:
        """Return the project that the content of a `project.json` describes.

        Raises UsageError for the first field that is missing, unknown or can't be used.
        """
        if not isinstance(content, dict):
            raise UsageError('a project is an object with its phrases, such as {"phrases": ["hey lumen"]}')
        given = {str(name): value for name, value in content.items()}
        version = given.pop("format", FORMAT)
        if version != FORMAT:
            raise UsageError(f"format {printable(version)} is of a later wakeword; this one reads format {FORMAT}")
        for name in given:
            if name not in _FIELDS:
                close = get_close_matches(name, _FIELDS, 1)
                hint = f"did you mean {close[0]}?" if close else f"choose from {', '.join(_FIELDS)}"
                raise UsageError(f"a project has no field {printable(name, 60)!r}; {hint}")
        if "phrases" not in given:
            raise UsageError('a project needs phrases, such as "phrases": ["hey lumen"]')
        project = cls(folder, **{name: _FIELDS[name](name, value) for name, value in given.items()})
        project._check()
        return project

    @classmethod
    def read(cls, folder: Path) -> Project:
        """Read a project's folder.

        Raises DataError if it is none, or UsageError if its `project.json` can't be used; either names the file.
        """
        path = folder / FILE
        try:
            with path.open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
            if len(data) > _MAX_BYTES:
                raise DataError(f"{path} is larger than {_MAX_MEGABYTES} MB; it holds no project")
            content = json.loads(data)
        except (FileNotFoundError, NotADirectoryError):
            raise DataError(
                f'{folder} is no project: it has no {FILE}; write one there, such as {{"phrases": ["hey lumen"]}}'
            ) from None
        except OSError as error:
            raise DataError(f"{path} can't be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise DataError(f"{path} is no JSON: {printable(error)}; mend it, or write it anew") from error
        try:
            return cls.of_json(folder, content)
        except WakewordError as error:
            raise UsageError(f"{path}: {error}") from error

    def write(self) -> None:
        """Replace `project.json` whole; only its owner can read it.

        Raises UsageError for a pronunciation that can't be said, and DataError if the file can't be written.
        """
        if self.say:
            _ = self.words  # raises
        text = json.dumps(self.as_json(), indent=2, ensure_ascii=False) + "\n"
        write_whole(self.folder / FILE, text.encode(), private=True)

    def as_json(self) -> dict[str, Any]:
        """Return the content of `project.json`, with every field."""
        own = {name: getattr(self, name) for name in _FIELDS}
        return {"format": FORMAT} | {name: _plain(value) for name, value in own.items()}

    def changed(self, content: object) -> Project:
        """Return the project with the fields that a JSON object gives. Raises UsageError as `of_json`."""
        return Project.of_json(self.folder, {**self.as_json(), **content} if isinstance(content, dict) else content)

    @property
    def recordings(self) -> Path:
        """The data folder of takes, other words and noise (docs/own-data.md); it may be absent."""
        return self.folder / RECORDINGS

    @property
    def negatives(self) -> Path:
        """The folder of long recordings in which nobody says a phrase; it may be absent."""
        return self.folder / NEGATIVES

    @property
    def words(self) -> KeywordSet:
        """Return the phrases, and how they are said. Raises UsageError for a pronunciation that can't be said."""
        return spoken_in(keyword_set(",".join(self.phrases)), self.language or None, self.say)

    def config(self, *, spoken: bool = True, streams: bool = False) -> TrainConfig:
        """Return the settings of its trainings.

        spoken: synthetic voices speak the phrases; else recordings are enough. streams: there are recordings of
        negatives. Raises UsageError for settings that can't be used.
        """
        config = preset(self.preset, self.seed)
        if spoken:
            config = for_phrases(config, len(self.phrases), streams=streams)
        elif streams:
            config = for_streams(config)
        config = of_size(config, self.size) if self.size else config
        config = apply_settings(config, self.settings)
        check_integer_form(config, len(self.phrases) + 2)  # with silence and other words
        if not config.stages.quantized:
            raise UsageError("a project makes models in integers; leave out quantized=0")
        if config.selection.include_validation:
            raise UsageError("a project keeps clips from training, to report by; leave out include_validation")
        return config

    def _check(self) -> None:
        """Raise UsageError for a field that can't be used, alone or beside the others."""
        for phrase in self.refused:
            if known := spelled(phrase, self.phrases):
                raise UsageError(f"{phrase!r} can't be refused: it is the phrase {known!r}; leave one of them out")
        if self.size and self.size not in SIZES:
            raise UsageError(f"size: there is no network of {self.size} kilobytes; choose one of {', '.join(SIZES)}")
        if self.preset not in PRESETS:
            raise UsageError(f"there is no preset {self.preset!r}; choose one of {', '.join(PRESETS)}")
        self.config()


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value.encode(errors="replace")) > MAX_LABEL:
        raise UsageError(f"{name}: {printable(value, 60)!r} is no text of {MAX_LABEL} bytes at most")
    if strange := unprintable(value):
        raise UsageError(f"{name}: {printable(value, 60)!r} contains U+{ord(strange[0]):04X}, which can't be seen")
    return composed(" ".join(value.split()))


def _texts(most: int, least: int = 0) -> Callable[[str, object], tuple[str, ...]]:
    def parse(name: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise UsageError(f"{name}: {printable(value, 60)!r} is no list of {least} to {most} texts")
        texts = tuple(_text(name, each) for each in value)
        if not all(any(map(str.isalnum, text)) for text in texts):
            raise UsageError(f"{name}: a text has no letter; write what is said, or leave it out")
        return tuple(dict.fromkeys(texts))

    return parse


def _phrases(name: str, value: object) -> tuple[str, ...]:
    """Return phrases as labels of a model: with composed accents and single spaces."""
    texts = _texts(MAX_PHRASES, least=1)(name, value)
    if torn := next((text for text in texts if "," in text), None):
        raise UsageError(f"{name}: {torn!r} has a comma; write what is said, a text for each phrase")
    words = keyword_set(",".join(texts))
    if words.is_preset:
        raise UsageError(f"{name}: {texts[0]!r} names a set of words; write what is said")
    return words.words


def _language(name: str, value: object) -> str:
    code = _text(name, value)
    return language_named(code).code if code else ""


def _number(least: int, most: int) -> Callable[[str, object], int]:
    def parse(name: str, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise UsageError(f"{name}: {printable(value, 60)} is no whole number from {least} to {most}")
        return value

    return parse


def _settings(name: str, value: object) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > MAX_SETTINGS:
        raise UsageError(f'{name}: give at most {MAX_SETTINGS} fields of docs/settings.md, such as {{"hidden": 64}}')
    return {_text(name, each): _setting(each, text) for each, text in value.items()}


def _setting(name: str, value: object) -> str:
    """Return a setting as --set takes it; JSON's own numbers, flags and null are fine."""
    if value is None or isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else _text(name, value)


# The fields of project.json, and how each is read.
_FIELDS: dict[str, Callable[[str, object], Any]] = {
    "phrases": _phrases,
    "language": _language,
    "say": _texts(MAX_SAID),
    "refused": _texts(MAX_REFUSED),
    "preset": _text,
    "size": lambda name, value: _text(name, str(value) if isinstance(value, int | float) else value),
    "seed": _number(0, _MAX_SEED),
    "clips": _number(_MIN_CLIPS, MAX_CLIPS),
    "settings": _settings,
}
