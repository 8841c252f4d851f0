"""Keyword sets have the classes of their preset, or those of a list of words."""

from dataclasses import replace

import pytest

from wakeword.data.keywords import SILENCE, UNKNOWN, KeywordSet, folder_name, in_speech_commands, keyword_set, matching
from wakeword.errors import UsageError
from wakeword.text import unprintable


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


@pytest.mark.parametrize("spec", ["google12", "google30", "hey lumen,stop"])
def test_a_model_s_labels_tell_its_set(spec: str) -> None:
    keywords = keyword_set(spec)
    assert KeywordSet.of_labels(keywords.labels) == replace(keywords, name=",".join(keywords.words))


@pytest.mark.parametrize("spec", ["", "yes,,no", "yes,yes", "_silence_", "../yes", "yes,_background_noise_"])
def test_an_empty_doubled_or_reserved_word_is_refused(spec: str) -> None:
    with pytest.raises(UsageError):
        keyword_set(spec)


@pytest.mark.parametrize(
    ("word", "fault"),
    [
        ("hey/lumen", "a slash, which the name of a folder can't; write it as it is spoken: 'hey lumen'?"),
        ("hey \\ lumen", "a slash, which the name of a folder can't; write it as it is spoken: 'hey lumen'?"),
        ("_x", "begins with '_', as folders do that hold no word; leave that out"),
        ("...", "begins with '.', as folders do that hold no word; leave that out"),
        ("hey\x01lumen", "the character U+0001, which can't be seen; type it anew"),
        ("hey\u200blumen", "the character U+200B ZERO WIDTH SPACE, which can't be seen; type it anew"),
        ("h\udcffy", "the character U+DCFF, which can't be seen; type it anew"),
        ("x" * 201, "longer than 200 bytes; give a shorter one"),
        ("\u0e2a" * 67, "longer than 200 bytes; give a shorter one"),
        ("?" * 100 + "x", "longer than 200 bytes; give a shorter one"),  # its folder would be
        ("hey \U0001f44b", "the picture U+1F44B WAVING HAND SIGN; write what is said instead"),
        ("\U0001f916", "the picture U+1F916 ROBOT FACE; write what is said instead"),
        ("?!", "no letter; write what is said"),
    ],
)
def test_a_word_that_can_name_no_folder_or_label_is_refused_with_what_is_wrong_with_it(word: str, fault: str) -> None:
    with pytest.raises(UsageError) as refusal:
        keyword_set(f"yes,{word}")
    assert str(refusal.value).endswith(fault)
    assert str(refusal.value).isprintable() and len(str(refusal.value)) < 160


@pytest.mark.parametrize(
    "word", ["what's up?", "what`s up", "what\u00b4s up", "C++", "50%", "caf\u00e9", "\u65e5\u672c", "a" * 200]
)
def test_any_other_word_is_a_keyword_that_a_model_can_hold(word: str) -> None:
    assert keyword_set(word).words == (word,)
    assert not unprintable(word)


def test_spaces_of_any_kind_are_one_space() -> None:
    assert keyword_set(" hey\n \tlumen,hi\u00a0there").words == ("hey lumen", "hi there")


def test_letters_of_other_widths_are_kept_in_their_usual_one() -> None:
    assert keyword_set("ｈｅｙ　ﾗﾝﾌﾟ,ﾊﾞ，４２！").words == ("hey ランプ", "バ，42！")


def test_capitals_of_turkish_are_no_second_word() -> None:
    for words in ("IŞIK,ışık", "ışık,IŞIK", "İzmir,izmir"):
        with pytest.raises(UsageError, match="are spellings of one word"):
            keyword_set(words)


def test_words_of_turkish_that_differ_in_a_dot_are_two() -> None:
    words = keyword_set("sınır,sinir").words
    assert [matching(name, words) for name in ("sınır", "sinir", "Sinir")] == ["sınır", "sinir", "sinir"]
    assert matching("sınır", ["sinir"]) is None


