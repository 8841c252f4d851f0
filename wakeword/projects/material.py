"""What a model is trained on: recordings, and what synthetic voices say for want of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wakeword.audio.files import audio_files
from wakeword.data.keywords import KeywordSet, in_speech_commands
from wakeword.data.running_speech import check_hours
from wakeword.data.shortage import refuse_wordless, shortage
from wakeword.errors import DataError
from wakeword.projects.project import Project
from wakeword.synth.voices import why_mute


@dataclass(frozen=True)
class Material:
    """What a model is trained on. spoken: synthetic voices speak. lines: on what the recordings lack."""

    words: KeywordSet
    data: Path | None
    extra: Path | None
    negatives: tuple[Path, ...]
    spoken: bool
    lines: tuple[str, ...]
    clips: int
    refused: tuple[str, ...] = ()


def needs_voices(words: KeywordSet, data: Path | None, extra: Path | None) -> tuple[bool, list[str]]:
    """Return whether synthetic voices have to speak for want of recordings, and the lines that tell what for.

    Raises:
        DataError: the recordings are too few, and there are no voices; or some hold no word.
    """
    if data is None:
        as_recorded = words.spoken.language.is_english and not words.spoken.said
        return not (as_recorded and in_speech_commands(words.words)), []
    if not data.is_dir():
        return False, []
    lacks = shortage(data, words, extra)
    if lacks.few:
        refuse_wordless(data, words)
        if reason := why_mute():
            if not lacks.alone:
                raise DataError(lacks.refusal(reason))
            return False, list(lacks.lines_alone(reason))
    return bool(lacks.few), list(lacks.lines())


def material_of(project: Project) -> Material:
    """Return what a project's model is trained on. Synthetic voices speak unless there are recordings enough.

    Raises:
        WakewordError: as `needs_voices` and `check_hours`, or the voices can't say a phrase that is not recorded.
    """
    words = project.words
    data = project.recordings if audio_files(project.recordings, below=True) else None
    streams = audio_files(project.negatives, below=True)
    check_hours(streams)
    if data is None:
        words.spoken.check(words.words)
    spoken, lines = (True, list[str]()) if data is None else needs_voices(words, data, None)
    if project.refused and not spoken:
        reason = why_mute()
        spoken = reason is None
        lines += [f"phrases to refuse are not spoken: {reason}"] if reason else []
    refused = project.refused if spoken else ()
    negatives = (project.negatives,) if streams else ()
    return Material(words, data, None, negatives, spoken, tuple(lines), project.clips, refused)
