"""A small folder is trained on: its takes beside synthetic voices, its split, and noise that is made up."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from tests.wakeword.data.clips import speakers, write_clips
from tests.wakeword.tones import write_tones
from wakeword.audio.word import word_bounds
from wakeword.data.examples import MADE_NOISE, Examples
from wakeword.data.keywords import UNKNOWN, keyword_set
from wakeword.data.speech_commands import NOISE_FOLDER
from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.synthesizer import Synthesizer
from wakeword.training.config import TrainConfig
from wakeword.training.corpus import SAME_VOICE, VALIDATION, Corpus, load_corpus
from wakeword.training.phrase_corpus import SYNTHETIC_AND_SAME, phrase_corpus
from wakeword.training.phrase_speech import PhraseClips
from wakeword.training.presets import for_phrases, preset

CONFIG = for_phrases(preset("best"))
WANTED = PhraseClips(positives=10, hard_negatives=4, sentences=3, words=6, command_takes=1)
TAKES = [f"ada_nohash_{number}.wav" for number in range(12)]


def write(root: Path, *folders: str) -> Path:
    for folder in folders:
        write_clips(root / folder, TAKES)
    return root


def spoken_beside(
    cache: Path, keywords: str, data: Path | None = None, extra: Path | None = None, config: TrainConfig = CONFIG
) -> Corpus:
    synthesizer = Synthesizer([EspeakNg()], cache)
    return phrase_corpus(config, keyword_set(keywords), synthesizer, WANTED, data=data, extra=extra)


def takes(examples: Examples, *folders: str) -> set[str]:
    return {name for name in examples.names if name.split("/")[0] in folders and "_nohash_" in name}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spoken")


@pytest.fixture(scope="module")
def corpus(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return spoken_beside(cache, "red,green", write(tmp_path_factory.mktemp("mine"), "red", "green", UNKNOWN))


def test_recorded_words_get_running_speech_and_joined_words_beside_their_clips(tmp_path: Path) -> None:
    tones, speech = write_tones(tmp_path / "tones"), (np.arange(80_000) % 999).astype(np.int16)
    keywords = keyword_set("low")
    plain, made = (load_corpus(preset("small"), keywords, tones, negatives=given) for given in (None, speech))
    unknown = keywords.labels.index(UNKNOWN)
    assert made.running is not None
    np.testing.assert_array_equal(made.training.samples[~made.running], plain.training.samples)
    np.testing.assert_array_equal(made.training.samples[made.running][:5].ravel(), speech)
    joined = made.training.names[len(plain.training) + 5 :]
    assert {word.split("/")[-2] for name in joined for word in name.split("+")} == {"high", "other"}
    assert len(joined) == (plain.training.labels == unknown).sum()
    assert set(made.training.labels[made.running]) == {unknown}
    assert plain.negatives == () and made.negatives[0] is speech
    np.testing.assert_array_equal(made.validation.samples, plain.validation.samples)


def test_other_words_that_are_kept_for_validation_set_thresholds_in_a_row(tmp_path: Path) -> None:
    tones, keywords = write_tones(tmp_path / "tones"), keyword_set("low")
    made = load_corpus(preset("small"), keywords, tones, negatives=np.zeros(16_000, np.int16))
    others = made.calibration.samples[made.calibration.labels == keywords.labels.index(UNKNOWN)]
    _, row = made.negatives
    spoken = [end - begin for begin, end in map(word_bounds, others)]
    assert 0.8 * sum(spoken) < len(row) < sum(spoken) + 0.15 * 16_000 * len(others)
    assert np.isin(others[0][slice(*word_bounds(others[0]))], row).all()


def test_takes_of_one_speaker_train_and_validate_beside_synthetic_voices(corpus: Corpus) -> None:
    training, validation = (takes(part, "red", "green") for part in (corpus.training, corpus.validation))
    assert (len(training), len(validation)) == (20, 4) and not training & validation
    assert any(name.startswith("red/espeak-ng") for name in corpus.training.names)
    assert corpus.validated_on == SYNTHETIC_AND_SAME


def test_takes_are_drawn_as_often_as_the_synthetic_clips_of_their_word(corpus: Corpus) -> None:
    assert corpus.strata is not None
    red = corpus.training.labels == corpus.keywords.labels.index("red")
    own = np.array(["_nohash_" in name for name in corpus.training.names])
    (recorded,), (synthetic,) = (np.unique(corpus.strata.of[red & kind]) for kind in (own, ~own))
    assert recorded != synthetic
    assert corpus.strata.weights[recorded] == corpus.strata.weights[synthetic] == 1


def test_a_few_recorded_other_words_do_not_crowd_out_the_synthetic_ones(corpus: Corpus) -> None:
    assert corpus.strata is not None
    others = np.array([name.startswith(f"{UNKNOWN}/ada") for name in corpus.training.names])
    (kind,) = np.unique(corpus.strata.of[others])
    assert corpus.strata.weights[kind] == pytest.approx(10 / 100)
    assert len(takes(corpus.validation, UNKNOWN)) == 2


def test_a_final_model_trains_on_the_validation_clips_too(cache: Path, corpus: Corpus, tmp_path: Path) -> None:
    config = for_phrases(preset("best", include_validation=True))
    final = spoken_beside(cache, "red,green", write(tmp_path, "red", "green", UNKNOWN), config=config)
    assert set(final.training.names) == {*corpus.training.names, *corpus.validation.names}
    assert final.strata is not None and len(final.strata.of) == len(final.training)
    assert final.validation.names == corpus.validation.names


def test_split_lists_decide_which_takes_validate(cache: Path, tmp_path: Path) -> None:
    data = write(tmp_path, "red", "green")
    (data / "validation_list.txt").write_text("red/ada_nohash_0.wav\ngreen/ada_nohash_5.wav\n")
    made = spoken_beside(cache, "red,green", data)
    assert takes(made.validation, "red", "green") == {"red/ada_nohash_0.wav", "green/ada_nohash_5.wav"}
    assert made.validated_on == VALIDATION


def test_takes_in_the_extra_folder_are_trained_on_whatever_their_speakers_name(cache: Path, tmp_path: Path) -> None:
    # The hash of one name in ten is for validation.
    speaker = next(name for name in (f"voice{number}" for number in range(1000)) if crc32(name.encode()) % 1000 < 100)
    name = f"{speaker}_nohash_0.wav"
    write_clips(tmp_path / "red", [name])
    assert takes(spoken_beside(cache, "red", extra=tmp_path).training, "red") == {f"red/{name}"}


def test_a_recorded_word_that_the_voices_cannot_read_is_learned_from_its_takes_alone(
    cache: Path, tmp_path: Path
) -> None:
    made = spoken_beside(cache, "красный", write(tmp_path, "красный"))
    for part, count in ((made.training, 10), (made.validation, 2)):
        own = part.at(part.labels == made.keywords.first_word)
        assert len(own) == count == len(takes(own, "красный"))
        assert any("espeak-ng" in name for name in part.names)


def test_noise_of_a_folder_without_words_is_used(cache: Path, tmp_path: Path) -> None:
    with_noise = spoken_beside(cache, "red", write(tmp_path, NOISE_FOLDER))
    assert len(with_noise.noises) == len(TAKES) + len(spoken_beside(cache, "red").noises)


def test_without_recordings_of_noise_a_full_folder_is_trained_with_noise_that_is_made_up(tmp_path: Path) -> None:
    tones = write_tones(tmp_path / "tones")
    (tones / NOISE_FOLDER / "hiss.wav").unlink()
    made = load_corpus(preset("small"), keyword_set("low,high"), tones)
    assert len(made.noises) > 1
    for part in (made.training, made.validation):
        assert any(name.startswith(MADE_NOISE) for name in part.names)


def test_the_figure_of_a_folder_of_one_voice_says_so(tmp_path: Path) -> None:
    data = write(tmp_path / "one", "red", "cat")
    assert load_corpus(preset("small"), keyword_set("red"), data).validated_on == SAME_VOICE
    for word in ("red", "cat"):
        write_clips(tmp_path / "many" / word, speakers(100))
    assert load_corpus(preset("small"), keyword_set("red"), tmp_path / "many").validated_on == VALIDATION
