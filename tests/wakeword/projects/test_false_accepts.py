"""What a model raises in the project's hours is judged: filed, taken for a phrase that was said, or ignored."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from tests.wakeword.projects.heard_project import add_room, done_run, raised_in_room, room
from wakeword.audio.files import encode, read_audio
from wakeword.data import running_speech
from wakeword.data.annotations import Annotation
from wakeword.data.keywords import UNKNOWN
from wakeword.data.running_speech import read_negatives
from wakeword.data.said import label_file, said_in
from wakeword.errors import DataError, MissingError, UsageError
from wakeword.evaluation.intervals import poisson_interval
from wakeword.projects import false_accepts as module
from wakeword.projects import negatives as negatives_module
from wakeword.projects.false_accepts import FalseAccept, clip_of, false_accepts, judge
from wakeword.projects.filing import FALSE_ACCEPTS
from wakeword.projects.heard import hear
from wakeword.projects.judged import Verdict
from wakeword.projects.library import create_project
from wakeword.projects.material import material_of
from wakeword.projects.negatives import add_negative, remove_negative
from wakeword.projects.project import Project
from wakeword.projects.runs import Run
from wakeword.projects.snapshot import begin, is_changed
from wakeword.projects.takes import Takes


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = create_project(tmp_path, {"phrases": ["down", "go"]})
    add_room(made)
    return made


@pytest.fixture
def run(project: Project) -> Run:
    made = done_run(project.folder)
    hear(project, made)
    return made


def raised(project: Project, run: Run, word: str) -> FalseAccept:
    return next(each for each in false_accepts(project, run).raised if each.word == word)


def verdicts(project: Project, run: Run) -> dict[str, Verdict | None]:
    return {each.word: each.verdict for each in false_accepts(project, run).raised if each.word in ("down", "go")}


def test_all_are_false_accepts_until_they_are_judged_otherwise(project: Project, run: Run) -> None:
    found = false_accepts(project, run)
    scores = [each.score for each in found.raised]
    assert scores == sorted(scores, reverse=True) and len(scores) == len(raised_in_room())
    hours = len(room()) / SAMPLE_RATE / 3600
    low, high = poisson_interval(len(scores))
    assert found.rate() == {
        "hours": pytest.approx(hours), "count": len(scores), "per_hour": pytest.approx(len(scores) / hours),
        "low": pytest.approx(low / hours), "high": pytest.approx(high / hours),
    }  # fmt: skip


def test_a_false_accept_becomes_a_take_of_what_the_model_heard(project: Project, run: Run) -> None:
    go = raised(project, run, "go")
    (take,) = judge(project, run, go.id, "wrong")
    assert (take.label, take.speaker, take.distance) == (UNKNOWN, FALSE_ACCEPTS, "living-room")
    end = round(go.time * SAMPLE_RATE)
    assert clip_of(project, run, go.id).tolist() == room()[end - 32_000 : end + 16_000].tolist()
    assert read_audio(take.path).tolist() == room()[end - 12_800 : end + 3_200].tolist()
    assert verdicts(project, run) == {"down": None, "go": "wrong"}
    assert false_accepts(project, run).rate()["count"] == len(raised_in_room())  # it was one, and stays one


def test_a_phrase_that_was_said_is_a_take_and_no_negative(project: Project, run: Run) -> None:
    go, path = raised(project, run, "go"), project.negatives / "living room.flac"
    (take,) = judge(project, run, go.id, "right")
    assert (take.label, take.speaker) == ("go", "living room")
    assert said_in(path) == [Annotation("go", round(go.time - 0.8, 3), round(go.time + 0.2, 3))]

    kept, word = read_negatives([path]), read_audio(take.path)
    assert not any(np.array_equal(kept[at : at + 1000], word[5000:6000]) for at in np.flatnonzero(kept == word[5000]))
    rate = false_accepts(project, run).rate()
    assert rate["count"] == len(raised_in_room()) - 1
    assert rate["hours"] * 3600 == pytest.approx(len(room()) / SAMPLE_RATE - 1)


def test_a_word_that_the_project_no_longer_has_is_no_take(project: Project, run: Run) -> None:
    with pytest.raises(UsageError, match="there is no label 'yes'"):
        judge(project, run, raised(project, run, "yes").id, "right")
    assert said_in(project.negatives / "living room.flac") == [] and Takes(project).all() == []


@pytest.mark.parametrize("first", ["wrong", "right", "ignored"])
@pytest.mark.parametrize("then", ["wrong", "right", "ignored"])
def test_a_later_judgement_takes_back_an_earlier_one(project: Project, run: Run, first: Verdict, then: Verdict) -> None:
    go = raised(project, run, "go").id
    judge(project, run, go, first)
    judge(project, run, go, then)
    assert verdicts(project, run) == {"down": None, "go": then}
    assert [take.label for take in Takes(project).all()] == {"wrong": [UNKNOWN], "right": ["go"], "ignored": []}[then]
    assert len(said_in(project.negatives / "living room.flac")) == (then == "right")


@pytest.mark.parametrize(("first", "then"), [(None, "right"), ("right", "wrong")])
def test_a_judgement_that_cannot_be_kept_changes_nothing(
    project: Project, run: Run, monkeypatch: pytest.MonkeyPatch, first: Verdict | None, then: Verdict
) -> None:
    go, path = raised(project, run, "go").id, project.negatives / "living room.flac"
    if first is not None:
        judge(project, run, go, first)
    before = (verdicts(project, run), said_in(path), Takes(project).all())

    def full(*_: object) -> None:
        raise DataError("judged.json can't be written: No space left on device")

    monkeypatch.setattr(module, "note", full)
    with pytest.raises(DataError, match="No space left"):
        judge(project, run, go, then)
    assert (verdicts(project, run), said_in(path), Takes(project).all()) == before


def test_who_removes_the_label_by_hand_is_asked_again(project: Project, run: Run) -> None:
    go = raised(project, run, "go").id
    judge(project, run, go, "right")
    label_file(project.negatives / "living room.flac").unlink()
    assert verdicts(project, run) == {"down": None, "go": None}
    judge(project, run, go, "right")
    assert verdicts(project, run) == {"down": None, "go": "right"}
    assert len(Takes(project).all()) == 1


def test_labels_that_overlap_or_go_on_beyond_the_end_take_no_more_than_they_cover(project: Project, run: Run) -> None:
    seconds = len(room()) / SAMPLE_RATE
    last = f"{seconds - 1}\t1e300\tyes\n"
    label_file(project.negatives / "living room.flac").write_text("2\t5\tyes\n3\t4\tyes\n4\t6\tyes\n" + last)
    assert false_accepts(project, run).rate()["hours"] == pytest.approx((seconds - 5) / 3600)


def test_a_judgement_of_no_place_is_no_matter(project: Project, run: Run) -> None:
    id = raised(project, run, "go").id.partition("-")[0]
    content = {"format": 1, "judged": {f"{id}-{'9' * 5000}": {"verdict": "wrong", "takes": []}}}
    (project.folder / "judged.json").write_text(json.dumps(content))
    assert verdicts(project, run) == {"down": None, "go": None}


@pytest.mark.parametrize(("word", "verdict"), [("Go", "right"), ("yes", None)])
def test_a_label_written_by_hand_tells_which_word_was_said(
    project: Project, run: Run, word: str, verdict: Verdict | None
) -> None:
    go = raised(project, run, "go")
    label_file(project.negatives / go.recording).write_text(f"{go.time - 0.9}\t{go.time - 0.3}\t{word}\n")
    assert verdicts(project, run) == {"down": None, "go": verdict}


def test_what_was_judged_is_known_of_the_next_run_at_the_same_place(
    project: Project, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for word, verdict in (("go", "wrong"), ("down", "right")):
        judge(project, run, raised(project, run, word).id, verdict)  # type: ignore[arg-type]
    later = done_run(project.folder)
    hear(project, later)
    moved = module.read_heard(later)[0]
    shifted = module.Heard(
        **{**vars(moved), "raised": tuple(module.Raised(it.frame + 20, it.word, it.score) for it in moved.raised)}
    )
    monkeypatch.setattr(module, "read_heard", lambda run: [shifted])
    assert verdicts(project, later) == {"down": "right", "go": "wrong"}
    judge(project, later, raised(project, later, "go").id, "ignored")
    assert verdicts(project, later) == {"down": "right", "go": "ignored"}
    assert [take.label for take in Takes(project).all()] == ["down"]


def test_hours_that_the_model_was_trained_on_are_told_apart(project: Project, run: Run) -> None:
    begin(project, run)
    assert false_accepts(project, run).rate(unseen=True) == {
        "hours": 0, "count": 0, "per_hour": None, "low": None, "high": None,
    }  # fmt: skip
    add_room(project, "zoo.flac")
    assert false_accepts(project, run).left == ["zoo.flac"]
    hear(project, run)
    found = false_accepts(project, run)
    assert found.rate(unseen=True)["count"] == len(raised_in_room()) == found.rate()["count"] / 2


def test_a_run_goes_on_with_the_labels_that_it_began_with_and_the_next_has_the_new_ones(
    project: Project, run: Run
) -> None:
    def negatives(of: Project) -> int:
        return len(read_negatives([of.negatives / "living room.flac"]))

    judge(project, run, raised(project, run, "go").id, "right")
    training = done_run(project.folder)
    kept = begin(project, training)
    before = negatives(kept)
    assert before == negatives(project) < len(room())
    judge(project, run, raised(project, run, "down").id, "right")
    assert is_changed(project, training)
    assert negatives(kept) == before > negatives(project)


def test_nothing_of_a_recording_is_left_for_another_of_its_name(project: Project, run: Run) -> None:
    judge(project, run, raised(project, run, "go").id, "right")
    judge(project, run, raised(project, run, "down").id, "wrong")
    remove_negative(project, "living room.flac")
    assert false_accepts(project, run).raised == [] and list(project.negatives.iterdir()) == []
    label_file(project.negatives / "TV.flac").write_text("1\t2\tgo\n")  # of a recording that was removed by hand
    with (project.folder / "new").open("w+b") as file:
        assert add_negative(project, file, "TV").name == "TV-2.flac"


def test_a_project_has_no_more_hours_than_a_training_takes(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    hours = (len(room()) / SAMPLE_RATE + 2.5) / 3600
    for each in (negatives_module, running_speech):
        monkeypatch.setattr(each, "MAX_HOURS", hours)
    second = io.BytesIO(encode(room()[:SAMPLE_RATE], "flac"))
    for _ in range(2):
        add_negative(project, second, "TV.flac")
    assert material_of(project).negatives
    before = sorted(project.negatives.iterdir())
    with pytest.raises(UsageError, match="hours of negatives, as a training takes; delete some"):
        add_negative(project, second, "TV.flac")
    assert sorted(project.negatives.iterdir()) == before
    add_room(project, "copied.flac")  # by hand, which is told before the training
    with pytest.raises(DataError, match="the negatives are longer than"):
        material_of(project)


def test_an_id_that_was_never_raised_is_missing(project: Project, run: Run) -> None:
    for id in ("", "x", "../project.json", raised(project, run, "go").id + "0"):
        with pytest.raises(MissingError, match="has raised nothing"):
            clip_of(project, run, id)
