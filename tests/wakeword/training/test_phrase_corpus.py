"""A corpus of a phrase that nobody recorded: what is in it, how it lies in time, and that a model learns from it."""

from pathlib import Path

import numpy as np
import pytest
from tones import write_tones

from featurizer import SAMPLE_RATE
from tests.wakeword.terminal import Run
from wakeword.data.keywords import RECORDED, SILENCE, UNKNOWN, keyword_set
from wakeword.data.noise import babble, made_up_noise
from wakeword.model.file import read_model
from wakeword.networks import fused
from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.synthesizer import Synthesizer
from wakeword.training.corpus import Corpus
from wakeword.training.phrase_corpus import PhraseClips, phrase_corpus
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


def test_the_phrase_ends_shortly_before_its_clip_does(corpus):
    assert len(of_label(corpus, "hey lumen")) >= 35
    dry = corpus.training.samples[corpus.training.labels == corpus.keywords.labels.index("hey lumen")]
    pauses = [seconds_after_speech(clip) for clip in dry]
    assert min(pauses) >= 0.1 and max(pauses) < 0.6  # 0.1 to 0.4 s, and what fades out


def test_what_validates_is_heard_in_noise_as_training_hears_it(corpus):
    dry, heard = ((part.samples == 0).mean(axis=1) for part in (corpus.training, corpus.validation))
    assert np.median(dry) > 0.2  # between synthetic words is digital silence, as in no room
    assert (heard < 0.5).all() and np.median(heard) < 0.02


def test_all_that_the_phrase_is_not_is_unknown(corpus):
    unknown = len(of_label(corpus, UNKNOWN))
    broken = round(WANTED.partial_phrases * len(of_label(corpus, "hey lumen")))
    # Confusions, broken phrases, two cuts and more of a sentence, frequent words, and the 35 of Speech Commands.
    assert unknown > 30 + broken + WANTED.sentences + WANTED.words + 35 * WANTED.command_takes
    assert len(of_label(corpus, SILENCE)) == round(WANTED.silence * WANTED.positives)


def test_a_threshold_is_for_what_is_said_by_chance_and_not_for_what_was_made_to_be_confused(corpus):
    assert corpus.kinds is not None
    unknown = corpus.keywords.labels.index(UNKNOWN)
    near = 1  # the kind after the phrase
    trained = corpus.training.labels == unknown
    by_chance, made_to_be_confused = (
        {clip.tobytes() for clip in corpus.training.samples[trained & kind]}
        for kind in (corpus.kinds.of != near, corpus.kinds.of == near)
    )
    calibrated = {clip.tobytes() for clip in corpus.calibration.samples[corpus.calibration.labels == unknown]}
    assert calibrated > by_chance > set()  # by every voice, those of validation too
    assert made_to_be_confused and not calibrated & made_to_be_confused


def test_of_the_phrase_the_voices_that_validate_are_heard_where_thresholds_are_set(corpus):
    phrase = corpus.keywords.labels.index("hey lumen")
    calibrated, validated = (part.at(part.labels == phrase).names for part in (corpus.calibration, corpus.validation))
    assert calibrated == validated


def test_what_is_near_the_phrase_is_drawn_less_often_than_what_is_said_by_chance(corpus):
    assert corpus.kinds is not None
    unknown = corpus.training.labels == corpus.keywords.labels.index(UNKNOWN)
    near, running, words = np.unique(corpus.kinds.of[unknown])
    assert corpus.kinds.weights[[near, running, words]].tolist() == [WANTED.hard_weight, 1, 1]
    assert corpus.kinds.of[0] != near  # the phrase itself


def test_no_voice_is_heard_in_training_and_in_validation(corpus):
    parts = (corpus.training, corpus.validation)
    voices = [{name.split("/")[1].split("#")[0] for name in part.names} for part in parts]
    assert all(voices)
    assert not voices[0] & voices[1]


def test_the_licences_of_all_voices_go_into_the_bundle(corpus):
    assert len(corpus.provenance["voices"]) > 10
    assert all("GPL" in licence for licence in corpus.provenance["voices"].values())


def test_a_folder_of_words_is_more_that_the_phrase_is_not(tmp_path: Path):
    tones = write_tones(tmp_path / "tones")
    synthesizer = Synthesizer([EspeakNg()], tmp_path / "spoken")
    more = phrase_corpus(
        CONFIG, keyword_set("hey lumen"), synthesizer, PhraseClips(20, 20, 2, 2, command_takes=1), data=tones
    )
    folders = {name.split("/")[0] for name in more.training.names}
    assert {"low", "high"} <= folders
    words = [label for name, label in zip(more.training.names, more.training.labels, strict=True) if name[:3] == "low"]
    assert set(words) == {more.keywords.labels.index(UNKNOWN)}


def test_noise_is_made_of_every_colour_and_of_voices():
    rng = np.random.default_rng(0)
    recordings = made_up_noise(rng, seconds=1)
    recordings.append(babble([recordings[0], recordings[3]], rng, voices=4, seconds=1))
    for recording in recordings:
        assert recording.shape == (SAMPLE_RATE,) and recording.dtype == np.int16
        assert 2000 < np.sqrt(np.mean(recording.astype(float) ** 2)) < 3100  # a little of it may be clipped
    white, brown = (np.abs(np.fft.rfft(recordings[i])) ** 2 for i in (0, 8))  # power below 200 Hz: bins are of 1 Hz
    assert white[:200].sum() < 0.1 * white.sum() and brown[:200].sum() > 0.5 * brown.sum()


def test_a_phrase_is_trained_on_from_its_spelling_alone(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fused.kernel()  # from the cache that it was built in
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    out = tmp_path / "lumen.safetensors"
    settings = ["low_rank=2", "sparse=1", "quantised=2", "clips_per_word=40", "reuse=5", "evidence=3"]
    settings += ["teacher.epochs=2", "teacher.clips_per_word=40"]
    options = [text for setting in settings for text in ("--set", setting)]
    done = run("train", "--keywords", "hey lumen", "--clips", "20", "--size", "1", *options, "--out", str(out))
    assert done.status == 0, done.err
    model = read_model(out)
    assert model.keywords == ("hey lumen",)
    assert 30 < model.provenance["synthetic_clips"] <= 20 + 20 + 5 + 20 + len(RECORDED)  # phrase, what it is not
