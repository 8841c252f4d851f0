"""Judged clips become takes that training uses, and what was judged is remembered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.spoken_rows import row, times
from wakeword.audio.files import read_audio
from wakeword.data.keywords import UNKNOWN
from wakeword.data.splits import split_clips
from wakeword.errors import UsageError
from wakeword.projects import judged as module
from wakeword.projects.filing import file_missed, file_wrong, unfile
from wakeword.projects.judged import FILE, Judgement, judged, note
from wakeword.projects.library import create_project
from wakeword.projects.project import Project
from wakeword.projects.takes import Takes


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_project(tmp_path, {"phrases": ["hey lumen"]})


def test_a_false_accept_is_kept_as_it_is_however_quiet(project: Project) -> None:
    silence = np.zeros(48_000, np.int16)
    take = file_wrong(project, silence, "living room", "room.flac", (0.5, 2.25))
    assert (take.label, take.speaker, take.distance, take.name) == (
        UNKNOWN,
        "false accepts",
        "living-room",
        "room.flac",
    )
    assert len(read_audio(take.path)) == 28_000 and len(Takes(project).whole(take.id)) == 48_000
    assert Takes(project).all() == [take]
    assert len(read_audio(file_wrong(project, silence, "", "", (2.5, 9.0)).path)) == 8_000
    assert len(read_audio(file_wrong(project, silence, "", "").path)) == 48_000


@pytest.mark.parametrize("others", [0, 3, 40])
def test_most_false_accepts_are_trained_on_however_many_speakers_there_are(project: Project, others: int) -> None:
    for number in range(others):
        Takes(project).add_part(row(times(1)), None, UNKNOWN, f"ada{number}", "near", "")
    filed = {file_wrong(project, row(times(1)), "kitchen", "").path for _ in range(6)}
    trained = {clip.path for clip in split_clips(project.recordings, project.words).of(UNKNOWN, "training")}
    assert len(filed & trained) >= 5


def test_a_false_accept_that_is_taken_back_leaves_no_sample(project: Project) -> None:
    takes = tuple(file_wrong(project, row(times(1)), "", "").id for _ in range(2))
    Takes(project).remove(takes[0])  # by its owner, before
    unfile(project, Judgement("wrong", takes))
    assert list(project.folder.rglob("*.flac")) == []


def test_a_missed_word_is_cut_into_takes_of_whoever_can_be_named(project: Project) -> None:
    for source, speaker in (("kitchen", "kitchen"), ("hey lumen", "me"), ("", "me")):
        takes, _ = file_missed(project, row(times(2)), "hey lumen", source, "")
        assert [(take.label, take.speaker) for take in takes] == [("hey lumen", speaker)] * 2
    with pytest.raises(UsageError, match="there is no label"):
        file_missed(project, row(times(1)), "other", "kitchen", "")


def test_what_was_judged_is_remembered_and_the_oldest_forgotten(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_JUDGED", 3)
    for id in "abcd":
        note(project, id, Judgement("wrong", (f"take of {id}",)))
    note(project, "b", Judgement("ignored"))
    assert judged(project) == {
        "c": Judgement("wrong", ("take of c",)), "d": Judgement("wrong", ("take of d",)), "b": Judgement("ignored"),
    }  # fmt: skip


@pytest.mark.parametrize("content", ["", "[]", "{", '{"judged": []}', '{"judged": {"a": {"verdict": "good"}, "b": 1}}'])
def test_a_spoilt_file_of_judgements_is_as_none(project: Project, content: str) -> None:
    (project.folder / FILE).write_text(content)
    assert judged(project) == {}
    note(project, "a", Judgement("right"))
    assert judged(project) == {"a": Judgement("right")}


def test_what_can_t_be_read_of_earlier_judgements_is_put_aside_not_written_over(project: Project) -> None:
    file = project.folder / FILE
    file.write_text('{"format": 1, "judged": {"a-1": {"verdict": "wrong"},}}')  # by hand, with a comma too many
    note(project, "a-2", Judgement("ignored"))
    assert judged(project) == {"a-2": Judgement("ignored")}
    assert "a-1" in file.with_name(f"{FILE}.damaged").read_text()
