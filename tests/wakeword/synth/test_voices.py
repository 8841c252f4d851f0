"""Every speech engine: its voices, the settings that it draws, and its speech at those settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from tests.wakeword.little_engines import SECONDS_PER_TOKEN, write_kokoro, write_piper
from wakeword.errors import UsageError
from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.flite import Flite
from wakeword.synth.kokoro import Kokoro
from wakeword.synth.piper import Piper
from wakeword.synth.voice import SpeechEngine, SpeechEngineError, Utterance, VoiceSettings
from wakeword.synth.voices import EnginePaths, open_engines


def kokoro(folder: Path) -> SpeechEngine:
    write_kokoro(folder)
    return Kokoro(folder / "kokoro.onnx", folder / "voices")


ENGINES: dict[str, Callable[[Path], SpeechEngine]] = {
    "kokoro": kokoro,
    "piper": lambda folder: Piper(write_piper(folder)),
    "flite": lambda folder: Flite(),
    "espeak-ng": lambda folder: EspeakNg(),
}


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SpeechEngine:
    return ENGINES[request.param](tmp_path_factory.mktemp("engine"))


def settings(engine: SpeechEngine, seed: int, **changed: Any) -> VoiceSettings:
    drawn = engine.draw(np.random.default_rng(seed))
    return VoiceSettings(**{**vars(drawn), **changed})


def test_a_seed_always_draws_the_same_settings(engine: SpeechEngine) -> None:
    assert settings(engine, 1) == settings(engine, 1)
    assert len({repr(settings(engine, seed)) for seed in range(30)}) == 30
    assert len({settings(engine, seed).voice for seed in range(60)}) >= min(len(engine.voices), 20)


def test_drawn_settings_name_the_engine_and_voices_with_a_licence(engine: SpeechEngine) -> None:
    for seed in range(30):
        drawn = settings(engine, seed)
        assert drawn.engine == engine.name
        licenses = engine.licenses(drawn)
        assert licenses and set(licenses) <= set(engine.voices)
        assert all(licenses.values())
        assert "/" not in drawn.voice and " " not in drawn.voice


def test_speech_is_at_16_khz_and_loud_enough(engine: SpeechEngine) -> None:
    spoken = engine.speak(Utterance("alexa"), settings(engine, 0, speed=1.0, pitch=1.0))
    assert spoken.dtype == np.float32
    assert 0.3 < len(spoken) / SAMPLE_RATE < 2.0
    assert 0.05 < np.abs(spoken).max() <= 1.2


def test_speed_sets_the_length_at_any_pitch(engine: SpeechEngine) -> None:
    slow, fast, high = (
        len(engine.speak(Utterance("hey lumen"), settings(engine, 0, speed=speed, pitch=pitch)))
        for speed, pitch in ((0.9, 1.0), (1.2, 1.0), (1.2, 1.1))
    )
    assert fast == pytest.approx(slow * 0.9 / 1.2, rel=0.15)
    assert high == pytest.approx(fast, rel=0.08)


def test_an_engine_that_accepts_phonemes_speaks_them(engine: SpeechEngine) -> None:
    if not engine.accepts_phonemes:
        return
    drawn = settings(engine, 0, accent="en-us")
    word, phonemes = (engine.speak(utterance, drawn) for utterance in (Utterance("alexa"), Utterance("?", "ɐlˈɛksə")))
    assert len(phonemes) == pytest.approx(len(word), rel=0.05)


def test_kokoro_speaks_in_chosen_voices_and_blends_with_an_english_one(tmp_path: Path) -> None:
    engine = kokoro(tmp_path)
    assert engine.voices == ("af_heart", "am_adam", "bf_emma", "ff_siwis")
    drawn = [settings(engine, seed) for seed in range(200)]
    blends = [one for one in drawn if "+" in one.voice]
    assert 0.3 < len(blends) / len(drawn) < 0.7
    assert not [one for one in blends if one.voice.split("+")[1] == "ff_siwis"]
    assert {one.accent for one in drawn if one.voice.startswith("b")} == {"en-gb"}


def test_a_blend_lies_between_its_two_voices(tmp_path: Path) -> None:
    engine = kokoro(tmp_path)
    halfway = {"first": "af_heart", "second": "bf_emma", "weight": 0.75, "style": 5}
    spoken = engine.speak(Utterance("alexa"), settings(engine, 0, speed=1.0, pitch=1.0, engine_settings=halfway))
    pitch = np.abs(np.fft.rfft(spoken)).argmax() * SAMPLE_RATE / len(spoken)
    assert pitch == pytest.approx(0.75 * 200 + 0.25 * 300, abs=3)


def test_kokoro_gets_a_token_for_each_phoneme_and_two_of_silence(tmp_path: Path) -> None:
    engine = kokoro(tmp_path)
    spoken = engine.speak(
        Utterance("alexa"), settings(engine, 0, speed=1.0, pitch=1.0, punctuation=".", accent="en-us")
    )
    assert len(spoken) / SAMPLE_RATE == pytest.approx(SECONDS_PER_TOKEN * (len("əlˈɛksə.") + 2), abs=0.01)


def test_the_voices_of_kokoro_may_be_one_file(tmp_path: Path) -> None:
    write_kokoro(tmp_path)
    styles = {path.stem: np.fromfile(path, "<f4").reshape(510, 1, 256) for path in (tmp_path / "voices").iterdir()}
    with (tmp_path / "voices.bin").open("wb") as file:
        np.savez(file, **styles)  # type: ignore[arg-type]  # it takes `allow_pickle` for one of the arrays
    assert Kokoro(tmp_path / "kokoro.onnx", tmp_path / "voices.bin").voices == (
        "af_heart", "am_adam", "bf_emma", "ff_siwis",
    )  # fmt: skip


def test_a_text_that_is_too_long_for_kokoro_is_refused(tmp_path: Path) -> None:
    engine = kokoro(tmp_path)
    with pytest.raises(SpeechEngineError, match="too long for Kokoro"):
        engine.speak(Utterance("tomorrow " * 80), settings(engine, 0))


def test_every_speaker_of_a_piper_file_is_a_voice_with_the_licence_of_its_card(tmp_path: Path) -> None:
    engine = Piper(write_piper(tmp_path))
    assert engine.voices == tuple(f"en_US-little-medium-{number}" for number in range(3))
    drawn = settings(engine, 0)
    assert engine.licenses(drawn) == {drawn.voice: "CC0"}
    (tmp_path / "MODEL_CARD").unlink()
    assert "unknown" in next(iter(Piper(tmp_path).licenses(drawn).values()))


def test_voices_of_other_languages_are_ignored(tmp_path: Path) -> None:
    write_piper(tmp_path, "de_DE-little-medium", language="de")
    with pytest.raises(SpeechEngineError, match="no Piper voice for American English"):
        Piper(tmp_path)


@pytest.mark.parametrize("broken", ["kokoro.onnx", "voices/af_heart.bin"])
def test_a_damaged_file_of_kokoro_is_reported_in_one_line(tmp_path: Path, broken: str) -> None:
    write_kokoro(tmp_path)
    (tmp_path / broken).write_bytes(b"damaged")
    with pytest.raises(SpeechEngineError, match=str(tmp_path)) as error:
        Kokoro(tmp_path / "kokoro.onnx", tmp_path / "voices")
    assert "\n" not in str(error.value)


def test_a_model_that_is_not_kokoro_is_refused(tmp_path: Path) -> None:
    write_kokoro(tmp_path)
    write_piper(tmp_path / "piper")
    with pytest.raises(SpeechEngineError, match="is no Kokoro model: it lacks the inputs tokens, style and speed"):
        Kokoro(tmp_path / "piper" / "en_US-little-medium.onnx", tmp_path / "voices")


@pytest.fixture
def paths(tmp_path: Path) -> EnginePaths:
    return EnginePaths(tmp_path / "kokoro", tmp_path / "piper", tmp_path / "cache")


def test_installed_engines_are_opened_and_the_user_is_told_how_to_install_the_others(
    paths: EnginePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    warnings: list[str] = []
    assert [engine.name for engine in open_engines([], paths, warnings.append)] == ["espeak-ng"]
    assert [line.split(":")[0] for line in warnings] == [
        f"going on without {name}" for name in ("kokoro", "piper", "flite")
    ]
    assert "wakeword synth --fetch" in warnings[0]
    assert "apt install flite" in warnings[2]


def test_engines_are_found_at_their_paths(paths: EnginePaths) -> None:
    paths.kokoro.mkdir()
    write_kokoro(paths.kokoro)
    write_piper(paths.piper / "en" / "little")
    warnings: list[str] = []
    opened = open_engines([], paths, warnings.append)
    assert [engine.name for engine in opened] == ["kokoro", "piper", "flite", "espeak-ng"]
    assert warnings == []


def test_a_named_engine_must_be_installed(paths: EnginePaths) -> None:
    with pytest.raises(
        SpeechEngineError,
        match="holds no Kokoro model with its voices; download it \\(121 MB\\) by: wakeword synth --fetch",
    ):
        open_engines(["kokoro"], paths, print)
    with pytest.raises(UsageError, match="no engine 'siri'; choose from kokoro, piper, flite, espeak-ng"):
        open_engines(["siri"], paths, print)
