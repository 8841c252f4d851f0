"""Clips by the score: each made once, in a manner of its own, cut to the speech; made anew where it came out wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile

from featurizer import SAMPLE_RATE
from tests.wakeword.little_engines import write_kokoro
from tests.wakeword.terminal import refusal, wakeword
from wakeword.audio.files import read_audio
from wakeword.data.examples import load_examples
from wakeword.data.keywords import keyword_set
from wakeword.errors import WakewordError
from wakeword.synth.clips import MOST_ATTEMPTS, Studio
from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.flite import Flite
from wakeword.synth.folder import write_folder
from wakeword.synth.trim import PEAK, trim
from wakeword.synth.voice import CannotSpeak, Manner, Saying, Wave

ALEXA = Saying("alexa")
ALL_KEEP_PACE = 1  # a seed that draws none of the variants that drawl


class Counting(EspeakNg):
    """espeak-ng, which counts what it speaks and at times stutters, falls silent or is interrupted."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken = 0
        self.stutters: set[int] = set()
        self.silent: set[int] = set()
        self.stops_at: int | None = None

    def speak(self, saying: Saying, manner: Manner) -> Wave:
        self.spoken += 1
        if self.spoken == self.stops_at:
            raise KeyboardInterrupt
        if self.spoken in self.silent:
            return np.zeros(SAMPLE_RATE, np.float32)
        return np.tile(super().speak(saying, manner), 3 if self.spoken in self.stutters else 1)


def tone(seconds: float, level: float = 0.3) -> Wave:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (level * np.sin(2 * np.pi * 300 * time)).astype(np.float32)


def silence(seconds: float) -> Wave:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_the_same_phrase_again_is_said_in_another_manner(tmp_path: Path) -> None:
    clips = Studio([EspeakNg()], tmp_path).synthesise([ALEXA] * 40)
    assert len(clips) == 40
    assert len({repr(clip.manner) for clip in clips}) == 40
    assert len({clip.path.read_bytes() for clip in clips}) == 40


def test_a_clip_is_16_khz_int16_cut_to_the_speech_at_one_level(tmp_path: Path) -> None:
    for clip in Studio([EspeakNg()], tmp_path).synthesise([Saying("hey lumen")] * 5):
        info = soundfile.info(clip.path)
        assert (info.samplerate, info.channels, info.format, info.subtype) == (SAMPLE_RATE, 1, "FLAC", "PCM_16")
        samples = clip.read()
        assert np.abs(samples.astype(int)).max() == pytest.approx(PEAK * 32768, abs=2)
        assert clip.seconds == len(samples) / SAMPLE_RATE
        assert 0.3 < clip.seconds < 1.2


def test_no_clip_is_made_twice(tmp_path: Path) -> None:
    engine = Counting()
    first = Studio([engine], tmp_path, seed=3).synthesise([ALEXA] * 10)
    assert engine.spoken == 10
    assert Studio([engine], tmp_path, seed=3).synthesise([ALEXA] * 10) == first
    assert Studio([engine], tmp_path, seed=3).synthesise([ALEXA] * 12)[:10] == first
    assert engine.spoken == 12
    Studio([engine], tmp_path, seed=4).synthesise([ALEXA] * 2)
    assert engine.spoken == 14


def test_another_version_of_the_engine_speaks_anew(tmp_path: Path) -> None:
    engine = Counting()
    Studio([engine], tmp_path).synthesise([ALEXA])
    engine.version += "+"
    Studio([engine], tmp_path).synthesise([ALEXA])
    assert engine.spoken == 2


def test_several_at_a_time_give_the_same_clips_in_the_same_order(tmp_path: Path) -> None:
    sayings = [Saying(word) for word in ("alexa", "computer", "snowboy")] * 4
    one = Studio([EspeakNg()], tmp_path / "one").synthesise(sayings)
    four = Studio([EspeakNg()], tmp_path / "four", threads=4).synthesise(sayings)
    assert [clip.saying for clip in four] == sayings
    assert [(clip.manner, clip.path.name) for clip in four] == [(clip.manner, clip.path.name) for clip in one]


