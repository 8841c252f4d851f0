"""Synthesized clips: distinct, trimmed, cached, redone if they fail; and the folders they are written to."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile

from featurizer import SAMPLE_RATE
from tests.wakeword.little_engines import write_kokoro
from tests.wakeword.terminal import refusal, wakeword
from wakeword.audio.files import Encoding, read_audio
from wakeword.data.examples import load_examples
from wakeword.data.keywords import keyword_set
from wakeword.data.running_speech import read_negatives
from wakeword.errors import WakewordError
from wakeword.evaluation.streams import files_of
from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.flite import Flite
from wakeword.synth.folder import PROVENANCE, write_folder
from wakeword.synth.synthesizer import MAX_ATTEMPTS, Synthesizer
from wakeword.synth.trim import PEAK, trim
from wakeword.synth.voice import SpeechEngineError, Utterance, VoiceSettings, Waveform

ALEXA = Utterance("alexa")
ALL_KEEP_PACE = 1  # a seed that draws no drawling variant


class Counting(EspeakNg):
    """espeak-ng with a counter; on chosen calls it stutters, is silent or is interrupted."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken = 0
        self.stutters: set[int] = set()
        self.silent: set[int] = set()
        self.stops_at: int | None = None

    def speak(self, utterance: Utterance, settings: VoiceSettings) -> Waveform:
        self.spoken += 1
        if self.spoken == self.stops_at:
            raise KeyboardInterrupt
        if self.spoken in self.silent:
            return np.zeros(SAMPLE_RATE, np.float32)
        return np.tile(super().speak(utterance, settings), 3 if self.spoken in self.stutters else 1)


def tone(seconds: float, level: float = 0.3) -> Waveform:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (level * np.sin(2 * np.pi * 300 * time)).astype(np.float32)


def silence(seconds: float) -> Waveform:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_repeated_utterance_gets_other_voice_settings(tmp_path: Path) -> None:
    clips = Synthesizer([EspeakNg()], tmp_path).synthesize([ALEXA] * 40)
    assert len(clips) == 40
    assert len({repr(clip.settings) for clip in clips}) == 40
    assert len({clip.path.read_bytes() for clip in clips}) == 40


def test_a_clip_is_16_khz_int16_trimmed_and_at_one_level(tmp_path: Path) -> None:
    for clip in Synthesizer([EspeakNg()], tmp_path).synthesize([Utterance("hey lumen")] * 5):
        info = soundfile.info(clip.path)
        assert (info.samplerate, info.channels, info.format, info.subtype) == (SAMPLE_RATE, 1, "FLAC", "PCM_16")
        samples = clip.read()
        assert np.abs(samples.astype(int)).max() == pytest.approx(PEAK * 32768, abs=2)
        assert clip.seconds == len(samples) / SAMPLE_RATE
        assert 0.3 < clip.seconds < 1.2


def test_clips_in_the_cache_are_reused(tmp_path: Path) -> None:
    engine = Counting()
    first = Synthesizer([engine], tmp_path, seed=3).synthesize([ALEXA] * 10)
    assert engine.spoken == 10
    assert Synthesizer([engine], tmp_path, seed=3).synthesize([ALEXA] * 10) == first
    assert Synthesizer([engine], tmp_path, seed=3).synthesize([ALEXA] * 12)[:10] == first
    assert engine.spoken == 12
    Synthesizer([engine], tmp_path, seed=4).synthesize([ALEXA] * 2)
    assert engine.spoken == 14


def test_another_version_of_the_engine_speaks_again(tmp_path: Path) -> None:
    engine = Counting()
    Synthesizer([engine], tmp_path).synthesize([ALEXA])
    engine.version += "+"
    Synthesizer([engine], tmp_path).synthesize([ALEXA])
    assert engine.spoken == 2


def test_several_threads_give_the_same_clips_in_the_same_order(tmp_path: Path) -> None:
    utterances = [Utterance(word) for word in ("alexa", "computer", "snowboy")] * 4
    one = Synthesizer([EspeakNg()], tmp_path / "one").synthesize(utterances)
    four = Synthesizer([EspeakNg()], tmp_path / "four", threads=4).synthesize(utterances)
    assert [clip.utterance for clip in four] == utterances
    assert [(clip.settings, clip.path.name) for clip in four] == [(clip.settings, clip.path.name) for clip in one]


