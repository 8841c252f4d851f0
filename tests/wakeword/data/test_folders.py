"""What each folder of a data folder is taken for, and the lines that tell it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wakeword.data.clips import write_clips
from wakeword.data.examples import load_examples
from wakeword.data.folders import alike_lines, folder_lines, left_out, unrecorded_lines, word_folder
from wakeword.data.keywords import SILENCE, UNKNOWN, keyword_set, spoken_in
from wakeword.data.speech_commands import NOISE_FOLDER
from wakeword.data.unused import unused_line

CLIPS = ["a.wav", "b.wav"]


def write(root: Path, *folders: str) -> Path:
    for folder in folders:
        write_clips(root / folder, CLIPS)
    return root


def test_one_line_tells_what_each_folder_is_taken_for(tmp_path: Path) -> None:
    write(tmp_path, "hey_lumen", "yes", "cat", "dog", UNKNOWN, SILENCE, NOISE_FOLDER, "_old", ".trash")
    (line,) = folder_lines([tmp_path], keyword_set("hey lumen,yes"))
    assert line == (
        f"{tmp_path}: hey lumen 2 clips (hey_lumen/), yes 2 clips; _unknown_ from _unknown_/, cat/, dog/: 6 clips; "
        "_silence_ 2 clips; noise 2 recordings; left out because of the _ or . before the name: .trash/, _old/ 4 clips"
    )


def test_the_line_names_all_audio_that_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, "hey lumen/ada", "hey lumen/bob", "hey lumen/_bad", "clips/hey lumen", "clips/cat", "_old/cat", ".")
    for name in ("hey lumen/take.wv", "cat/a.APE", "._b.wv", "Thumbs.db"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (line,) = folder_lines([tmp_path], keyword_set("hey lumen"))
    assert line.removeprefix(f"{tmp_path}: ").split("; ") == [
        "hey lumen 4 clips",
        "_unknown_ from clips/: 2 clips",
        "left out for want of clips: cat/ 0 clips",
        "left out because of the _ or . before the name: _old/, hey lumen/_bad/ 4 clips",
        f"left out 2 clips in clips/hey lumen/: move a keyword's folder to {tmp_path}, or give its parent",
        "left out 2 clips in no folder of a word, such as a.wav",
        "left out 2 files that are not read, such as cat/a.APE: convert with ffmpeg -i a.APE a.wav",
    ]


def test_a_keyword_one_folder_too_deep_is_said_to_be_there(tmp_path: Path) -> None:
    write(tmp_path, "clips/hey lumen", "clips/yes")
    (line,) = folder_lines([tmp_path], keyword_set("hey lumen,yes"))
    assert line == (
        f"{tmp_path}: left out 4 clips in clips/hey lumen/, clips/yes/: move a keyword's folder to {tmp_path}, "
        "or give its parent"
    )
    assert unused_line(tmp_path, keyword_set("hey lumen,yes")) == line
    assert unused_line(tmp_path / "clips", keyword_set("hey lumen,yes")) == ""


def test_many_folders_are_summed_up(tmp_path: Path) -> None:
    write(tmp_path, "yes", *(f"word {number}" for number in range(40)))
    (line,) = folder_lines([tmp_path], keyword_set("yes"))
    assert "yes 2 clips; _unknown_ from " in line and "and 35 more: 80 clips" in line and len(line) < 300


def test_a_name_that_cannot_be_printed_leaves_the_line_whole(tmp_path: Path) -> None:
    write(tmp_path, "yes", "two\nlines", "caf\udce9")
    (line,) = folder_lines([tmp_path], keyword_set("yes"))
    assert line.isprintable() and "two?lines/" in line


def test_all_spellings_of_a_word_are_examples_of_it(tmp_path: Path) -> None:
    write(tmp_path, "Hey Lumen", "hey_lumen", "lumen")
    keywords = keyword_set("hey lumen")
    examples = load_examples(tmp_path, keywords, "all", cut_silence=False, missing_ok=True)
    labels = [keywords.labels[label] for label in examples.labels]
    assert labels == [UNKNOWN] * 2 + ["hey lumen"] * 4
    assert {name.split("/")[0] for name in examples.names[2:]} == {"Hey Lumen", "hey_lumen"}


def test_a_recorded_word_that_sounds_like_the_phrase_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, "four", "cat", "two")
    keywords = keyword_set("fore")
    assert set(left_out([tmp_path], keywords, synthetic=True)) == {"four"}
    (line,) = folder_lines([tmp_path], keywords, synthetic=True)
    assert line.endswith("_unknown_ from cat/, two/: 4 clips; left out because of the sound of fore: four/ 2 clips")
    write(tmp_path, "fore", "forewarned")
    assert set(left_out([tmp_path], keywords, synthetic=False)) == {"four"}
    without = left_out([tmp_path], keywords, synthetic=False)
    examples = load_examples(tmp_path, keywords, "all", cut_silence=False, missing_ok=True, left_out=without)
    assert "four" not in {name.split("/")[0] for name in examples.names}


def test_words_of_speech_commands_are_told_apart_and_other_alphabets_are_not_compared(tmp_path: Path) -> None:
    write(tmp_path, "four", "forward", "one", "off", "tree", "\u4f60\u597d", "\u043f\u0440\u0438\u0432\u0435\u0442")
    assert not left_out([tmp_path], keyword_set("five,on,three,go"), synthetic=True)
    assert not left_out([tmp_path], keyword_set("\u5524\u9192"), synthetic=True)


def test_without_the_synth_extra_it_is_said_that_sounds_are_not_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wakeword.phrases import espeak

    def missing() -> None:
        raise ModuleNotFoundError("espeakng_loader")

    monkeypatch.setattr(espeak, "espeak", missing)
    write(tmp_path, "fore", "four")
    first, second = folder_lines([tmp_path], keyword_set("fore"))
    assert "_unknown_ from four/: 2 clips" in first
    assert "can't be left out without the synth extra: pip install" in second


def test_a_word_whose_folder_holds_no_clips_is_not_said_to_be_recorded(tmp_path: Path) -> None:
    write(tmp_path, "stop")
    (tmp_path / "Hey_Lumen").mkdir()
    assert list(unrecorded_lines(keyword_set("hey lumen,stop"), tmp_path, None)) == [
        f"{tmp_path} holds no clips of hey lumen in Hey_Lumen/",
        f"synthetic voices speak hey lumen, stop, and other words; recorded in {tmp_path}: stop",
    ]


def test_a_word_without_a_folder_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    write(tmp_path, "stop", "yes", "Hey_Lumen", "café")
    lines = list(unrecorded_lines(keyword_set("stpo,YES,hey luman,computer,cafe"), tmp_path, None))
    assert lines == [
        f"{tmp_path} holds no folder 'stpo'; did you mean 'stop'?",
        f"{tmp_path} holds no folder 'hey luman'; did you mean 'Hey_Lumen'?",
        f"{tmp_path} holds no folder 'computer'; it holds Hey_Lumen, café, stop, yes",
        f"{tmp_path} holds no folder 'cafe'; did you mean 'café'?",
        f"synthetic voices speak stpo, hey luman, computer, cafe, YES, and other words; recorded in {tmp_path}: YES",
    ]
    assert list(unrecorded_lines(keyword_set("hey lumen,computer"), None, tmp_path)) == [
        "synthetic voices speak hey lumen, computer, and other words"
    ]
    assert list(unrecorded_lines(keyword_set("hey luman"), None, tmp_path)) == [
        f"{tmp_path} holds no folder 'hey luman'; did you mean 'Hey_Lumen'?",
        "synthetic voices speak hey luman, and other words",
    ]
    turkish = spoken_in(keyword_set("merhaba"), "tr", [])
    assert list(unrecorded_lines(turkish, None, None)) == ["synthetic voices speak merhaba, and other words in Turkish"]


def test_keywords_that_sound_alike_are_told() -> None:
    lines = list(alike_lines(keyword_set("hey colour,fore,four,hey color,tree,three")))
    assert [line.removesuffix(" sound alike: no model can tell them apart; give one of them") for line in lines] == [
        "hey colour and hey color",
        "fore and four",
    ]
    assert not list(alike_lines(keyword_set("lumen,hey lumen,café,hey human")))
    assert not list(alike_lines(keyword_set("google12")))


def test_new_clips_join_those_of_another_spelling(tmp_path: Path) -> None:
    assert word_folder(tmp_path / "none", "hey lumen") == tmp_path / "none" / "hey lumen"
    write(tmp_path, "hey_lumen")
    assert word_folder(tmp_path, "hey lumen") == tmp_path / "hey_lumen"
    write(tmp_path, "hey lumen")
    assert word_folder(tmp_path, "hey lumen") == tmp_path / "hey lumen"
    assert word_folder(tmp_path, "a/b") == tmp_path / "a%2Fb"
