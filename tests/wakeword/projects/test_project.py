"""A project's file: what it takes, what it refuses in one line, and that nothing is lost by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wakeword.errors import DataError, UsageError, WakewordError
from wakeword.projects.project import MAX_REFUSED, Project

PHRASE = {"phrases": ["hey lumen"]}


def test_a_project_of_a_phrase_alone_has_the_defaults_of_train(tmp_path: Path) -> None:
    (tmp_path / "project.json").write_text(json.dumps(PHRASE))
    project = Project.read(tmp_path)
    assert project == Project(tmp_path, ("hey lumen",))
    assert (project.preset, project.size, project.seed, project.clips) == ("best", "", 0, 600)
    assert project.words.words == ("hey lumen",) and project.words.spoken.language.code == "en-us"


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    content: dict[str, Any] = {
        "phrases": ["hey  nguyen", "cafe\u0301"],
        "language": "en",
        "say": ["nguyen=win", "nguyen=/wɪn/"],
        "refused": ["hey human"],
        "preset": "small",
        "size": 2,
        "seed": 7,
        "clips": 100,
        "settings": {"hidden": 64, "keep_last_epoch": True, "snr_db": "0:30"},
    }
    written = Project.of_json(tmp_path / "it", content)
    written.write()
    read = Project.read(tmp_path / "it")
    assert read == written
    assert read.phrases == ("hey nguyen", "café") and read.language == "en-us" and read.size == "2"
    assert read.settings == {"hidden": "64", "keep_last_epoch": "true", "snr_db": "0:30"}
    assert read.config().cell.hidden == 64 and read.config().seed == 7
    assert len(read.words.spoken.said["hey nguyen"]) == 2
    assert (tmp_path / "it/project.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"phrases": []}, "phrases: '[]' is no list of 1 to 20 texts"),
        ({"phrases": "hey lumen"}, "phrases: 'hey lumen' is no list of 1 to 20 texts"),
        ({"phrases": ["hey, lumen"]}, "phrases: 'hey, lumen' has a comma; write what is said, a text for each phrase"),
        ({"phrases": ["google12"]}, "phrases: 'google12' names a set of words; write what is said"),
        ({"phrases": ["..."]}, "phrases: a text has no letter; write what is said, or leave it out"),
        ({"phrases": ["Hey Lumen", "hey_lumen"]}, "'Hey Lumen' and 'hey_lumen' are spellings of one word"),
        ({"phrases": ["../../etc"]}, "it begins with '.'"),
        ({"phrases": ["hey\u202elumen"]}, "contains U+202E, which can't be seen"),
        ({"phrases": ["x" * 300]}, "is no text of 200 bytes at most"),
        ({"phrase": ["hey lumen"]}, "a project has no field 'phrase'; did you mean phrases?"),
        ({"language": "klingon"}, "there is no language 'klingon'"),
        ({"refused": ["hey lumen!"]}, "'hey lumen!' can't be refused: it is the phrase 'hey lumen'"),
        ({"refused": ["no"] * (MAX_REFUSED + 1)}, "is no list of 0 to 50 texts"),
        ({"size": "3"}, "size: there is no network of 3 kilobytes; choose one of 1, 1.5, 2, 6, 10"),
        ({"preset": "huge"}, "there is no preset 'huge'"),
        ({"seed": -1}, "seed: -1 is no whole number from 0 to"),
        ({"seed": True}, "seed: True is no whole number"),
        ({"clips": 1_000_000}, "clips: 1000000 is no whole number from 20 to 5000"),
        ({"settings": {"hiden": 64}}, "hiden: there is no field 'hiden' to set; did you mean hidden"),
        ({"settings": {"hidden": 500}}, "hidden: 500 is more than the 128 of the integer engine"),
        ({"settings": {"quantized": 0}}, "a project makes models in integers; leave out quantized=0"),
        ({"settings": {"include_validation": True}}, "keeps clips from training, to report by; leave out include_val"),
        ({"settings": [1]}, "settings: give at most 100 fields of docs/settings.md"),
        ({"format": 2}, "format 2 is of a later wakeword; this one reads format 1"),
    ],
)
def test_a_field_that_cannot_be_used_is_told_in_one_line(change: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as error:
        Project.of_json(Path("it"), PHRASE | change)
    assert said in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "is no project: it has no project.json"),
        ("{", "project.json is no JSON"),
        ("[" * 100_000, "project.json is no JSON"),
        ("[]", "project.json: a project is an object with its phrases"),
        ('{"phrases": ["hey lumen"], "seed": NaN}', "project.json: seed: nan is no whole number"),
        (" " * (1 << 21), "project.json is larger than 1 MB"),
    ],
)
def test_a_folder_that_is_no_project_is_told_with_its_file(tmp_path: Path, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / "project.json").write_text(text)
    with pytest.raises(WakewordError) as error:
        Project.read(tmp_path)
    assert said in str(error.value) and str(tmp_path) in str(error.value) and "\n" not in str(error.value)


def test_a_pronunciation_that_cannot_be_said_is_refused_before_it_is_written(tmp_path: Path) -> None:
    project = Project.of_json(tmp_path, PHRASE | {"say": ["human=/hjuːmən/"]})
    with pytest.raises(UsageError, match="'human' is none of the keywords"):
        project.write()
    assert not (tmp_path / "project.json").exists()


def test_a_project_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    Project.of_json(tmp_path, PHRASE).write()
    before = (tmp_path / "project.json").read_bytes()
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="can't be written"):
        Project.of_json(tmp_path / "file", PHRASE).write()
    with pytest.raises(UsageError):
        Project.read(tmp_path).changed({"phrases": [1]}).write()
    assert (tmp_path / "project.json").read_bytes() == before


def test_a_change_keeps_the_other_fields() -> None:
    project = Project.of_json(Path("it"), PHRASE | {"seed": 3})
    assert project.changed({"clips": 50}) == Project(Path("it"), ("hey lumen",), seed=3, clips=50)