def test_an_interrupted_run_is_resumed(tmp_path: Path) -> None:
    engine = Counting()
    engine.stops_at = 7
    with pytest.raises(KeyboardInterrupt):
        Synthesizer([engine], tmp_path, seed=ALL_KEEP_PACE).synthesize([ALEXA] * 10)
    made = len(files(tmp_path))
    assert made >= 6
    engine.stops_at, engine.spoken = None, 0
    assert len(Synthesizer([engine], tmp_path, seed=ALL_KEEP_PACE).synthesize([ALEXA] * 10)) == 10
    assert engine.spoken == 10 - made


@pytest.mark.parametrize("fault", ["stutters", "silent"])
def test_a_failed_clip_is_redone(tmp_path: Path, fault: str) -> None:
    engine = Counting()
    setattr(engine, fault, {4, 9})
    made: list[int] = []
    clips = Synthesizer([engine], tmp_path, seed=ALL_KEEP_PACE).synthesize([ALEXA] * 12, on_clip=lambda: made.append(1))
    assert engine.spoken == len(made) == 14
    assert len(clips) == 12
    assert max(clip.seconds for clip in clips) < 1.0


def test_a_clip_that_is_an_outlier_among_later_ones_is_redone(tmp_path: Path) -> None:
    """The first seven clips are too few to tell that one of them stutters."""
    engine = Counting()
    engine.silent, engine.stutters = {2, 3, 4, 5, 6}, {9}
    clips = Synthesizer([engine], tmp_path, seed=ALL_KEEP_PACE).synthesize([ALEXA] * 12)
    assert (len(clips), engine.spoken) == (12, 12 + 5 + 1)
    assert max(clip.seconds for clip in clips) < 1.0


def test_an_utterance_that_fails_every_time_gets_no_clip(tmp_path: Path) -> None:
    engine = Counting()
    engine.silent = {5, *range(13, 13 + MAX_ATTEMPTS - 1)}
    assert len(Synthesizer([engine], tmp_path, seed=ALL_KEEP_PACE).synthesize([ALEXA] * 12)) == 11
    assert engine.spoken == 12 + MAX_ATTEMPTS - 1


def test_long_texts_and_slow_voices_are_no_outliers(tmp_path: Path) -> None:
    """The pace takes the number of phonemes and the speed into account."""
    utterances = [
        Utterance(word) for word in ("alexa", "go", "computer", "snowboy", "a walk along the river tomorrow")
    ] * 6
    engine = Counting()
    assert len(Synthesizer([engine], tmp_path).synthesize(utterances)) == engine.spoken == 30


def test_phonemes_are_spoken_by_engines_that_accept_them(tmp_path: Path) -> None:
    clips = Synthesizer([EspeakNg(), Flite()], tmp_path).synthesize([Utterance("no word", ipa="ɐlˈɛksɪ")] * 20)
    assert {clip.settings.engine for clip in clips} == {"espeak-ng"}
    assert {clip.ipa for clip in clips} == {"ɐlˈɛksɪ"}
    with pytest.raises(SpeechEngineError, match="none of the engines can speak phonemes: flite"):
        Synthesizer([Flite()], tmp_path).synthesize([Utterance("no word", ipa="ɐlˈɛksɪ")])


def test_engines_speak_by_their_shares(tmp_path: Path) -> None:
    quick, rare = EspeakNg(), Flite()
    rare.share = 0.25
    clips = Synthesizer([quick, rare], tmp_path).synthesize([ALEXA] * 100)
    assert 8 < Counter(clip.settings.engine for clip in clips)["flite"] < 35


def test_a_cache_that_cannot_be_written_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(WakewordError, match=r"can't be written: .*; an earlier file is unchanged") as error:
        Synthesizer([EspeakNg()], tmp_path / "cache").synthesize([ALEXA] * 3)
    assert "\n" not in str(error.value)


def test_trimming_keeps_the_speech_and_its_pauses_and_nothing_else() -> None:
    phrase = np.concatenate([tone(0.3), silence(0.25), tone(0.4)])
    trimmed = trim(np.concatenate([silence(0.3), phrase, silence(0.5)]))
    assert len(trimmed) / SAMPLE_RATE == pytest.approx(len(phrase) / SAMPLE_RATE, abs=0.03)
    assert np.abs(trimmed.astype(int)).max() == pytest.approx(PEAK * 32768, abs=2)
    assert trimmed[0] == trimmed[-1] == 0


def test_trimming_drops_an_isolated_click() -> None:
    trimmed = trim(np.concatenate([tone(0.02), silence(0.3), tone(0.5), silence(0.4), tone(0.02, 0.1)]))
    assert len(trimmed) / SAMPLE_RATE == pytest.approx(0.5, abs=0.03)


