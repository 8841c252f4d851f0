"""The corpus of a phrase without recordings: its classes, where speech lies in its clips, its voices, a training."""

from pathlib import Path

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from tests.wakeword.terminal import Run
from tests.wakeword.tones import write_tones
from wakeword.data.keywords import RECORDED, SILENCE, UNKNOWN, keyword_set
from wakeword.model.file import read_model
from wakeword.networks import fused
from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.synthesizer import Synthesizer
from wakeword.training.corpus import Corpus
from wakeword.training.phrase_corpus import phrase_corpus
from wakeword.training.phrase_speech import PhraseClips
from wakeword.training.presets import for_phrases, preset

WANTED = PhraseClips(positives=40, hard_negatives=40, sentences=6, words=20, command_takes=1)
CONFIG = for_phrases(preset("best"))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    synthesizer = Synthesizer([EspeakNg()], tmp_path_factory.mktemp("spoken"), threads=2)
    return phrase_corpus(CONFIG, keyword_set("hey lumen"), synthesizer, WANTED)


def of_label(corpus: Corpus, label: str) -> np.ndarray:
    number = corpus.keywords.labels.index(label)
    parts = (corpus.training, corpus.validation)
    return np.concatenate([part.samples[part.labels == number] for part in parts])


def seconds_after_speech(clip: np.ndarray) -> float:
    """From the last sample that is louder than a hundredth of the clip's peak."""
    loud = np.flatnonzero(np.abs(clip.astype(int)) > np.abs(clip.astype(int)).max() / 100)
    return float(len(clip) - 1 - loud[-1]) / SAMPLE_RATE


def test_the_phrase_ends_shortly_before_its_clip_does(corpus: Corpus) -> None:
    assert len(of_label(corpus, "hey lumen")) >= 35
    dry = corpus.training.samples[corpus.training.labels == corpus.keywords.labels.index("hey lumen")]
    pauses = [seconds_after_speech(clip) for clip in dry]
    assert min(pauses) >= 0.1 and max(pauses) < 0.6  # 0.1 to 0.4 s, and the fade-out


def test_validation_clips_are_augmented_like_those_of_training(corpus: Corpus) -> None:
    dry, noisy = ((part.samples == 0).mean(axis=1) for part in (corpus.training, corpus.validation))
    assert np.median(dry) > 0.2  # digital silence around synthetic words
    assert (noisy < 0.5).all() and np.median(noisy) < 0.02


def test_every_kind_of_negative_is_unknown(corpus: Corpus) -> None:
    unknown = len(of_label(corpus, UNKNOWN))
    partial = round(WANTED.partial_phrases * len(of_label(corpus, "hey lumen")))
    # Hard negatives, partial phrases, cuts of sentences, frequent words, and the 35 words of Speech Commands.
    assert unknown > 30 + partial + WANTED.sentences + WANTED.words + 35 * WANTED.command_takes
    assert len(of_label(corpus, SILENCE)) == round(WANTED.silence * WANTED.positives)


def test_thresholds_are_set_on_ordinary_speech_of_all_voices_and_not_on_hard_negatives(corpus: Corpus) -> None:
    assert corpus.strata is not None
    unknown = corpus.keywords.labels.index(UNKNOWN)
    hard_kind = 1  # follows the phrase
    trained = corpus.training.labels == unknown
    ordinary, hard = (
        {clip.tobytes() for clip in corpus.training.samples[trained & kind]}
        for kind in (corpus.strata.of != hard_kind, corpus.strata.of == hard_kind)
    )
    calibrated = {clip.tobytes() for clip in corpus.calibration.samples[corpus.calibration.labels == unknown]}
    assert calibrated > ordinary > set()  # it holds the voices of validation too
    assert hard and not calibrated & hard


def test_thresholds_are_set_on_the_phrase_in_the_voices_of_validation(corpus: Corpus) -> None:
    phrase = corpus.keywords.labels.index("hey lumen")
    calibrated, validated = (part.at(part.labels == phrase).names for part in (corpus.calibration, corpus.validation))
    assert calibrated == validated


def test_hard_negatives_are_drawn_less_often_than_ordinary_speech(corpus: Corpus) -> None:
    assert corpus.strata is not None
    unknown = corpus.training.labels == corpus.keywords.labels.index(UNKNOWN)
    hard, sentences, words = np.unique(corpus.strata.of[unknown])
    assert corpus.strata.weights[[hard, sentences, words]].tolist() == [WANTED.hard_weight, 1, 1]
    assert corpus.strata.of[0] != hard  # the phrase itself


