"""Which clip belongs to which split and label, on small folders laid out as Speech Commands is."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from wakeword.audio.files import write_wav
from wakeword.data.speech_commands import (
    NOISE_FOLDER,
    SILENCE,
    UNKNOWN,
    Examples,
    KeywordSet,
    Split,
    background_noise,
    join,
    keyword_set,
    list_clips,
    load_examples,
    word_classes,
)
from wakeword.errors import WakewordError

YES_NO = keyword_set("yes,no")


def write_clips(folder: Path, names: Iterable[str], length: int = 16_000) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for value, name in enumerate(names, start=1):
        write_wav(folder / name, np.full(length, value, np.int16))


def speakers(count: int) -> list[str]:
    return [f"{i:08x}_nohash_0.wav" for i in range(count)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three words of 20 clips each (by lists: 15 training, 3 validation, 2 test) and ten seconds of noise."""
    for word in ("yes", "no", "cat"):
        write_clips(tmp_path / word, speakers(20))
    for name, part in (("testing_list.txt", slice(0, 2)), ("validation_list.txt", slice(2, 5))):
        lines = [f"{word}/{clip}" for word in ("yes", "no", "cat") for clip in speakers(20)[part]]
        (tmp_path / name).write_text("\n".join(lines) + "\n")
    (tmp_path / NOISE_FOLDER).mkdir()
    noise = np.random.default_rng(0).integers(-30_000, 30_000, 10 * 16_000).astype(np.int16)
    write_wav(tmp_path / NOISE_FOLDER / "noise.wav", noise)
    (tmp_path / NOISE_FOLDER / "README.md").write_text("Not a recording.\n")
    return tmp_path


def words_of(root: Path, split: Split) -> Counter[str]:
    return Counter(clip.word for clip in list_clips(root, split))


def counts(examples: Examples, keywords: KeywordSet) -> dict[str, int]:
    return dict(Counter(keywords.labels[label] for label in examples.labels))


def test_the_presets_are_the_ones_of_the_field() -> None:
    google12 = keyword_set("google12")
    assert google12.labels[:4] == (SILENCE, UNKNOWN, "yes", "no")
    assert len(google12.labels) == 12
    assert len(keyword_set("digits10").labels) == 12
    google30 = keyword_set("google30")
    assert google30.labels == google30.words
    assert len(set(google30.words)) == 30


def test_a_list_of_words_is_a_keyword_set_with_unknown_and_silence() -> None:
    assert keyword_set("alexa, snowboy").labels == (SILENCE, UNKNOWN, "alexa", "snowboy")
    assert keyword_set("alexa").words == ("alexa",)


@pytest.mark.parametrize("spec", ["", "yes,,no", "yes,yes", "_silence_", "../yes", "yes,_background_noise_"])
def test_an_empty_doubled_or_reserved_word_is_refused(spec: str) -> None:
    with pytest.raises(WakewordError):
        keyword_set(spec)


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
    """Real speakers of Speech Commands, where its own lists have them."""
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


def test_clips_become_one_second_each_padded_at_the_end_or_trimmed(root: Path) -> None:
    write_wav(root / "yes" / "short_nohash_0.wav", np.full(9_000, 7, np.int16))
    write_wav(root / "yes" / "long_nohash_0.wav", np.arange(20_000, dtype=np.int16))
    examples = load_examples(root, YES_NO, "training")
    assert examples.samples.shape == (len(examples), 16_000)
    assert examples.samples.dtype == np.int16
    assert examples.labels.dtype == np.int64
    short = examples.samples[examples.names.index("yes/short_nohash_0.wav")]
    assert short[:9_000].tolist() == [7] * 9_000
    assert not short[9_000:].any()
    long = examples.samples[examples.names.index("yes/long_nohash_0.wav")]
    assert np.array_equal(long, np.arange(16_000))