def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path) -> None:
    engine = Counting()
    engine.stops_at = 7
    with pytest.raises(KeyboardInterrupt):
        Studio([engine], tmp_path, seed=ALL_KEEP_PACE).synthesise([ALEXA] * 10)
    made = len(files(tmp_path))
    assert made >= 6
    engine.stops_at, engine.spoken = None, 0
    assert len(Studio([engine], tmp_path, seed=ALL_KEEP_PACE).synthesise([ALEXA] * 10)) == 10
    assert engine.spoken == 10 - made


@pytest.mark.parametrize("fault", ["stutters", "silent"])
def test_a_clip_that_came_out_wrong_is_made_anew(tmp_path: Path, fault: str) -> None:
    engine = Counting()
    setattr(engine, fault, {4, 9})
    made: list[int] = []
    clips = Studio([engine], tmp_path, seed=ALL_KEEP_PACE).synthesise([ALEXA] * 12, made=lambda: made.append(1))
    assert engine.spoken == len(made) == 14
    assert len(clips) == 12
    assert max(clip.seconds for clip in clips) < 1.0


def test_what_comes_out_wrong_every_time_has_no_clip(tmp_path: Path) -> None:
    engine = Counting()
    engine.silent = {5, *range(13, 13 + MOST_ATTEMPTS - 1)}
    assert len(Studio([engine], tmp_path, seed=ALL_KEEP_PACE).synthesise([ALEXA] * 12)) == 11
    assert engine.spoken == 12 + MOST_ATTEMPTS - 1


def test_the_length_of_a_clip_goes_by_what_it_says_and_how_fast(tmp_path: Path) -> None:
    """Or else a long sentence among words, and a slow clip among quick ones, would be out of line."""
    sayings = [Saying(word) for word in ("alexa", "go", "computer", "snowboy", "a walk along the river tomorrow")] * 6
    engine = Counting()
    assert len(Studio([engine], tmp_path).synthesise(sayings)) == engine.spoken == 30


def test_phonemes_are_said_by_engines_that_can(tmp_path: Path) -> None:
    clips = Studio([EspeakNg(), Flite()], tmp_path).synthesise([Saying("no word", ipa="ɐlˈɛksɪ")] * 20)
    assert {clip.manner.engine for clip in clips} == {"espeak-ng"}
    assert {clip.ipa for clip in clips} == {"ɐlˈɛksɪ"}
    with pytest.raises(CannotSpeak, match="none of the engines can speak phonemes: flite"):
        Studio([Flite()], tmp_path).synthesise([Saying("no word", ipa="ɐlˈɛksɪ")])


def test_engines_are_heard_by_their_shares(tmp_path: Path) -> None:
    quick, rare = EspeakNg(), Flite()
    rare.share = 0.25
    clips = Studio([quick, rare], tmp_path).synthesise([ALEXA] * 100)
    assert 8 < Counter(clip.manner.engine for clip in clips)["flite"] < 35


def test_a_disk_that_takes_no_more_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(WakewordError, match=r"can't be written: .*; what was there is unchanged") as error:
        Studio([EspeakNg()], tmp_path / "cache").synthesise([ALEXA] * 3)
    assert "\n" not in str(error.value)


def test_trimming_keeps_the_speech_and_its_pauses_and_nothing_else() -> None:
    phrase = np.concatenate([tone(0.3), silence(0.25), tone(0.4)])
    trimmed = trim(np.concatenate([silence(0.3), phrase, silence(0.5)]))
    assert len(trimmed) / SAMPLE_RATE == pytest.approx(len(phrase) / SAMPLE_RATE, abs=0.03)
    assert np.abs(trimmed.astype(int)).max() == pytest.approx(PEAK * 32768, abs=2)
    assert trimmed[0] == trimmed[-1] == 0


def test_trimming_drops_a_click_that_stands_alone() -> None:
    trimmed = trim(np.concatenate([tone(0.02), silence(0.3), tone(0.5), silence(0.4), tone(0.02, 0.1)]))
    assert len(trimmed) / SAMPLE_RATE == pytest.approx(0.5, abs=0.03)


def test_silence_trims_to_nothing() -> None:
    assert len(trim(silence(1))) == len(trim(silence(0.001))) == 0


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio([EspeakNg()], tmp_path / "cache")


def provenance(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "provenance.jsonl").read_text("utf-8").splitlines()]


