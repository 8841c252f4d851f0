"""Takes: a recording is cut into the files that training reads; each can be trimmed, moved and removed."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from tests.spoken_rows import row, times
from wakeword.audio.files import read_audio, write_wav
from wakeword.data.keywords import UNKNOWN, keyword_set
from wakeword.data.speech_commands import NOISE_FOLDER, clip_label, list_clips, noise_files, speaker_of
from wakeword.errors import DataError, UsageError
from wakeword.files import write_whole
from wakeword.projects import takes as module
from wakeword.projects.library import create_project
from wakeword.projects.project import Project
from wakeword.projects.takes import Change, Take, Takes


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project.of_json(tmp_path / "hey_lumen", {"phrases": ["hey lumen", "café noir"]})
    project.write()
    return project


@pytest.fixture
def takes(project: Project) -> Takes:
    return Takes(project)


def one(takes: Takes, label: str = "", speaker: str = "", distance: str = "") -> Take:
    (take,), left_out = takes.add(row(times(1)), label, speaker, distance)
    assert not left_out
    return take


def files(project: Project) -> list[str]:
    return sorted(
        path.relative_to(project.folder).as_posix()
        for path in project.folder.rglob("*")
        if path.is_file() and path.name != "project.json"
    )


def test_a_phrase_said_ten_times_gives_ten_takes_as_training_reads_them(takes: Takes, project: Project) -> None:
    made, left_out = takes.add(row(times(10)), speaker="Ada", distance="far", name="take.m4a")

    assert (len(made), left_out) == (10, [])
    clips = list_clips(project.recordings, "all")
    assert len(clips) == 10
    assert {clip_label(clip, keyword_set("hey lumen,café noir")) for clip in clips} == {"hey lumen"}
    assert {speaker_of(clip.name) for clip in clips} == {"Ada"}
    assert {each.path for each in made} == {clip.path for clip in clips}
    assert {(each.label, each.speaker, each.distance, each.name) for each in takes.all()} == {
        ("hey lumen", "Ada", "far", "take.m4a")
    }
    assert all(len(read_audio(each.path)) == pytest.approx(1.1 * SAMPLE_RATE, abs=2_000) for each in made)


def test_a_take_is_trimmed_to_its_word_and_a_second_at_least(takes: Takes) -> None:
    (measures,) = (take.measures for take in takes.add(row([-2.0, 0.6, -2.0]))[0])
    assert measures.whole_seconds == pytest.approx(1.8, abs=0.1)
    assert (measures.begin, measures.end) == (measures.suggested_begin, measures.suggested_end)
    assert measures.seconds == pytest.approx(1.0, abs=0.03)
    assert measures.begin == pytest.approx(0.4, abs=0.06)
    (measures,) = (take.measures for take in takes.add(row([-2.0, 1.2, -2.0]), label="café noir")[0])
    assert measures.seconds == pytest.approx(1.5, abs=0.08)


def test_what_sounds_beside_the_phrase_is_left_out_and_told(takes: Takes) -> None:
    made, left_out = takes.add(row([-0.5, *[0.8, -0.7] * 3, 0.15, -0.8, 4.0, -0.5]))
    assert len(made) == 3
    assert [each.reason for each in left_out] == ["too short for the phrase", "too long for the phrase"]
    assert left_out[0].begin == pytest.approx(5.0, abs=0.1)
    assert left_out[1].end == pytest.approx(9.95, abs=0.1)


def test_if_nothing_is_as_long_as_the_phrase_all_that_sounds_is_taken(takes: Takes) -> None:
    """The letters of "747" tell little of how long it is."""
    made, left_out = takes.add(row([-0.5, *[2.5, -0.9] * 3]))
    assert (len(made), left_out) == (3, [])


def test_an_uncut_recording_is_one_take(takes: Takes) -> None:
    made, _ = takes.add(row([-1.0, 0.8, -1.0, 0.8, -1.0]), cut=False)
    assert len(made) == 1
    assert made[0].measures.whole_seconds == pytest.approx(4.6)
    assert made[0].measures.seconds == pytest.approx(2.9, abs=0.1)


def test_other_speech_is_cut_into_examples_of_it(takes: Takes, project: Project) -> None:
    made, _ = takes.add(row([-0.5, 1.0, -1.0, 5.0, -0.5]), label=UNKNOWN)
    assert len(made) >= 3
    assert {clip.word for clip in list_clips(project.recordings, "all")} == {UNKNOWN}
    assert {take.label for take in takes.all()} == {UNKNOWN}


@pytest.mark.parametrize("recording", [[-2.0], [-0.5, 0.3, -1.2]])
def test_other_speech_that_is_not_cut_is_kept_as_it_is(takes: Takes, recording: list[float]) -> None:
    """Music and steady noise raise words too: nothing in them is louder than the room."""
    samples = row(recording)
    (take,), left_out = takes.add(samples, label=UNKNOWN, speaker="false accepts", cut=False)
    assert left_out == [] and take.measures.advice == ""
    np.testing.assert_array_equal(takes.trimmed(take.id), samples)


def test_noise_is_kept_whole(takes: Takes, project: Project) -> None:
    (take,), _ = takes.add(row([-5.0]), label=NOISE_FOLDER)
    assert take.measures.advice == ""
    assert take.measures.seconds == 5.0
    assert takes.change(take.id, Change(end=4.0)).measures.advice == ""
    assert noise_files(project.recordings) == [take.path]
    assert [(each.id, each.measures.seconds) for each in takes.all()] == [(take.id, 4.0)]


def test_a_recording_of_silence_is_refused(takes: Takes, project: Project) -> None:
    with pytest.raises(DataError, match="nothing in this recording is louder than its room: is it the right"):
        takes.add(row([-3.0]))
    assert files(project) == []


@pytest.mark.parametrize(
    ("samples", "advice"),
    [
        (row(times(1)), ""),
        (row(times(1), dbfs=0), "clipped: move back"),
        (row(times(1), room_dbfs=-80, dbfs=-52), "too quiet: come nearer"),
        (row(times(1), room_dbfs=-38, dbfs=-27), "too quiet: come nearer"),
        (row([0.8, -1.0]), "cut off: "),
        (row([-1.0, 0.8]), "cut off: "),
    ],
)
def test_what_the_speaker_could_do_better_is_said(takes: Takes, samples: np.ndarray, advice: str) -> None:
    (take,), _ = takes.add(samples)
    assert take.measures.advice.startswith(advice)
    assert bool(take.measures.advice) == bool(advice)
    assert take.measures.clipped == advice.startswith("clipped")


def test_levels_are_measured(takes: Takes) -> None:
    measures = one(takes).measures
    assert measures.level_dbfs == pytest.approx(-18, abs=4)
    assert measures.noise_dbfs == pytest.approx(-62, abs=3)
    assert -18 < measures.peak_dbfs <= 0


def test_a_trim_is_stored_and_can_be_undone(takes: Takes) -> None:
    take = one(takes)
    before, whole = read_audio(take.path), takes.whole(take.id)

    trimmed = takes.change(take.id, Change(begin=0.7, end=1.1))

    assert trimmed.id == take.id
    assert np.array_equal(read_audio(trimmed.path), whole[11_200:17_600])
    assert np.array_equal(takes.trimmed(take.id), read_audio(trimmed.path))
    assert (trimmed.measures.seconds, takes.get(take.id)) == (0.4, trimmed)
    assert np.array_equal(takes.whole(take.id), whole)
    again = takes.change(take.id, Change(trimmed.measures.suggested_begin, trimmed.measures.suggested_end))
    assert np.array_equal(read_audio(again.path), before)


@pytest.mark.parametrize(
    ("begin", "end"), [(-0.1, 1.0), (0.5, 99.0), (1.0, 0.5), (0.5, 0.55), (float("nan"), 1.0), (0.0, float("inf"))]
)
def test_a_trim_beyond_the_take_is_refused(takes: Takes, begin: float, end: float) -> None:
    take = one(takes)
    with pytest.raises(UsageError, match=r"can't be cut out of"):
        takes.change(take.id, Change(begin, end))
    assert takes.get(take.id) == take


def test_a_take_moves_to_another_label_speaker_and_distance(takes: Takes, project: Project) -> None:
    take = one(takes, speaker="Ada")
    moved = takes.change(take.id, Change(label="cafe\u0301 noir", speaker="Bob L.", distance="2 m"))
    assert (moved.id, moved.label, moved.speaker, moved.distance) == (take.id, "café noir", "Bob L", "2-m")
    assert files(project) == [
        f"recordings/café noir/Bob_L/2-m-{take.id}.flac", f"takes/{take.id}.flac", f"takes/{take.id}.json",
    ]  # fmt: skip
    assert takes.all() == [moved]


def test_a_removed_take_leaves_no_sample(takes: Takes, project: Project) -> None:
    take, other = one(takes), one(takes, label="café noir")
    takes.remove(take.id)
    assert takes.all() == [other]
    assert not any(take.id in name for name in files(project))
    takes.remove(other.id)
    assert files(project) == []
    with pytest.raises(DataError, match="there is no take"):
        takes.remove(take.id)


def test_what_a_crash_left_of_a_take_is_removed_with_the_next(takes: Takes, project: Project) -> None:
    take = one(takes)
    take.path.unlink()
    assert takes.all() == []
    one(takes)
    assert not any(take.id in name for name in files(project))


class Killed(BaseException):
    """The process is killed, or the disk is full."""


def failing(after: int, error: BaseException) -> Callable[..., None]:
    """What writes a file; only so many times."""
    left = iter(range(after))

    def write(path: Path, data: bytes, private: bool = False) -> None:
        if next(left, None) is None:
            raise error
        write_whole(path, data, private)

    return write


@pytest.mark.parametrize("after", range(9))
def test_a_disk_that_is_full_stores_all_of_a_recording_or_nothing(
    takes: Takes, project: Project, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    before = one(takes)
    monkeypatch.setattr(module, "write_whole", failing(after, DataError("no space")))
    with pytest.raises(DataError, match="no space"):
        takes.add(row(times(3)), speaker="Bob")
    assert takes.all() == [before]
    assert {Path(name).name.partition(".")[0].rpartition("-")[2] for name in files(project)} == {before.id}


@pytest.mark.parametrize("after", range(3))
def test_a_kill_amid_a_change_leaves_the_take_in_one_place(
    takes: Takes, project: Project, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    take = one(takes)
    with monkeypatch.context() as patch:
        patch.setattr(module, "write_whole", failing(after, Killed()))
        with contextlib.suppress(Killed):
            takes.change(take.id, Change(begin=0.6, end=1.2, speaker="Bob"))
    (found,) = takes.all()
    assert found.id == take.id
    again = takes.change(take.id, Change(begin=0.6, end=1.2, speaker="Bob"))
    assert [clip.path for clip in list_clips(project.recordings, "all")] == [again.path]
    assert len(read_audio(again.path)) == 9_600


def test_a_trim_for_whose_audio_the_disk_has_no_room_is_not_told(takes: Takes, monkeypatch: pytest.MonkeyPatch) -> None:
    take = one(takes)

    def full(path: Path, data: bytes, private: bool = False) -> None:
        if path == take.path:
            raise DataError("no space")
        write_whole(path, data, private)

    monkeypatch.setattr(module, "write_whole", full)
    with pytest.raises(DataError, match="no space"):
        takes.change(take.id, Change(begin=0.6, end=1.2, speaker="Bob"))
    assert takes.all() == [take]


def test_files_that_somebody_put_there_are_takes_too(takes: Takes, project: Project) -> None:
    folder = project.recordings / "Hey_Lumen"
    (folder / "ada").mkdir(parents=True)
    write_wav(folder / "bob_nohash_0.wav", row(times(1)))
    write_wav(folder / "ada" / "one.wav", row(times(1)))
    (folder / "ada" / "bad.wav").write_text("no sound")

    found = {take.path.name: take for take in takes.all()}

    assert {name: take.speaker for name, take in found.items()} == {
        "bob_nohash_0.wav": "bob", "one.wav": "ada", "bad.wav": "ada",
    }  # fmt: skip
    assert found["bad.wav"].measures.advice.startswith("bad.wav is not an audio file that can be read")
    take = found["one.wav"]
    assert (take.label, take.measures.begin, take.measures.end) == ("hey lumen", 0, 2.0)
    assert 0 < take.measures.suggested_begin < take.measures.suggested_end < 2

    own = takes.change(take.id, Change(take.measures.suggested_begin, take.measures.suggested_end))

    assert own.path.parent == folder / "ada"
    assert own.id != take.id
    assert not take.path.exists()
    assert own.measures.whole_seconds == 2.0
    takes.remove(found["bad.wav"].id)
    assert not found["bad.wav"].path.exists()
    assert one(takes, speaker="ada").path.parent == folder / "ada"


@pytest.mark.parametrize("speaker", ["../../etc", "/", ".hidden", "_unknown_", "a/b", "nul", "x" * 500, "a\0b", "é"])
@pytest.mark.parametrize("distance", ["../up", "a/b", "x_nohash_y", "é" * 300])
def test_no_name_leads_out_of_the_recordings(takes: Takes, project: Project, speaker: str, distance: str) -> None:
    try:
        take = one(takes, speaker=speaker, distance=distance)
    except UsageError as error:
        assert "can't be a speaker's name" in str(error)
        return
    assert take.path.parent.parent == project.recordings / "hey lumen"
    assert [clip.path for clip in list_clips(project.recordings, "all")] == [take.path]
    assert takes.get(take.id) == take


@pytest.mark.parametrize("speaker", ["Hey Lumen", "café_noir", "---", "☃"])
def test_a_phrase_and_a_name_without_letters_are_no_speakers(takes: Takes, speaker: str) -> None:
    with pytest.raises(UsageError):
        one(takes, speaker=speaker)


@pytest.mark.parametrize("label", ["hey human", "_silence_", "../x", "_background_noise_/x", "project.json"])
def test_another_label_is_refused_with_the_choice(takes: Takes, label: str) -> None:
    with pytest.raises(UsageError, match=r"choose one of hey lumen, café noir, _unknown_, _background_noise_$"):
        one(takes, label=label)


@pytest.mark.parametrize("id", ["", "..", "../takes", "0" * 12, "x" * 300])
def test_an_unknown_id_is_refused(takes: Takes, id: str) -> None:
    one(takes)
    for act in (takes.get, takes.whole, takes.trimmed, takes.remove, lambda id: takes.change(id, Change())):
        with pytest.raises(DataError, match="there is no take"):
            act(id)


def test_takes_are_bounded(takes: Takes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TAKES", 5)
    monkeypatch.setattr(module, "MAX_CUT", 4)
    with pytest.raises(UsageError, match="the recording has 5 takes; at most 4 are taken at a time"):
        takes.add(row(times(5)))
    takes.add(row(times(4)))
    with pytest.raises(UsageError, match="a project has at most 5 takes; delete some"):
        takes.add(row(times(2)))
    assert len(takes.all()) == 4


@pytest.mark.parametrize(
    "spoilt", ["", "[]", "[" * 100_000, "{}", '{"name": "a"}', "seconds", "advice", "clipped", "half a character"]
)
def test_a_take_whose_measures_somebody_has_spoilt_is_measured_anew(
    takes: Takes, project: Project, spoilt: str
) -> None:
    take, other = one(takes), one(takes)
    file = project.folder / "takes" / f"{take.id}.json"
    kept = json.loads(file.read_text())
    if spoilt in kept["measures"]:
        kept["measures"][spoilt] = None
        spoilt = json.dumps(kept)
    if spoilt == "half a character":  # which no answer can carry
        spoilt = json.dumps({**kept, "name": "\ud800"})
    file.write_text(spoilt)
    found = {each.id: each for each in takes.all()}
    assert found.keys() == {take.id, other.id}
    assert found[other.id] == other
    assert found[take.id].measures.seconds == take.measures.seconds
    takes.remove(take.id)
    assert takes.all() == [other]


def test_files_whose_names_are_not_in_utf_8_are_takes_of_names_that_can_be_told(tmp_path: Path) -> None:
    project = create_project(tmp_path, {"phrases": ["hey lumen"]})
    clip = tmp_path / "clip.wav"
    write_wav(clip, row(times(1)))
    try:
        for folder, name in ((b"hey lumen", b"t\xe9.wav"), (b"w\xe9", b"ann\xe9_nohash_0.wav")):
            os.makedirs(os.fsencode(project.recordings) + b"/" + folder)
            os.link(clip, os.fsencode(project.recordings) + b"/" + folder + b"/" + name)
    except OSError:
        pytest.skip("this file system has no such names")
    told = {(take.label, take.speaker, take.name) for take in Takes(project).all()}
    assert told == {("hey lumen", "", "t\\udce9.wav"), ("w\\udce9", "ann\\udce9", "ann\\udce9_nohash_0.wav")}
