"""Pronunciations of phrases: --say."""

from __future__ import annotations

import pytest

from wakeword.errors import UsageError
from wakeword.phrases.inventory import check_ipa, inventory, pronounce, read_ipa
from wakeword.phrases.language import EN_US, LANGUAGES
from wakeword.phrases.lexicon import lexicon
from wakeword.phrases.negatives import MIN_EDIT_COST, HardNegative, hard_negatives, targets
from wakeword.phrases.phonemes import distance_within, phoneme_sequence, spell
from wakeword.phrases.spoken import AS_SPELT, Saying, spoken_as
from wakeword.synth.voice import takes


def test_a_phrase_is_said_as_it_is_spelt_or_in_each_way_that_is_given() -> None:
    spoken = spoken_as(["hey lumen", "nguyen"], EN_US, ["nguyen=win", "nguyen=/nˈuːjɛn/", "Nguyen=win"])
    assert spoken.sayings("hey lumen") == (Saying("hey lumen"),)
    assert spoken.sayings("nguyen") == (Saying("win"), Saying("nguyen", "nˈuːjɛn"))
    assert [(take.text, take.ipa) for take in takes("nguyen", spoken, 3)] == [
        ("win", ""), ("nguyen", "nˈuːjɛn"), ("win", ""),
    ]  # fmt: skip


def test_a_word_is_said_so_in_every_phrase() -> None:
    spoken = spoken_as(["hey nguyen", "bye nguyen"], EN_US, ["nguyen=win", "hey=/heɪ/"])
    assert spoken.sayings("bye nguyen") == (Saying("bye win"),)
    assert spoken.sayings("hey nguyen") == (Saying("hey nguyen", "heɪ wˈɪn"),)


def test_phrases_that_can_t_be_read_are_said_by_the_letters_that_can() -> None:
    spoken = spoken_as(["日本"], LANGUAGES["ja"], ["日本=にほん"])
    spoken.check(["日本"])
    assert spoken.reads("日本")
    assert targets(["日本"], spoken)[0].phonemes == ("n", "i", "h", "o̞", "ɴ")


@pytest.mark.parametrize(
    ("phrase", "option", "code"),
    [
        ("日本", "日本=にほん", "ja"),
        ("안녕", "안녕=annyeong", "en-us"),
        ("안녕", "안녕=/ˈɐnnjʌŋ/", "ko"),
        ("привет hey", "hey=хей", "ru"),
        ("привет 日本", "日本=/japan/", "ru"),
    ],
)
def test_the_letters_of_what_is_spoken_tell_the_language(phrase: str, option: str, code: str) -> None:
    assert spoken_as([phrase], None, [option]).language.code == code


def test_ways_of_words_multiply_up_to_a_bound() -> None:
    four = "hey hey hey hey"
    assert len(spoken_as([four], EN_US, ["hey=win", "hey=won"]).sayings(four)) == 16
    with pytest.raises(UsageError, match="would be said in 43,046,721 ways, of 20 at most; give fewer --say for it"):
        spoken_as([" ".join(["hey"] * 16)], EN_US, ["hey=win", "hey=won", "hey=wan", "hey=win"])


def test_the_words_whose_sound_is_not_given_must_be_read() -> None:
    with pytest.raises(UsageError, match="can't read 'привет' in 'привет'"):
        spoken_as(["nguyen привет"], EN_US, ["nguyen=win"])


@pytest.mark.parametrize(
    ("written", "read"),
    [("ˈt͡ʃiː.z", "ˈtʃiːz"), ("ʤʌʤ", "dʒʌdʒ"), ("'lu:mən", "ˈluːmən"), ("bɝd", "bɜːd"), ("  heɪ   ju ", "heɪ ju")],
)
def test_ipa_is_read_in_its_usual_variants(written: str, read: str) -> None:
    assert check_ipa(written, EN_US) == read


def test_ipa_may_stand_between_brackets() -> None:
    assert spoken_as(["nguyen"], EN_US, ["nguyen=[wɪn]"]) == spoken_as(["nguyen"], EN_US, ["nguyen=/wɪn/"])


def test_the_phoneme_that_is_named_as_near_is_one_of_the_same_manner() -> None:
    with pytest.raises(UsageError, match="'l', which is no phoneme of Russian; 'ɭ' is near"):
        check_ipa("lampa", LANGUAGES["ru"])