@pytest.mark.parametrize(
    ("folder", "word"),
    [
        ("hey_lumen", "hey lumen"),
        ("Hey Lumen", "hey lumen"),
        ("HEY-LUMEN", "hey lumen"),
        ("hey  lumen", "hey lumen"),
        ("cafe\u0301", "caf\u00e9"),
        ("caf\u00e9", "cafe\u0301"),
        ("stop", "Stop"),
        ("what's_up", "what\u2019s up"),
        ("what_s_up", "what's up"),
        ("what%27s up", "what's up"),
        ("okay computer", "okay, computer!"),
        ("stra\u00dfe", "STRASSE"),
        ("\u01c6", "\u01c4"),
        ("i\u0307stanbul", "\u0130stanbul"),
        ("istanbul", "\u0130stanbul"),
        ("\u0131\u015f\u0131k", "I\u015eIK"),  # capitals of Turkish
        ("I\u015eIK", "\u0131\u015f\u0131k"),
        ("\uff59\uff45\uff53", "yes"),  # full width
        ("\uff8a\uff9b\uff70", "\u30cf\u30ed\u30fc"),  # half width
        ("\u30d5\u309a\u30ea\u30f3", "\u30d7\u30ea\u30f3"),  # a mark apart
        ("\u1112\u1161\u11ab", "\ud55c"),  # a syllable's letters
        ("\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03cc\u03c2".replace("\u03cc", "\u03bf")),  # both forms of sigma
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645"),  # a joiner
        ("\u200f\u05e9\u05dc\u05d5\u05dd\u200f", "\u05e9\u05dc\u05d5\u05dd"),  # marks of direction, as pasted
        ("\u4f60\u597d \u5c0f\u660e", "\u4f60\u597d\u3001\u5c0f\u660e\uff01"),
    ],
)
def test_a_folder_in_another_spelling_is_the_keyword(folder: str, word: str) -> None:
    assert matching(folder, ["other", word]) == word
    assert KeywordSet("", (word,)).label_of(folder) == word


@pytest.mark.parametrize("folder", ["lumen", "hey", "hey lumens", "_unknown_", "%", "", "\udce9", "hey%2"])
def test_a_folder_of_another_word_is_unknown(folder: str) -> None:
    assert matching(folder, ["hey lumen"]) is None
    assert keyword_set("hey lumen").label_of(folder) == UNKNOWN


def test_reserved_folders_are_their_labels_in_any_case() -> None:
    assert keyword_set("yes").label_of("_Silence_") == SILENCE
    assert keyword_set("unknown").label_of("_unknown_") == UNKNOWN


@pytest.mark.parametrize(
    "word",
    ["hey lumen", "what's up?", "a/b", "..", "CON", "_x", ".x", "50%", "%41", "x.", "a\0b", "é", "COM\u00b9", "conin$"],
)
def test_the_folder_of_a_word_is_a_safe_name_that_leads_back_to_it(word: str) -> None:
    name = folder_name(word)
    assert not set(name) & set('<>:"/\\|?*\0') and name[0] not in "._ " and name[-1] not in ". "
    assert name.lower() not in ("con", "com\u00b9", "conin$")
    assert matching(name, ["other", word]) == word


def test_two_spellings_of_a_word_are_refused_and_accents_are_composed() -> None:
    with pytest.raises(UsageError, match="'Stop' and 'stop' are spellings of one word"):
        keyword_set("Stop,stop")
    assert keyword_set("cafe\u0301").words == ("caf\u00e9",)


def test_presets_and_words_of_speech_commands_are_known_in_any_case() -> None:
    assert keyword_set("Google12") == keyword_set("google12")
    assert in_speech_commands(["Stop", "GO"]) and not in_speech_commands(["Stop", "computer"])


def test_files_of_a_set_are_named_by_its_words_as_far_as_a_name_has_room() -> None:
    assert keyword_set("google12").file_name == "google12"
    assert keyword_set("hey lumen, stop").file_name == "hey lumen-stop"
    assert keyword_set("what's up?").file_name == "what's up%3F"
    first, second = (keyword_set(",".join(f"{word}{n}" for n in range(30))).file_name for word in ("नमस्ते", "नमस्ती"))
    assert len(first.encode()) < 170 and first.startswith("नमस्ते0-नमस्ते1-") and first != second
