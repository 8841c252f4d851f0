"""The bench of languages has a phrase of each that its voices can say, and a row of figures."""

from __future__ import annotations

from bench.languages import PHRASES, row
from wakeword.phrases.language import LANGUAGES
from wakeword.phrases.letters import can_say, language_of


def test_each_language_has_a_phrase_that_its_voices_can_say() -> None:
    assert list(PHRASES) == list(LANGUAGES)
    assert [code for code, phrase in PHRASES.items() if not can_say(phrase, LANGUAGES[code])] == []
    told = {code for code, phrase in PHRASES.items() if language_of([phrase]).code == code}
    assert told == {"en-us", "pl", "vi", "ru", "uk", "el", "he", "ar", "fa", "hi", "bn", "ta", "ko", "ja"}


def test_a_row_counts_voices_phonemes_words_and_hard_negatives() -> None:
    columns = row(LANGUAGES["cs"], PHRASES["cs"]).strip("| ").split(" | ")
    assert columns[:2] == ["`cs`", "1 × 86"]
    phonemes, words, refused = (int(column.replace(",", "")) for column in columns[3:6])
    assert 30 < phonemes < 60 and words > 10_000 and refused == 0
    assert columns[6] == "ahoj lampo: 400"
    assert 0.9 < float(columns[7]) < 1.1
