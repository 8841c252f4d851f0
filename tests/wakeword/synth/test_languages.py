"""Languages other than English: the engines, voices and notations that speak them; --language, --say and --show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.wakeword.little_engines import KOKORO_VOICES, write_kokoro, write_piper
from tests.wakeword.terminal import refusal, wakeword
from wakeword.phrases.inventory import inventory, pronounce
from wakeword.phrases.language import EN_US, LANGUAGES
from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.folder import PROVENANCE
from wakeword.synth.kokoro import Kokoro
from wakeword.synth.kokoro_notation import TOKENS, UNSPEAKABLE, kokoro_notation
from wakeword.synth.piper import Piper
from wakeword.synth.synthesizer import Synthesizer
from wakeword.synth.voice import SpeechEngineError, Utterance
from wakeword.synth.voices import EnginePaths, open_engines


@pytest.mark.parametrize(
    ("accent", "text", "spelt"),
    [
        ("de", "zwei Tschechen", "tsvˈaɪ tʃˈɛçən"),
        ("fr", "bon vin", "bˈɔ̃ vˈɛ̃"),
        ("it", "gnocchi", "ɲˈokːɪ"),
        ("cs", "řeka", "rʒˈeka"),
        ("ja", "すし ちゃ", "sɨɕi ʨa"),
        ("zh", "小爱同学", "ɕjau↓ai↘tʰʊŋ↗ɕɥe↗"),
        ("en-gb", "no car", "nˈQ kˈɑː"),
    ],
)
def test_kokoro_has_a_notation_for_each_language(accent: str, text: str, spelt: str) -> None:
    joined = str.maketrans({"ʦ": "ts", "ʧ": "tʃ", "I": "aɪ"})
    assert kokoro_notation(pronounce(text, accent), accent).translate(joined) == spelt


@pytest.mark.parametrize("code", ["de", "fr", "es", "hi", "ru", "ko", "zh"])
def test_every_phoneme_keeps_a_letter_in_kokoro_s_notation(code: str) -> None:
    language = LANGUAGES[code]
    for phoneme in inventory(language).names:
        spelt = kokoro_notation(((phoneme,),), language.accent)
        assert any(map(str.isalpha, spelt)) and set(spelt) <= TOKENS.keys(), phoneme


def test_kokoro_speaks_with_the_language_s_voices_and_with_those_that_speak_others(tmp_path: Path) -> None:
    folder = write_kokoro(tmp_path)
    french, german = (Kokoro(folder / "kokoro.onnx", folder / "voices", LANGUAGES[code]) for code in ("fr", "de"))
    drawn = [french.draw(np.random.default_rng(seed)) for seed in range(60)]
    assert {settings.accent for settings in drawn} == {"fr", "fr-be", "fr-ch"}
    assert all("ff_siwis" in settings.voice for settings in drawn if "+" in settings.voice)
    assert 10 < sum(settings.voice == "ff_siwis" for settings in drawn) < 50
    assert set(german.voices) == set(KOKORO_VOICES) - {"zm_yunxia"}
    assert german.share < french.share
    assert german.version != Kokoro(folder / "kokoro.onnx", folder / "voices").version  # so clips are made anew
    assert len(german.speak(Utterance("guten Tag"), german.draw(np.random.default_rng(0)))) > 4000


def test_piper_speaks_with_the_voices_of_the_language(tmp_path: Path) -> None:
    write_piper(tmp_path, "de_DE-little", speakers=2, language="de")
    write_piper(tmp_path, "en_US-little", speakers=3)
    german = Piper(tmp_path, LANGUAGES["de"])
    assert german.voices == ("de_DE-little-0", "de_DE-little-1")
    assert german.draw(np.random.default_rng(0)).accent == "de"
    assert Piper(tmp_path, EN_US).voices == tuple(f"en_US-little-{number}" for number in range(3))
    with pytest.raises(SpeechEngineError, match="no Piper voice for Polish"):
        Piper(tmp_path, LANGUAGES["pl"])


def test_piper_gets_no_marks_of_another_language(tmp_path: Path) -> None:
    engine = Piper(write_piper(tmp_path, language="de"), LANGUAGES["de"])
    drawn = engine.draw(np.random.default_rng(0))
    marked, plain = (len(engine.speak(utterance, drawn)) for utterance in (Utterance("Baby"), Utterance("", "bˈeɪbi")))
    assert marked == plain


def test_espeak_ng_speaks_every_language_s_phonemes(tmp_path: Path) -> None:
    for code in ("de", "ko", "zh"):
        language = LANGUAGES[code]
        text = {"de": "zwei", "ko": "안녕", "zh": "你好"}[code]
        ipa = "".join("".join(word) for word in pronounce(text, language.accent))
        clips = Synthesizer([EspeakNg(language)], tmp_path).synthesize([Utterance(text), Utterance("", ipa)])
        assert {clip.settings.accent for clip in clips} == {code}
        assert [clip.phonemes for clip in clips] == [clips[0].phonemes] * 2


def test_an_engine_without_voices_for_a_language_is_passed_over_in_silence_or_refused_by_name(tmp_path: Path) -> None:
    paths = EnginePaths(write_kokoro(tmp_path), tmp_path / "none", tmp_path)
    warnings: list[str] = []
    opened = open_engines([], paths, warnings.append, LANGUAGES["ar"])
    assert [engine.name for engine in opened] == ["espeak-ng"]
    assert [line.split(":")[0] for line in warnings] == ["going on without piper"]
    for name in ("flite", "kokoro"):
        with pytest.raises(SpeechEngineError, match=f"{name} .* Arabic; leave it out by --engine"):
            open_engines([name], paths, print, LANGUAGES["ar"])
    assert set(UNSPEAKABLE) <= LANGUAGES.keys()


@pytest.fixture
def espeak_alone(tmp_path: Path) -> Mapping[str, str]:
    return {"XDG_CACHE_HOME": str(tmp_path / "home")}


def test_clips_and_sentences_are_spoken_in_a_language(tmp_path: Path, espeak_alone: Mapping[str, str]) -> None:
    for arguments in (("안녕",), ("--without", "안녕")):
        done = wakeword(
            "synth", *arguments, "--count", "3", "--engine", "espeak-ng", "--out", tmp_path, environment=espeak_alone
        )
        assert done.returncode == 0, done.stderr
    assert {line["accent"] for folder in ("안녕", "sentences") for line in lines(tmp_path / folder)} == {"ko"}
    assert not any(LANGUAGES["ko"].foreign_letters(line["phrase"]) for line in lines(tmp_path / "sentences"))


def test_composed_and_decomposed_letters_give_the_same_clips(tmp_path: Path, espeak_alone: Mapping[str, str]) -> None:
    for number, phrase in enumerate(("caf\u00e9", "cafe\u0301")):
        wakeword(
            "synth", phrase, "--count", "2", "--engine", "espeak-ng", "--out", tmp_path / str(number),
            environment=espeak_alone,
        )  # fmt: skip
    one, other = (lines(tmp_path / str(number) / "caf\u00e9") for number in range(2))
    assert one == other and one[0]["phonemes"].startswith("k")


def test_a_pronunciation_is_shown_and_spoken_by_each_engine(tmp_path: Path, espeak_alone: Mapping[str, str]) -> None:
    done = wakeword(
        "synth", "--show", "hey nguyen", "--say", "nguyen=win", "--say", "hey=/heɪ/", "--engine", "espeak-ng,flite",
        "--out", tmp_path / "out", environment=espeak_alone,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "hey nguyen, in American English: /heɪ wˈɪn/"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["hey nguyen-1-espeak-ng.flac"]  # flite reads no IPA


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["synth", "你好", "--out", "x"], "can't read '你好' in '你好'; give its language (--language zh)"),
        (["train", "--keywords", "Nguyễn", "--language", "en"], "spell 'Nguyễn' in 'Nguyễn' letter by letter"),
        (["train", "--keywords", "안녕", "--language", "de"], "give its language (--language ko)"),
        (["train", "--keywords", "google12", "--language", "de"], "the words of google12 are English"),
        (["train", "--keywords", "ja", "--language", "tlh"], "there is no language 'tlh'; choose from en-us"),
        (["synth", "nguyen", "--say", "win", "--out", "x"], "--say 'win' is no pair"),
        (["synth", "--without", "ja", "--show"], "--show is for phrases; leave out --without"),
    ],
)
def test_what_can_t_be_said_is_refused_before_anything_is_spoken(
    tmp_path: Path,
    espeak_alone: Mapping[str, str],
    arguments: list[str],
    complaint: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert complaint in refusal(wakeword(*arguments, environment=espeak_alone))


def lines(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / PROVENANCE).read_text("utf-8").splitlines()]
