"""The takes of a project: what was recorded, trimmed, in the data folder that training reads.

A take is the file `recordings/LABEL/SPEAKER/DISTANCE-ID.flac`. The project's folder `takes` keeps what was cut away
around it, so that a trim can be undone, and what was measured of it. A file that somebody has put into the data folder
is a take as well.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import secrets
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import encode, read_audio
from wakeword.audio.utterances import Stretch, Utterances, room_level, speech, utterances
from wakeword.data.folders import word_folder
from wakeword.data.keywords import SILENCE, UNKNOWN, folder_name, matching
from wakeword.data.speech_commands import NO_HASH, NOISE_FOLDER, Clip, clip_folders, noise_files, speaker_of, word_clips
from wakeword.errors import DataError, MissingError, UsageError, printable
from wakeword.files import write_whole
from wakeword.projects.measures import Measures, measured
from wakeword.projects.project import Project
from wakeword.projects.stored import stored_object
from wakeword.text import file_part, is_letter

MAX_TAKES = 2_000  # of a project
MAX_CUT = 200  # takes of one recording
MAX_SECONDS = 600.0  # of a recording
KEPT = "takes"  # the folder of what is kept of takes
SPEAKER, DISTANCE = "me", "near"  # unless others are given

_AROUND = round(0.6 * SAMPLE_RATE)  # samples that are kept on each side of an utterance
_LONGEST_SPEECH = 3.0  # seconds of a take of other speech
_FOREIGN = "x"  # how the id of a file begins that somebody has put there
_OWN_NAME = re.compile(r"(?P<distance>[^/]*)-(?P<id>[0-9a-f]{12})")
_PART_BYTES = 60
_NAME = 120  # characters that are kept of a file's name


@dataclass(frozen=True)
class Take:
    """A take.

    path: of the trimmed part. name: of the file that it came from, may be "".
    """

    id: str
    path: Path
    label: str
    speaker: str
    distance: str
    name: str
    measures: Measures


@dataclass(frozen=True)
class LeftOut:
    """A part of a recording that became no take: from `begin` to `end` seconds."""

    begin: float
    end: float
    reason: str


@dataclass(frozen=True)
class Change:
    """What changes of a take; None stays."""

    begin: float | None = None
    end: float | None = None
    label: str | None = None
    speaker: str | None = None
    distance: str | None = None


class Takes:
    """The takes of a project. One process at a time may change them."""

    def __init__(self, project: Project) -> None:
        """project: its phrases are the labels, beside `_unknown_` and `_background_noise_`."""
        self._root = project.recordings
        self._kept_root = project.folder / KEPT
        self._phrases = project.phrases

    def all(self) -> list[Take]:
        """List the takes, by label, speaker and file."""
        found = [self._take(clip) for clip in self._clips()]
        return [take for take in found if take is not None]

    def get(self, id: str) -> Take:
        """Return a take. Raises MissingError if there is none of the id."""
        for clip in self._clips():
            if self._id(clip) == id and (take := self._take(clip)) is not None:
                return take
        raise MissingError(f"there is no take {printable(id, 40)!r}")

    def count(self) -> int:
        """Count the takes."""
        return len(self._clips())

    def trimmed(self, id: str) -> Samples:
        """Return the part of a take that is trained on. Raises MissingError, or DataError if it can't be read."""
        return read_audio(self.get(id).path, MAX_SECONDS)

    def whole(self, id: str) -> Samples:
        """Return a take with what was cut away around it. Raises MissingError, or DataError if it can't be read."""
        take = self.get(id)
        kept = self._kept(id).with_suffix(".flac")
        return read_audio(kept if kept.is_file() else take.path, MAX_SECONDS)

    def add(
        self, samples: Samples, label: str = "", speaker: str = "", distance: str = "", name: str = "", cut: bool = True
    ) -> tuple[list[Take], list[LeftOut]]:
        """Store a recording, int16 at 16 kHz, as takes; return them, and what of it became none.

        label: "" is the first phrase. name: of its file. cut: at its pauses, into its utterances. Noise isn't cut, and
        other speech that isn't is kept as it is, whatever sounds in it.

        Raises UsageError for a label or name that can't be used or too many takes, and DataError if nothing sounds or a
        file can't be written.
        """
        label = self._label(label or self._phrases[0])
        folder = self._folder(label, speaker or SPEAKER)
        distance = _distance(distance or DISTANCE)
        wholes, left_out, room = self._cut(samples, label, cut)
        self._check_count(len(wholes))
        self._sweep()
        name = printable(name, _NAME)
        takes: list[Take] = []
        try:
            for stretch, utterance in wholes:
                whole = samples[stretch.begin : stretch.end]
                measures = measured(whole, room, None if utterance is None else utterance.after(stretch.begin))
                id = secrets.token_hex(6)
                path = folder / f"{distance}-{id}.flac"
                takes.append(Take(id, path, label, _shown(folder.name), distance, name, measures))
                self._write(id, whole, measures, name, path)
        except DataError:  # the disk is full: all of the recording is stored, or none
            for take in takes:
                _unlink(take.path)
            self._sweep()
            _remove_empty(folder)
            raise
        return takes, left_out

    def add_part(
        self, samples: Samples, part: tuple[float, float] | None, label: str, speaker: str, distance: str, name: str
    ) -> Take:
        """Store a recording, int16 at 16 kHz, as one take, whatever sounds in it.

        part: seconds from its begin that are trained on, in its bounds; None: all.

        Raises UsageError for a label or name that can't be used or too many takes, and DataError if a file can't be
        written.
        """
        folder = self._folder(self._label(label), speaker)
        distance = _distance(distance)
        self._check_count(1)
        self._sweep()
        measures = measured(samples, room_level(samples), None)
        if part is not None:
            begin, end = part
            measures = replace(measures.trimmed(samples, begin, min(end, measures.whole_seconds)), advice="")
        id, name = secrets.token_hex(6), printable(name, _NAME)
        take = Take(id, folder / f"{distance}-{id}.flac", label, _shown(folder.name), distance, name, measures)
        try:
            self._write(id, samples, measures, name, take.path)
        except DataError:
            self._sweep()
            _remove_empty(folder)
            raise
        return take

    def change(self, id: str, change: Change) -> Take:
        """Trim a take anew, or move it to another label, speaker or distance.

        Return it as it is then: a file that somebody has put there gets an id of its own.

        Raises UsageError for what can't be used, MissingError, and DataError if it can't be read or written.
        """
        take = self.get(id)
        label = take.label if change.label is None else self._label(change.label)
        speaker = take.speaker if change.speaker is None else change.speaker
        folder = self._folder(label, speaker or SPEAKER)
        distance = _distance((take.distance if change.distance is None else change.distance) or DISTANCE)
        measures, whole = take.measures, self.whole(id)
        begin = measures.begin if change.begin is None else change.begin
        end = measures.end if change.end is None else change.end
        measures = measures.trimmed(whole, begin, end)
        if label == NOISE_FOLDER:  # whose level is nobody's fault
            measures = replace(measures, advice="")
        if id.startswith(_FOREIGN):
            id = secrets.token_hex(6)
            self._write(id, whole, measures, take.name, folder / f"{distance}-{id}.flac")
            _unlink(take.path)
        else:  # in its old place first: a crash leaves one file, here or there
            try:
                self._write(id, whole, measures, take.name, take.path)
            except DataError:  # the disk is full, but has room for what was there before
                with contextlib.suppress(DataError):
                    self._write_measures(id, take.measures, take.name)
                raise
            _move(take.path, folder / f"{distance}-{id}.flac")
        return self.get(id)

    def remove(self, id: str) -> None:
        """Remove a take, and all that was kept of it. Raises MissingError, and DataError if a file stays."""
        path = next((clip.path for clip in self._clips() if self._id(clip) == id), None)
        if path is None:
            raise MissingError(f"there is no take {printable(id, 40)!r}")
        _unlink(path)
        self._sweep()
        _remove_empty(path.parent)

    def _clips(self) -> list[Clip]:
        if not self._root.is_dir():
            return []
        clips = [clip for folder in clip_folders(self._root) for clip in word_clips(folder)]
        noise = self._root / NOISE_FOLDER
        for path in noise_files(self._root):
            clips.append(Clip(path, NOISE_FOLDER, path.relative_to(noise).parts[:-1]))
        return clips

    def _id(self, clip: Clip) -> str:
        own = _OWN_NAME.fullmatch(clip.path.stem)
        if own and self._kept(own["id"]).with_suffix(".json").is_file():
            return own["id"]
        return f"{_FOREIGN}{hashlib.sha256(clip.name.encode(errors='surrogateescape')).hexdigest()[:15]}"

    def _take(self, clip: Clip) -> Take | None:
        """Return the take of a clip; None if the file is gone just now."""
        id, own = self._id(clip), _OWN_NAME.fullmatch(clip.path.stem)
        label = self._label_of(clip.word)
        try:
            name, measures = self._known(id) or (_told(clip.path.name), _measured_anew(clip.path, label))
        except OSError:
            return None
        speaker = _shown(speaker_of(clip.name)) if clip.inside or NO_HASH in clip.name else ""
        return Take(id, clip.path, label, speaker, own["distance"] if own else "", name, measures)

    def _known(self, id: str) -> tuple[str, Measures] | None:
        """Return the name and the measures that are kept of a take; None if there are none, or somebody spoilt them."""
        if id.startswith(_FOREIGN):
            return None
        try:
            kept = stored_object(self._kept(id).with_suffix(".json").read_bytes())
            return str(kept["name"]), Measures.of_json(kept["measures"])
        except (OSError, ValueError, KeyError):
            return None

    def _label_of(self, folder: str) -> str:
        """Return what a folder's clips are; the name of another word, whose clips are trained as `_unknown_`."""
        if folder.casefold() in (UNKNOWN, SILENCE, NOISE_FOLDER):
            return folder.casefold()
        return matching(folder, self._phrases) or _told(unquote(folder))

    def _label(self, label: str) -> str:
        if label in (UNKNOWN, NOISE_FOLDER):
            return label
        if (phrase := matching(label, self._phrases)) is None:
            choice = ", ".join((*self._phrases, UNKNOWN, NOISE_FOLDER))
            raise UsageError(f"there is no label {printable(label, 60)!r}; choose one of {choice}")
        return phrase

    def _folder(self, label: str, speaker: str) -> Path:
        name = file_part(speaker, _PART_BYTES)
        if not any(map(is_letter, name)):
            raise UsageError(f"{printable(speaker, 40)!r} can't be a speaker's name; use letters and digits")
        if matching(name, self._phrases):
            raise UsageError(f"{printable(speaker, 40)!r} is a phrase; name who speaks")
        word = self._root / label if label in (UNKNOWN, NOISE_FOLDER) else word_folder(self._root, label)
        return word / folder_name(name)

    def _cut(self, samples: Samples, label: str, cut: bool) -> tuple[list[_Part], list[LeftOut], float]:
        """Return the parts of a recording to keep, what is left out, and the level of the room in dBFS."""
        everything = Stretch(0, len(samples))
        if label == NOISE_FOLDER or (label == UNKNOWN and not cut):
            return [(everything, None)], [], room_level(samples)
        found = speech(samples, _LONGEST_SPEECH) if label == UNKNOWN else utterances(samples, label)
        if found.all is None:
            raise DataError("nothing in this recording is louder than its room: is it the right microphone?")
        if not cut:
            return [(everything, found.all)], [], found.room
        return (*_parts(found, len(samples)), found.room)

    def _check_count(self, more: int) -> None:
        if more > MAX_CUT:
            raise UsageError(f"the recording has {more:,} takes; at most {MAX_CUT} are taken at a time; cut it")
        if self.count() + more > MAX_TAKES:
            raise UsageError(f"a project has at most {MAX_TAKES:,} takes; delete some")

    def _write(self, id: str, whole: Samples, measures: Measures, name: str, path: Path) -> None:
        """Write what is kept of a take, then the take: it is there when all of it is."""
        kept = self._kept(id)
        if not kept.with_suffix(".flac").is_file():
            write_whole(kept.with_suffix(".flac"), encode(whole, "flac"), private=True)
        self._write_measures(id, measures, name)
        write_whole(path, encode(measures.cut(whole), "flac"), private=True)

    def _write_measures(self, id: str, measures: Measures, name: str) -> None:
        text = json.dumps({"name": name, "measures": asdict(measures)})
        write_whole(self._kept(id).with_suffix(".json"), text.encode(), private=True)

    def _kept(self, id: str) -> Path:
        return self._kept_root / id

    def _sweep(self) -> None:
        """Remove what is kept of takes that are gone."""
        if not self._kept_root.is_dir():
            return
        there = {own["id"] for clip in self._clips() if (own := _OWN_NAME.fullmatch(clip.path.stem))}
        for path in self._kept_root.iterdir():
            if path.stem not in there:
                _unlink(path)


