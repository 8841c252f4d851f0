"""Clips of small folders in the layout of Speech Commands belong to the official splits."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests import av_files
from tests.wakeword.data.clips import speakers, write_clips
from wakeword.audio.files import read_audio
from wakeword.data.examples import load_examples
from wakeword.data.keywords import UNKNOWN, keyword_set
from wakeword.data.speech_commands import (
    NOISE_FOLDER,
    background_noise,
    clip_label,
    list_clips,
    noise_files,
    speaker_of,
)
from wakeword.data.split_lists import SPLITS, Split
from wakeword.errors import DataError


def words_of(root: Path, split: Split) -> Counter[str]:
    return Counter(clip.word for clip in list_clips(root, split))


def test_the_lists_win_and_the_rest_is_training(root: Path) -> None:
    assert words_of(root, "training") == {"yes": 15, "no": 15, "cat": 15}
    assert words_of(root, "validation") == {"yes": 3, "no": 3, "cat": 3}
    assert words_of(root, "test") == {"yes": 2, "no": 2, "cat": 2}
    assert [clip.path.name for clip in list_clips(root, "test") if clip.word == "no"] == speakers(2)


def test_the_splits_are_disjoint_and_make_up_all(root: Path) -> None:
    parts = [clip for split in ("training", "validation", "test") for clip in list_clips(root, split)]
    assert sorted(parts, key=lambda clip: clip.path) == list_clips(root, "all")
    assert len(set(parts)) == 60


def test_re_coded_clips_keep_their_lists(root: Path) -> None:
    for path in (root / "cat").iterdir():
        soundfile.write(path.with_suffix(".flac"), soundfile.read(path, dtype="int16")[0], 16_000)
        path.unlink()
    assert words_of(root, "test")["cat"] == 2


def test_without_lists_the_speakers_hash_decides(root: Path) -> None:
    """Speakers of Speech Commands are in the splits of its own lists."""
    (root / "testing_list.txt").unlink()
    (root / "validation_list.txt").unlink()
    official: dict[Split, list[str]] = {
        "test": ["0c540988", "2005ca25", "105a0eea"],
        "validation": ["0d82fd99", "7a49163e", "026290a7"],
        "training": ["0165e0e8", "017c4098", "00176480"],
    }
    for names in official.values():
        write_clips(root / "bed", [f"{name}_nohash_{i}.wav" for name in names for i in (0, 4)])
    for split, names in official.items():
        found = [clip.path.name.split("_")[0] for clip in list_clips(root, split) if clip.word == "bed"]
        assert sorted(found) == sorted(names * 2)


def test_any_audio_format_is_a_clip_and_hidden_files_are_none(root: Path) -> None:
    soundfile.write(root / "yes" / "z_nohash_0.opus", np.zeros(16_000), 16_000, format="OGG", subtype="OPUS")
    (root / "yes" / "._z_nohash_0.wav").write_bytes(b"left by another system")
    (root / "yes" / "notes.txt").write_text("Not a clip.\n")
    assert words_of(root, "training")["yes"] == 16


def test_background_noise_is_read_and_may_be_missing(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert [noise.shape for noise in background_noise(root)] == [(10 * 16_000,)]
    assert background_noise(tmp_path_factory.mktemp("empty")) == []


def test_a_missing_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no folder"):
        list_clips(tmp_path / "nowhere", "all")
    with pytest.raises(DataError, match="holds no clips"):
        list_clips(tmp_path, "all")


def test_the_folders_within_a_words_folder_are_its_speakers(tmp_path: Path) -> None:
    take = ["take1.wav", "take2.wav"]
    for speaker in ("0c540988", "0d82fd99", "0165e0e8/evening", "0165e0e8/_old"):
        write_clips(tmp_path / "yes" / speaker, take)
    write_clips(tmp_path / "yes", ["take.wav"])
    names = {split: [clip.name for clip in list_clips(tmp_path, split)] for split in SPLITS}
    assert names["test"] == [f"yes/0c540988/{name}" for name in take]
    assert names["validation"] == [f"yes/0d82fd99/{name}" for name in take]
    assert names["training"] == [*(f"yes/0165e0e8/evening/{name}" for name in take), "yes/take.wav"]
    examples = load_examples(tmp_path, keyword_set("yes"), "all", missing_ok=True)
    assert examples.names == tuple(names["all"])


def test_a_speaker_is_named_by_the_file_else_by_the_folder() -> None:
    assert speaker_of("yes/ada_nohash_0.wav") == speaker_of("yes/evening/ada_nohash_1.wav") == "ada"
    assert speaker_of("yes/ada/take1.wav") == speaker_of("no/ada/evening/take2.wav") == "ada"
    assert speaker_of("yes/take1.wav") == "take1.wav"
    assert speaker_of("yes/jose\u0301_nohash_0.wav") == speaker_of("yes/jos\u00e9/take1.wav") == "jos\u00e9"


def test_a_keyword_inside_of_another_folder_never_becomes_an_example_of_it(tmp_path: Path) -> None:
    for folder in ("clips/Hey_Lumen", "clips/good morning", f"{UNKNOWN}/hey lumen", "hey lumen/hey lumen", "no/yes"):
        write_clips(tmp_path / folder, ["take.wav"])
    keywords = keyword_set("hey lumen,yes")
    assert {clip.name: clip_label(clip, keywords) for clip in list_clips(tmp_path, "all")} == {
        f"{UNKNOWN}/hey lumen/take.wav": None,
        "clips/Hey_Lumen/take.wav": None,
        "clips/good morning/take.wav": UNKNOWN,
        "hey lumen/hey lumen/take.wav": "hey lumen",
        "no/yes/take.wav": None,
    }
    examples = load_examples(tmp_path, keywords, "all", cut_silence=False, missing_ok=True)
    assert examples.names == ("clips/good morning/take.wav", "hey lumen/hey lumen/take.wav")


def test_recordings_of_noise_may_lie_in_folders(root: Path) -> None:
    write_clips(root / NOISE_FOLDER / "street", ["a.wav"])
    assert [path.name for path in noise_files(root)] == ["noise.wav", "a.wav"]


def test_what_telephones_record_are_clips_and_noise_as_any_other_file(tmp_path: Path) -> None:
    pytest.importorskip("av")
    for name in ("yes/ada/take.m4a", f"{NOISE_FOLDER}/room.m4a"):
        (tmp_path / name).parent.mkdir(parents=True)
        av_files.write(tmp_path / name, np.linspace(-0.5, 0.5, 16_000), "alac", 16_000)
    (clip,) = list_clips(tmp_path, "all")
    assert clip.name == "yes/ada/take.m4a"
    (noise,) = background_noise(tmp_path)
    assert np.array_equal(noise, read_audio(clip.path))


def test_a_folder_of_nothing_but_files_of_another_kind_says_so(tmp_path: Path) -> None:
    (tmp_path / "yes").mkdir()
    (tmp_path / "yes" / "take.wv").touch()
    with pytest.raises(DataError, match=r"holds no clips.*; it has 1 file that is not read, yes/take\.wv: convert"):
        list_clips(tmp_path, "all")


def test_files_in_no_folder_are_refused_with_where_to_put_them(tmp_path: Path) -> None:
    write_clips(tmp_path, ["red_1.wav"])
    with pytest.raises(DataError, match="its audio files lie in no folder; put those of each word in a folder of its"):
        list_clips(tmp_path, "all")


def test_a_folder_of_noise_alone_has_no_clips(tmp_path: Path) -> None:
    write_clips(tmp_path / NOISE_FOLDER, ["fan.wav"])
    assert list_clips(tmp_path, "all") == []
