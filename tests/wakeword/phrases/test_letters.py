"""The language of a phrase, and phrases that its voices can't say: refused before anything is spoken."""

from __future__ import annotations

import pytest

from wakeword.errors import UsageError
from wakeword.phrases.language import EN_US, LANGUAGES
from wakeword.phrases.letters import can_say, check_phrase, language_named, language_of


@pytest.mark.parametrize(
    "phrase",
    ["hey lumen", "caf\u00e9", "cafe\u0301", "\u00d6l & Wasser", "don\u2019t", "100%", "R2-D2", "TV", "BBC"],
)
def test_latin_letters_marks_digits_and_abbreviations_are_english(phrase: str) -> None:
    assert language_of([phrase]) is EN_US
    check_phrase(phrase, EN_US)


@pytest.mark.parametrize(
    ("phrase", "foreign"),
    [
        ("\u65e5\u672c", "\u65e5\u672c"),
        ("hey \u043fete", "\u043f"),
        ("\uff28ey", "\uff28"),
        ("hey \u02bclumen", "\u02bc"),
    ],
)
def test_other_letters_are_refused_since_the_voices_name_them_one_by_one(phrase: str, foreign: str) -> None:
    assert EN_US.foreign_letters(phrase) == foreign
    with pytest.raises(UsageError, match=f"can't read '{foreign}' in .*wakeword record"):
        check_phrase(phrase, EN_US)


@pytest.mark.parametrize(
    ("code", "phrase"),
    [
        ("ko", "안녕"),
        ("ja", "こんにちは"),
        ("ja", "コンピューター"),
        ("hi", "नमस्ते"),
        ("el", "γεια σου"),
        ("he", "שלום"),
        ("ar", "مرحبا"),
        ("fa", "سلام پدر"),
        ("ru", "привет"),
        ("uk", "привіт"),
        ("uk", "гей п\u02bcять"),  # by the apostrophe of its orthography
        ("en-us", "привет hey"),  # no language has both
        ("en-us", "你好"),  # Chinese or Japanese
        ("en-us", "müde"),
        ("de", "weiß"),
        ("tr", "merhaba ışık"),
        ("tr", "İzmir"),
        ("en-us", "IGLOO"),  # whose capital I is no Turkish one
        ("pl", "Łódź"),
        ("cs", "dobré ráno, světlo"),
        ("hu", "erdő"),
        ("ro", "bună dimineața"),
        ("vi", "đèn"),
        ("vi", "XIN CHÀO Ạ"),
        ("en-us", "Łukasz ğ"),  # Polish and Turkish
    ],
)
def test_letters_tell_the_language_where_it_is_plain(code: str, phrase: str) -> None:
    language = language_of([phrase])
    assert language.code == code
    assert can_say(phrase, language) == (code != "en-us" or phrase in ("müde", "IGLOO", "Łukasz ğ"))


def test_one_phrase_s_letters_tell_the_language_of_all() -> None:
    assert language_of(["привет", "ґанок"]).code == "uk"
    assert language_of(["привет", "hey"]).code == "en-us"


@pytest.mark.parametrize(
    ("code", "phrase", "complaint"),
    [
        (
            "en-us",
            "你好",
            r"can't read '你好' in '你好'; give its language \(--language zh\), or say how it sounds \(in kana",
        ),
        ("en-us", "안녕", r"can't read '안녕' in '안녕'; give its language \(--language ko\)"),
        ("en-us", "Nguyễn", r"spell 'Nguyễn' in 'Nguyễn' letter by letter; give its language \(--language vi\)"),
        ("de", "xễn", "which speak German, spell 'xễn' in 'xễn' letter by letter"),
        ("vi", "ok google", "spell 'google' in 'ok google' letter by letter"),
        ("uk", "было", "spell 'было' in 'было' letter by letter; give its language .--language ru"),
        ("ja", "今日は", "can't read '今日' in '今日は'; say how it sounds in kana: --say '今日は=...'"),
        ("ja", "東京", "can't read '東京' in '東京'; say how it sounds in kana: --say"),
        ("en-us", "สวัสดี", "can't read 'สวัสดี' in 'สวัสดี'; say how"),
        (
            "en-us",
            "h\u0435y lumen",
            "can't read '\u0435' in .*, a cyrillic small letter ie among other letters; type it anew, or say how",
        ),
        ("ko", "hello", "which speak Korean, can't read 'hello'"),
        ("ru", "привет TV", "can't read 'TV' in 'привет TV'"),
        ("zh", "㐂", "which speak Mandarin Chinese, can't read '㐂'"),
        ("de", "?!", "there is nothing to say"),
    ],
)
def test_what_the_voices_of_a_language_can_t_say_is_refused_with_a_way_out(
    code: str, phrase: str, complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint) as refused:
        check_phrase(phrase, LANGUAGES[code])
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("code", "phrase"), [("it", "stasera online"), ("pl", "itd"), ("vi", "xin chào"), ("de", "Baby")]
)
def test_words_that_are_read_as_several_or_in_another_language_are_fine(code: str, phrase: str) -> None:
    check_phrase(phrase, LANGUAGES[code])


def test_a_language_has_the_names_that_people_give_it() -> None:
    names = {
        "de": "de", "pt_BR": "pt-br", "EN": "en-us", "zh-CN": "zh", "no": "nb", "de_DE.UTF-8": "de", "jp": "ja",
        "German": "de", "brazilian portuguese": "pt-br", "jpn": "ja", "iw": "he", "cz": "cs", "Mandarin": "zh",
    }  # fmt: skip
    assert {name: language_named(name).code for name in names} == names
    for unknown in ("tlh", "", "\x1b[31m"):
        with pytest.raises(
            UsageError, match=r"there is no language '.*'; choose from en-us, .* wakeword record"
        ) as told:
            language_named(unknown)
        assert str(told.value).isprintable()


def test_no_code_of_a_language_has_another_meaning() -> None:
    assert [language_named(code).code for code in LANGUAGES] == list(LANGUAGES)