def test_silence_trims_to_nothing() -> None:
    assert len(trim(silence(1))) == len(trim(silence(0.001))) == 0


@pytest.fixture
def synthesizer(tmp_path: Path) -> Synthesizer:
    return Synthesizer([EspeakNg()], tmp_path / "cache")


def provenance(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "provenance.jsonl").read_text("utf-8").splitlines()]


def test_a_folder_names_engine_voice_and_number_and_holds_the_provenance_of_each_clip(
    synthesizer: Synthesizer, tmp_path: Path
) -> None:
    clips = synthesizer.synthesize([ALEXA] * 6)
    write_folder(clips, tmp_path / "alexa", synthesizer, seed=0)
    lines = provenance(tmp_path / "alexa")
    assert {line["file"] for line in lines} == {path.name for path in (tmp_path / "alexa").glob("*.flac")}
    for number, (line, clip) in enumerate(zip(lines, clips, strict=True), start=1):
        assert line["file"] == f"espeak-ng-{clip.settings.voice}_nohash_{number}.flac"
        assert (line["phrase"], line["phonemes"], line["seed"]) == ("alexa", clip.ipa, 0)
        assert line["licenses"] == {
            f"espeak-ng {clip.settings.voice}": "GPL-3.0-or-later (the synthesiser; none on what it says)"
        }
        assert (line["engine"], line["version"], line["speed"]) == (
            "espeak-ng",
            "1.52.0, each clip alone",
            clip.settings.speed,
        )
        assert (tmp_path / "alexa" / str(line["file"])).read_bytes() == clip.path.read_bytes()


@pytest.mark.parametrize("encoding", ["wav", "opus"])
def test_clips_may_be_wav_or_opus(synthesizer: Synthesizer, tmp_path: Path, encoding: Encoding) -> None:
    (clip,) = synthesizer.synthesize([ALEXA])
    write_folder([clip], tmp_path / "out", synthesizer, seed=0, encoding=encoding)
    (path,) = (tmp_path / "out").glob(f"*.{encoding}")
    samples = read_audio(path)
    if encoding == "wav":
        assert np.array_equal(samples, clip.read())
    else:
        assert len(samples) == pytest.approx(len(clip.read()), abs=100)