def test_each_clip_keeps_its_own_label_and_name(root: Path) -> None:
    examples = load_examples(root, YES_NO, "test")
    folders = {SILENCE: NOISE_FOLDER, UNKNOWN: "cat", "yes": "yes", "no": "no"}
    assert [name.split("/")[0] for name in examples.names] == [
        folders[YES_NO.labels[label]] for label in examples.labels
    ]
    for name, samples in zip(examples.names, examples.samples, strict=True):
        if NOISE_FOLDER not in name:
            value = speakers(20).index(Path(name).name) + 1  # as write_clips numbered them
            assert (samples == value).all()


def test_by_default_every_other_word_is_unknown_and_a_tenth_is_silence(root: Path) -> None:
    examples = load_examples(root, YES_NO, "training")
    assert counts(examples, YES_NO) == {"yes": 15, "no": 15, UNKNOWN: 15, SILENCE: 3}


def test_shares_are_of_the_keyword_clips_rounded_up(root: Path) -> None:
    examples = load_examples(root, YES_NO, "training", unknown=0.11, silence=0.21)
    assert counts(examples, YES_NO) == {"yes": 15, "no": 15, UNKNOWN: 4, SILENCE: 7}
    assert counts(load_examples(root, YES_NO, "training", unknown=0, silence=0), YES_NO) == {
        "yes": 15,
        "no": 15,
    }


def test_the_seed_decides_the_draws(root: Path) -> None:
    def drawn(seed: int) -> tuple[tuple[str, ...], bytes]:
        examples = load_examples(root, YES_NO, "training", unknown=0.2, seed=seed)
        return examples.names, examples.samples.tobytes()

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_silence_is_cut_from_the_noise_at_random_volumes(root: Path) -> None:
    examples = load_examples(root, YES_NO, "training", silence=2.0)
    noise = background_noise(root)[0].astype(float)
    silent = [i for i, label in enumerate(examples.labels) if YES_NO.labels[label] == SILENCE]
    volumes = []
    for i in silent:
        source = noise[int(examples.names[i].split("@")[1]) :][:16_000]
        volume = examples.samples[i] @ source / (source @ source)
        assert np.abs(examples.samples[i] - volume * source).max() < 1
        volumes.append(volume)
    assert 0 <= min(volumes) < 0.2
    assert 0.8 < max(volumes) <= 1


def test_training_and_test_silence_are_different_cuts(root: Path) -> None:
    def silence(split: Split) -> set[str]:
        return {name for name in load_examples(root, YES_NO, split, silence=1.0).names if NOISE_FOLDER in name}

    assert not silence("training") & silence("test")


def test_folders_of_silence_and_unknown_clips_are_used_where_they_are(root: Path) -> None:
    write_clips(root / SILENCE, ["a.wav", "b.wav"])
    write_clips(root / UNKNOWN, ["a.wav"])
    examples = load_examples(root, YES_NO, "training")
    assert counts(examples, YES_NO) == {"yes": 15, "no": 15, UNKNOWN: 16, SILENCE: 2}
    assert {f"{SILENCE}/a.wav", f"{SILENCE}/b.wav", f"{UNKNOWN}/a.wav"} <= set(examples.names)


def test_a_set_without_unknown_leaves_other_words_out(root: Path) -> None:
    only = KeywordSet("only", ("yes", "no"), unknown=False, silence=False)
    assert counts(load_examples(root, only, "test"), only) == {"yes": 2, "no": 2}


def test_any_audio_format_is_a_clip_and_hidden_files_are_none(root: Path) -> None:
    soundfile.write(root / "yes" / "z_nohash_0.opus", np.zeros(16_000), 16_000, format="OGG", subtype="OPUS")
    (root / "yes" / "._z_nohash_0.wav").write_bytes(b"left by another system")
    (root / "yes" / "notes.txt").write_text("Not a clip.\n")
    assert words_of(root, "training")["yes"] == 16