@pytest.mark.parametrize("name", ["pasa", "PASA", "pasa?", "ｐａｓａ"])
def test_the_name_of_a_word_may_have_other_cases_signs_and_widths(name: str) -> None:
    assert spoken_as(["¿qué pasa?"], LANGUAGES["es"], [f"{name}=posa"]).sayings("¿qué pasa?")[0].text == "¿qué posa"


@pytest.mark.parametrize(
    ("phrase", "name"), [("merhaba IŞIK", "ışık"), ("merhaba ışık", "IŞIK"), ("İzmir", "izmir"), ("izmir", "İZMİR")]
)
def test_the_capitals_of_turkish_name_the_same_word(phrase: str, name: str) -> None:
    (said,) = spoken_as([phrase], LANGUAGES["tr"], [f"{name}=ses"]).sayings(phrase)
    assert said.text == phrase.replace(phrase.split()[-1], "ses")


def test_words_of_turkish_that_differ_in_a_dot_are_two() -> None:
    spoken = spoken_as(["sınır", "sinir"], LANGUAGES["tr"], ["sinir=ses"])
    assert spoken.sayings("sınır") == (Saying("sınır"),)
    assert spoken.sayings("sinir") == (Saying("ses"),)


@pytest.mark.parametrize("code", ["de", "fr", "ru", "hi", "zh", "ko", "da"])
def test_the_ipa_that_show_prints_is_taken_back(code: str) -> None:
    language = LANGUAGES[code]
    for word in list(lexicon(language))[:300]:
        words = pronounce(word, language.accent)
        if set(phoneme_sequence(words)) <= inventory(language).names.keys():
            assert check_ipa(spell(words), language) == spell(words)


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ("nguyen", "--say 'nguyen' is no pair"),
        ("nguyen=", "is no pair"),
        ("=win", "is no pair"),
        ("nguyen=//", "is no pair"),
        ("lumen=win", "--say 'lumen' is none of the keywords, nor a word of one: nguyen"),
        ("nguyen=/ŋwyən/", "/ŋwyən/ has 'y', which is no phoneme of American English; 'iː' is near; it has p b t"),
        ("nguyen=/ˈ/", "/ˈ/ has no phoneme"),
        ("nguyen=你", "can't read '你' in '你'; .*--say 'nguyen=...'"),
        ("nguyen=/win", "--say 'nguyen=/win' has one slash; IPA stands between two"),
        ("nguyen=[ ]", "is no pair"),
    ],
)
def test_what_can_t_be_said_is_refused_in_one_line(option: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint) as refused:
        spoken_as(["nguyen"], EN_US, [option])
    assert "\n" not in str(refused.value)


def test_negatives_are_unlike_every_pronunciation() -> None:
    spoken = spoken_as(["nguyen"], EN_US, ["nguyen=win", "nguyen=/nˈuːjɛn/"])
    ways = targets(["nguyen"], spoken)
    negatives = hard_negatives("nguyen", 200, spoken=spoken)
    assert len(negatives) == 200
    for way in ways:
        near = [distance_within(way.phonemes, said) for said in map(_phonemes, negatives)]
        assert min(near) * len(way.phonemes) >= MIN_EDIT_COST
    texts = {negative.text for negative in negatives}
    assert {"wit", "union"} & texts
    assert not {"win", "wynn"} & texts


def _phonemes(negative: HardNegative) -> tuple[str, ...]:
    return phoneme_sequence(read_ipa(negative.ipa, "en-us") if negative.ipa else pronounce(negative.text, "en-us"))


def test_the_words_of_a_phrase_in_ipa_are_partial_phrases_in_ipa() -> None:
    spoken = spoken_as(["hey nguyen"], EN_US, ["hey nguyen=/heɪ wɪn/"])
    partial = {found.text: found.ipa for found in hard_negatives("hey nguyen", 200, spoken=spoken)}
    assert partial["nguyen"] == "wɪn" and partial["nguyen hey"] == "wɪn heɪ"


def test_a_model_file_tells_the_language_and_the_pronunciations() -> None:
    spoken = spoken_as(["nguyen"], EN_US, ["nguyen=win", "nguyen=/wɪn/"])
    assert spoken.provenance() == {"language": "en-us", "said": {"nguyen": ["win", "/wɪn/"]}}
    assert AS_SPELT.provenance() == {"language": "en-us"}