def test_no_voice_is_in_both_training_and_validation(corpus: Corpus) -> None:
    parts = (corpus.training, corpus.validation)
    voices = [{name.split("/")[1].split("#")[0] for name in part.names} for part in parts]
    assert all(voices)
    assert not voices[0] & voices[1]


def test_the_provenance_holds_the_licence_of_every_voice(corpus: Corpus) -> None:
    ((licence, voices),) = corpus.provenance["voices"].items()
    assert "GPL" in licence and len(voices) > 10


def test_no_part_is_cut_from_a_phrase_that_is_another_phrase(tmp_path: Path) -> None:
    synthesizer = Synthesizer([EspeakNg()], tmp_path, threads=2)
    made = phrase_corpus(CONFIG, keyword_set("lumen,hey lumen"), synthesizer, WANTED)
    labels = made.keywords.labels

    def sounds(label: str) -> list[bytes]:
        clips = made.training.samples[made.training.labels == labels.index(label)]
        return [np.trim_zeros(clip).tobytes() for clip in clips]

    unknown = [sound for sound in sounds(UNKNOWN) if sound]
    short, long = (
        [any(spoken.startswith(part) for spoken in sounds(phrase)) for part in unknown] for phrase in labels[2:]
    )
    ends = [sum(spoken.endswith(tuple(unknown)) for spoken in sounds(phrase)) for phrase in labels[2:]]
    assert sum(short) >= 3 and ends[0] >= 3  # both parts of "lumen" teach what it is not
    assert sum(long) >= 8 and ends[1] == 0  # the end of "hey lumen" is "lumen"


def test_a_folder_of_other_words_gives_more_negatives(tmp_path: Path) -> None:
    tones = write_tones(tmp_path / "tones")
    synthesizer = Synthesizer([EspeakNg()], tmp_path / "spoken")
    more = phrase_corpus(
        CONFIG, keyword_set("hey lumen"), synthesizer, PhraseClips(20, 20, 2, 2, command_takes=1), data=tones
    )
    folders = {name.split("/")[0] for name in more.training.names}
    assert {"low", "high"} <= folders
    words = [label for name, label in zip(more.training.names, more.training.labels, strict=True) if name[:3] == "low"]
    assert set(words) == {more.keywords.labels.index(UNKNOWN)}


def test_running_speech_is_trained_on_and_sets_thresholds_as_a_stream_alone(tmp_path: Path) -> None:
    speech = (np.arange(10 * SAMPLE_RATE) % 999).astype(np.int16)
    made = phrase_corpus(
        CONFIG,
        keyword_set("hey lumen"),
        Synthesizer([EspeakNg()], tmp_path),
        PhraseClips(20, 20, 2, 2, command_takes=1),
        negatives=speech,
    )
    assert made.strata is not None
    length = made.training.samples.shape[1]
    running = made.strata.of == made.strata.of.max()
    np.testing.assert_array_equal(made.training.samples[running].ravel(), speech[: len(speech) // length * length])
    assert set(made.training.labels[running]) == {made.keywords.labels.index(UNKNOWN)}
    assert not {clip.tobytes() for clip in made.training.samples[running]} & {
        clip.tobytes() for clip in made.calibration.samples
    }
    (stream,) = made.negatives
    assert stream is speech


@pytest.mark.parametrize(
    ("phrase", "options", "spoken"),
    [
        ("hey lumen", [], {"language": "en-us"}),
        ("hallo lampe", ["--language", "de"], {"language": "de"}),
        (
            "nguyen",
            ["--say", "nguyen=win", "--say", "nguyen=/wɪŋ/"],
            {"language": "en-us", "said": {"nguyen": ["win", "/wɪŋ/"]}},
        ),
    ],
)
def test_a_phrase_is_trained_from_its_spelling_alone(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    phrase: str,
    options: list[str],
    spoken: dict[str, object],
) -> None:
    fused.kernel()  # from the cache that it was built in
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    out = tmp_path / "lumen.safetensors"
    settings = ["low_rank=2", "sparse=1", "quantized=2", "clips_per_word=40", "epochs_per_draw=5", "evidence=3"]
    settings += ["teacher.epochs=2", "teacher.clips_per_word=40"]
    options = [*options, *(text for setting in settings for text in ("--set", setting))]
    done = run("train", "--keywords", phrase, "--clips", "20", "--size", "1", *options, "--out", str(out))
    assert done.status == 0, done.err
    model = read_model(out)
    assert model.keywords == (phrase,)
    assert {name: model.provenance.get(name) for name in spoken} == spoken
    assert 30 < model.provenance["synthetic_clips"] <= 20 + 20 + 5 + 20 + len(RECORDED)  # positives and negatives