_Part = tuple[Stretch, Stretch | None]  # what is kept of a recording, and the utterance in it


def _parts(found: Utterances, length: int) -> tuple[list[_Part], list[LeftOut]]:
    """Return the utterances with what is around them, up to the middle of a pause, and what else sounds.

    If no sound is as long as the phrase should be, all are takes: the speaker knows better.
    """
    takes, others = (found.found, found.others) if found.found else (found.others, [])
    sounding = sorted((*takes, *others), key=lambda stretch: stretch.begin)
    chosen = set(takes)
    parts: list[_Part] = []
    for before, each, after in zip([None, *sounding], sounding, [*sounding[1:], None], strict=False):
        if each in chosen:
            least = 0 if before is None else (before.end + each.begin) // 2
            most = length if after is None else (each.end + after.begin) // 2
            parts.append((Stretch(max(least, each.begin - _AROUND), min(most, each.end + _AROUND)), each))
    middle = sorted(each.seconds for each in takes)[len(takes) // 2]
    return parts, [
        LeftOut(
            round(each.begin / SAMPLE_RATE, 2),
            round(each.end / SAMPLE_RATE, 2),
            "too short for the phrase" if each.seconds < middle else "too long for the phrase",
        )
        for each in others
    ]


def _measured_anew(path: Path, label: str) -> Measures:
    status = path.stat()
    return _measures_of(path, status.st_mtime_ns, status.st_size, label)


@lru_cache(1 << 12)
def _measures_of(path: Path, changed: int, size: int, label: str) -> Measures:
    """Measure a file of which no measures are kept. changed, size: tell it from another of the name."""
    try:
        samples = read_audio(path, MAX_SECONDS)
    except DataError as error:
        return Measures.unreadable(str(error).replace(str(path), path.name))
    if label in (NOISE_FOLDER, SILENCE):
        return measured(samples, room_level(samples), None)
    found = speech(samples, _LONGEST_SPEECH) if label == UNKNOWN else utterances(samples, label)
    return measured(samples, found.room, found.all, trim=False)


def _shown(folder: str) -> str:
    """Return a speaker's name by that of the folder."""
    return _told(unquote(folder).replace("_", " "))


def _told(name: str) -> str:
    """Return a file's name with escapes for bytes that are no UTF-8, which no answer can carry."""
    return name.encode(errors="backslashreplace").decode()


def _distance(distance: str) -> str:
    return file_part(distance, _PART_BYTES).replace("_", "-").strip("-") or DISTANCE


def _move(old: Path, path: Path) -> None:
    if old == path:
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        old.replace(path)
    except OSError as error:
        raise DataError(f"{path} can't be written: {error.strerror}") from error
    _remove_empty(old.parent)


def _remove_empty(folder: Path) -> None:
    """Remove a speaker's folder without takes, and then the word's."""
    with contextlib.suppress(OSError):  # others are in it
        folder.rmdir()
        folder.parent.rmdir()


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise DataError(f"{path} can't be removed: {error.strerror}; remove it yourself") from error