def test_background_noise_is_read_and_may_be_missing(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert [noise.shape for noise in background_noise(root)] == [(10 * 16_000,)]
    assert background_noise(tmp_path_factory.mktemp("empty")) == []


def test_a_missing_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WakewordError, match="there is no folder"):
        list_clips(tmp_path / "nowhere", "all")
    with pytest.raises(WakewordError, match="holds no clips"):
        list_clips(tmp_path, "all")


def test_a_word_without_clips_is_named_with_its_split(root: Path) -> None:
    with pytest.raises(WakewordError, match=r"no validation clips of 'alexa', 'snowboy'$"):
        load_examples(root, keyword_set("yes,alexa,snowboy"), "validation")


def test_training_needs_something_unknown_and_something_silent(root: Path) -> None:
    with pytest.raises(WakewordError, match=f"which {UNKNOWN} needs"):
        load_examples(root, keyword_set("yes,no,cat"), "training")
    (root / NOISE_FOLDER / "noise.wav").unlink()
    with pytest.raises(WakewordError, match=f"nothing for {SILENCE}"):
        load_examples(root, YES_NO, "training")


def test_evaluation_may_do_without_some_labels(root: Path) -> None:
    (root / NOISE_FOLDER / "noise.wav").unlink()
    keywords = keyword_set("yes,alexa")
    assert counts(load_examples(root, keywords, "test", missing_ok=True), keywords) == {"yes": 2, UNKNOWN: 4}
    nothing = load_examples(root, keyword_set("alexa"), "test", unknown=0, missing_ok=True)
    assert nothing.samples.shape == (0, 16_000)


def test_a_clip_with_nan_is_named(root: Path) -> None:
    broken = root / "yes" / "broken_nohash_0.wav"
    soundfile.write(broken, np.full(16_000, np.nan), 16_000, subtype="FLOAT")
    with pytest.raises(WakewordError, match=f"^{re.escape(str(broken))} holds NaN"):
        load_examples(root, YES_NO, "training")


def test_other_words_with_many_clips_are_classes_of_their_own():
    labels = np.array([1] * 5 + [1] * 2 + [0] + [2] * 3)
    names = tuple([f"cat/{i}" for i in range(5)] + ["dog/0", "dog/1", f"{NOISE_FOLDER}/hum.wav@0", *["yes/0"] * 3])
    examples = Examples(np.zeros((len(labels), 16_000), np.int16), labels, names)
    classes, class_of = word_classes(examples, KeywordSet("yes", ("yes",)), least=3)
    assert classes == (SILENCE, UNKNOWN, "yes", "cat")
    assert class_of.tolist() == [3] * 5 + [1] * 2 + [0] + [2] * 3


def test_without_an_unknown_class_the_classes_are_the_labels():
    keywords = KeywordSet("two", ("yes", "no"), unknown=False, silence=False)
    examples = Examples(np.zeros((2, 16_000), np.int16), np.array([0, 1]), ("yes/0", "no/0"))
    classes, class_of = word_classes(examples, keywords)
    assert classes == ("yes", "no") and class_of.tolist() == [0, 1]


def numbered(*numbers: int) -> Examples:
    samples = np.repeat(np.int16(numbers)[:, None], 4, axis=1)
    return Examples(samples, np.int64(numbers), tuple(f"yes/{number}" for number in numbers))


def test_examples_are_picked_by_a_mask_or_in_an_order():
    picked = (numbered(5, 6, 7).at(np.array([True, False, True])), numbered(5, 6, 7).at(np.array([2, 0])))
    for examples, wanted in zip(picked, ([5, 7], [7, 5]), strict=True):
        assert examples.samples[:, 0].tolist() == examples.labels.tolist() == wanted
        assert examples.names == tuple(f"yes/{number}" for number in wanted)


def test_parts_are_joined_in_their_order_and_one_alone_is_not_copied():
    both = join(numbered(5), numbered(), numbered(6, 7))
    assert both.samples[:, 0].tolist() == both.labels.tolist() == [5, 6, 7]
    assert both.names == ("yes/5", "yes/6", "yes/7")
    alone = numbered(5)
    assert join(alone, numbered()) is alone