def test_a_folder_names_engine_voice_and_number_and_says_where_each_clip_is_from(
    studio: Studio, tmp_path: Path
) -> None:
    clips = studio.synthesise([ALEXA] * 6)
    write_folder(clips, tmp_path / "alexa", studio, seed=0)
    lines = provenance(tmp_path / "alexa")
    assert {line["file"] for line in lines} == {path.name for path in (tmp_path / "alexa").glob("*.flac")}
    for number, (line, clip) in enumerate(zip(lines, clips, strict=True), start=1):
        assert line["file"] == f"espeak-ng-{clip.manner.voice}_nohash_{number}.flac"
        assert (line["phrase"], line["phonemes"], line["seed"]) == ("alexa", clip.ipa, 0)
        assert line["licences"] == {
            f"espeak-ng {clip.manner.voice}": "GPL-3.0-or-later (the synthesiser; none on what it says)"
        }
        assert (line["engine"], line["version"], line["speed"]) == ("espeak-ng", "1.52.0", clip.manner.speed)
        assert (tmp_path / "alexa" / str(line["file"])).read_bytes() == clip.path.read_bytes()


@pytest.mark.parametrize("kind", ["wav", "opus"])
def test_clips_may_be_of_another_format(studio: Studio, tmp_path: Path, kind: str) -> None:
    (clip,) = studio.synthesise([ALEXA])
    write_folder([clip], tmp_path / "out", studio, seed=0, kind=kind)  # type: ignore[arg-type]
    (path,) = (tmp_path / "out").glob(f"*.{kind}")
    heard = read_audio(path)
    if kind == "wav":
        assert np.array_equal(heard, clip.read())
    else:
        assert len(heard) == pytest.approx(len(clip.read()), abs=100)


def test_another_run_into_the_folder_leaves_no_clips_of_the_last_and_what_the_user_put_there(
    studio: Studio, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    write_folder(studio.synthesise([ALEXA] * 5), out, studio, seed=0)
    (out / "mine_nohash_0.wav").touch()
    write_folder(studio.synthesise([ALEXA] * 3), out, studio, seed=0)
    assert len(provenance(out)) == len(list(out.glob("*.flac"))) == 3
    assert (out / "mine_nohash_0.wav").exists()


def test_training_takes_the_folder(studio: Studio, tmp_path: Path) -> None:
    write_folder(studio.synthesise([ALEXA] * 5), tmp_path / "clips" / "alexa", studio, seed=0)
    examples = load_examples(tmp_path / "clips", keyword_set("alexa"), "all", silence=0, missing_ok=True)
    assert len(examples) == 5


@pytest.fixture
def places(tmp_path: Path) -> Mapping[str, str]:
    """The environment of a user without any file of an engine."""
    return {"XDG_CACHE_HOME": str(tmp_path / "home")}


def test_the_command_speaks_with_all_that_is_at_hand(tmp_path: Path, places: Mapping[str, str]) -> None:
    (tmp_path / "kokoro").mkdir()
    write_kokoro(tmp_path / "kokoro")
    environment = {**places, "WAKEWORD_KOKORO": str(tmp_path / "kokoro")}
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


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--out", "x"], "give a phrase to speak; see wakeword synth --help"),
        (["alexa"], "--out says where the clips go; see wakeword synth --help"),
        (["alexa", "--out", "x", "--engine", "siri"], "there is no engine 'siri'"),
        (["alexa", "--out", "x", "--engine", "kokoro"], "wakeword synth --fetch brings it"),
        (["../alexa", "--out", "x"], "'../alexa' is no keyword"),
        (["?!", "--out", "x", "--engine", "espeak-ng"], "there is nothing to say in '?!'"),
    ],
)
def test_wrong_use_is_one_line(
    tmp_path: Path, places: Mapping[str, str], arguments: list[str], complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert complaint in refusal(wakeword("synth", *arguments, environment=places))
    assert not (tmp_path / "x").exists()


def test_a_full_disk_is_one_line_of_the_command(tmp_path: Path, places: Mapping[str, str]) -> None:
    (tmp_path / "alexa").write_text("a file where the folder should be")
    arguments = ("synth", "alexa", "--count", "2", "--engine", "espeak-ng", "--out", tmp_path)
    done = wakeword(*arguments, environment=places)
    assert "can't be written" in done.stderr.splitlines()[-1]
    assert done.returncode == 2