def test_another_run_replaces_the_clips_of_the_last_and_keeps_files_of_the_user(
    synthesizer: Synthesizer, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    write_folder(synthesizer.synthesize([ALEXA] * 5), out, synthesizer, seed=0)
    (out / "mine_nohash_0.wav").touch()
    write_folder(synthesizer.synthesize([ALEXA] * 3), out, synthesizer, seed=0)
    assert len(provenance(out)) == len(list(out.glob("*.flac"))) == 3
    assert (out / "mine_nohash_0.wav").exists()


def test_what_another_run_takes_away_is_said_in_one_line_and_comes_back_from_the_cache(
    tmp_path: Path, no_engines: Mapping[str, str]
) -> None:
    def synth(count: int, *options: str) -> str:
        arguments = ("alexa", "--count", count, "--engine", "espeak-ng", "--out", tmp_path / "out", *options)
        done = wakeword("synth", *map(str, arguments), environment=no_engines)
        assert done.returncode == 0, done.stderr
        return "".join(line for line in done.stderr.splitlines() if "removed" in line)

    assert not synth(5)
    before = files(tmp_path / "out")
    assert not synth(5, "--format", "wav")
    assert not synth(5)
    folder = tmp_path / "out/alexa"
    assert synth(3).startswith(f"wakeword: {folder}: removed 2 clips of an earlier run, which had other options; ")
    assert not synth(5)
    assert files(tmp_path / "out") == before
    assert "removed 5 clips" in synth(2, "--seed", "7")


def test_the_provenance_of_a_folder_from_elsewhere_is_not_trusted(synthesizer: Synthesizer, tmp_path: Path) -> None:
    out, mine = tmp_path / "out", tmp_path / "mine.wav"
    write_folder(synthesizer.synthesize([ALEXA] * 2), out, synthesizer, seed=0)
    mine.touch()
    names = ["../mine.wav", str(mine), "..", "", "a\0b", ["x"], None]
    lines = [
        "{",
        "[]",
        "3",
        "[" * 100_000,
        '{"file": "a"}',
        *(json.dumps({"file": name, "clip": ""}) for name in names),
    ]
    with (out / PROVENANCE).open("ab") as file:
        file.write("\n".join(lines).encode() + b"\n\xff\n")
    write_folder(synthesizer.synthesize([ALEXA]), out, synthesizer, seed=0)
    assert mine.exists() and len(provenance(out)) == len(list(out.glob("*.flac"))) == 1


def test_training_reads_the_folder(synthesizer: Synthesizer, tmp_path: Path) -> None:
    write_folder(synthesizer.synthesize([ALEXA] * 5), tmp_path / "clips" / "alexa", synthesizer, seed=0)
    examples = load_examples(tmp_path / "clips", keyword_set("alexa"), "all", silence=0, missing_ok=True)
    assert len(examples) == 5


@pytest.fixture
def no_engines(tmp_path: Path) -> Mapping[str, str]:
    """The environment of a user without the files of any engine."""
    return {"XDG_CACHE_HOME": str(tmp_path / "home")}


def test_the_command_speaks_with_every_installed_engine(tmp_path: Path, no_engines: Mapping[str, str]) -> None:
    (tmp_path / "kokoro").mkdir()
    write_kokoro(tmp_path / "kokoro")
    environment = {**no_engines, "WAKEWORD_KOKORO": str(tmp_path / "kokoro")}
    arguments = ("synth", "hey lumen", "alexa", "--count", "12", "--out", tmp_path / "out")
    done = wakeword(*arguments, environment=environment)
    assert done.returncode == 0, done.stderr
    assert "going on without piper" in done.stderr
    for phrase in ("hey lumen", "alexa"):
        assert f"{tmp_path / 'out' / phrase}: 12 clips by " in done.stdout
        clips = [path.name for path in (tmp_path / "out" / phrase).glob("*.flac")]
        assert len(clips) == 12
        assert {name.split("-")[0] for name in clips} >= {"kokoro", "espeak"}
    before = {path: path.stat().st_mtime_ns for path in files(tmp_path / "out") if path.suffix == ".flac"}
    assert wakeword(*arguments, environment=environment).stdout == done.stdout
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_sentences_without_the_words_of_a_model_are_spoken_as_negatives(
    tmp_path: Path, no_engines: Mapping[str, str]
) -> None:
    arguments = ("--without", "yes,go", "--count", "8", "--engine", "espeak-ng", "--out", tmp_path / "out")
    done = wakeword("synth", *arguments, environment=no_engines)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{tmp_path / 'out/sentences'}: 8 clips by ")
    provenance = (tmp_path / "out/sentences" / PROVENANCE).read_text().splitlines()
    texts = [json.loads(line)["phrase"] for line in provenance]
    assert len(set(texts)) == 8 and all(len(text.split()) >= 3 for text in texts)
    assert not any({"yes", "go"} & set(re.findall(r"\w+", text.lower())) for text in texts)
    assert len(read_negatives(files_of([tmp_path / "out"]))) > 8 * SAMPLE_RATE


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["yes", "--without", "no", "--out", "x"], "--without speaks sentences; leave out the phrases, or --without"),
        (["--out", "x"], 'give a phrase to speak, such as "hey lumen"; see wakeword synth --help'),
        (["alexa"], "give the folder for the clips: --out DIR; see wakeword synth --help"),
        (["alexa", "--out", "x", "--engine", "siri"], "there is no engine 'siri'"),
        (["alexa", "--out", "x", "--engine", "kokoro"], "download it (121 MB) by: wakeword synth --fetch"),
        (["../alexa", "--out", "x"], "'../alexa' can't be a keyword"),
        (
            ["?!", "--out", "x", "--engine", "espeak-ng"],
            "'?!' can't be a keyword: it has no letter; write what is said",
        ),
    ],
)
def test_wrong_use_is_reported_in_one_line(
    tmp_path: Path, no_engines: Mapping[str, str], arguments: list[str], complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert complaint in refusal(wakeword("synth", *arguments, environment=no_engines))
    assert not (tmp_path / "x").exists()


def test_an_unwritable_folder_ends_the_command_with_one_line(tmp_path: Path, no_engines: Mapping[str, str]) -> None:
    (tmp_path / "alexa").write_text("a file where the folder should be")
    arguments = ("synth", "alexa", "--count", "2", "--engine", "espeak-ng", "--out", tmp_path)
    done = wakeword(*arguments, environment=no_engines)
    assert "can't be written" in done.stderr.splitlines()[-1]
    assert done.returncode == 2
