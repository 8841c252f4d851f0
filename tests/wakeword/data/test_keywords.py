"""Keyword sets have the classes of their preset, or those of a list of words."""

import pytest

from wakeword.data.keywords import SILENCE, UNKNOWN, keyword_set
from wakeword.errors import UsageError


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
    with pytest.raises(UsageError):
        keyword_set(spec)
