"""The inbox: clips that devices have sent, until somebody files them as takes or throws them away."""

from __future__ import annotations

import io
import json
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

import soundfile

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from service.studio.quota import NoRoom
from wakeword.audio.files import read_audio
from wakeword.audio.level import level_dbfs
from wakeword.errors import DataError, MissingError, printable
from wakeword.files import write_whole
from wakeword.projects.stored import stored_object

MAX_CLIPS = 500
MAX_SECONDS = 60.0
_FILE = re.compile(r"[0-9]{13}-[0-9a-f]{12}")
_TEXT = 120  # characters of a name


@dataclass(frozen=True)
class Waiting:
    """A clip that waits. at: seconds since 1970. source: who sent it. name: of its file; may be ""."""

    id: str
    at: float
    source: str
    name: str
    seconds: float
    level_dbfs: float


class Inbox:
    """A folder of clips, each a FLAC file that tells its source and name itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[Waiting]:
        """List the clips that can be read, the latest first."""
        found = (self._waiting(id) for id in sorted(self._ids(), reverse=True))
        return [clip for clip in found if clip is not None]

    def add(self, samples: Samples, source: str, name: str, now: float) -> Waiting:
        """Store a clip, int16 at 16 kHz. now: seconds since 1970.

        Raises NoRoom if there are too many, and DataError if it can't be written.
        """
        if len(self._ids()) >= MAX_CLIPS:
            raise NoRoom(f"the inbox holds {MAX_CLIPS} clips, as many as it may; file them, or throw them away")
        id = f"{round(now * 1000):013d}-{secrets.token_hex(6)}"
        file = io.BytesIO()
        with soundfile.SoundFile(file, "w", SAMPLE_RATE, 1, "PCM_16", format="FLAC") as flac:
            facts = {"source": printable(source, _TEXT), "name": printable(name, _TEXT)}
            flac.comment = json.dumps({**facts, "level_dbfs": round(level_dbfs(samples), 1)})
            flac.write(samples)
        write_whole(self._path(id), file.getvalue(), private=True)
        stored = self._waiting(id)
        assert stored is not None
        return stored

    def read(self, id: str) -> Samples:
        """Return the samples of a clip. Raises MissingError, and DataError if it can't be read."""
        return read_audio(self._found(id), MAX_SECONDS + 1)

    def remove(self, id: str) -> None:
        """Remove a clip. Raises MissingError, and DataError if its file stays."""
        path = self._found(id)
        try:
            path.unlink()
        except OSError as error:
            raise DataError(f"{path} can't be removed: {error.strerror}; remove it yourself") from error

    def get(self, id: str) -> Waiting:
        """Return a clip. Raises MissingError, and DataError if it can't be read."""
        self._found(id)
        if (clip := self._waiting(id)) is None:
            raise DataError(f"the clip {id} can't be read; throw it away")
        return clip

    def _found(self, id: str) -> Path:
        if id not in self._ids():  # so that no id leads out of the folder
            raise MissingError(f"there is no clip {printable(id, 40)!r} in the inbox")
        return self._path(id)

    def _ids(self) -> set[str]:
        if not self.folder.is_dir():
            return set()
        return {path.stem for path in self.folder.glob("*.flac") if _FILE.fullmatch(path.stem)}

    def _path(self, id: str) -> Path:
        return self.folder / f"{id}.flac"

    def _waiting(self, id: str) -> Waiting | None:
        try:
            with soundfile.SoundFile(self._path(id)) as flac:
                facts = stored_object(flac.comment)
                seconds = round(flac.frames / SAMPLE_RATE, 3)
                level = float(facts["level_dbfs"])
                return Waiting(id, int(id[:13]) / 1000, str(facts["source"]), str(facts["name"]), seconds, level)
        except (
            OSError,
            ValueError,
            TypeError,
            KeyError,
            soundfile.LibsndfileError,
        ):  # it is gone just now, or somebody has written there
            return None
