"""Print what each language of `--language` has, as the table of docs/languages.md.

    python -m bench.languages [CODE ...]

The columns: voices of espeak-ng (accents and variants); Kokoro's voices of the language, and those of others that
speak it too; phonemes; words of the lexicon; of 3,000 frequent words in the language's letters, those that are refused
because the voices would spell them out; hard negatives found of 400 wanted, of one phrase; and how long frequent words
last when they are spoken from their phonemes, as hard negatives are, in comparison with their spelling.
"""

from __future__ import annotations

import argparse

import numpy as np

from wakeword.errors import WakewordError
from wakeword.phrases.espeak import espeak
from wakeword.phrases.inventory import in_espeak_notation, inventory, pronounce
from wakeword.phrases.language import LANGUAGES, Language
from wakeword.phrases.letters import can_say, check_phrase
from wakeword.phrases.lexicon import lexicon
from wakeword.phrases.negatives import hard_negatives
from wakeword.phrases.phonemes import INVENTORY
from wakeword.phrases.spoken import Spoken
from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.kokoro import Kokoro
from wakeword.synth.voices import default_paths, open_engines

PHRASES = {
    "en-us": "hey lumen", "en-gb": "hey lumen", "de": "hallo lampe", "fr": "bonjour lumière", "es": "hola lámpara",
    "it": "ciao lampada", "nl": "hallo lamp", "pt-br": "olá lâmpada", "pt": "olá lâmpada", "pl": "cześć lampo",
    "cs": "ahoj lampo", "sk": "ahoj lampa", "sv": "hej lampan", "da": "hej lampe", "nb": "hei lampe",
    "fi": "hei lamppu", "hu": "szia lámpa", "ro": "salut lampă", "ca": "hola llum", "tr": "merhaba lamba",
    "vi": "xin chào đèn",
    "id": "halo lampu", "ru": "привет лампа", "uk": "привіт лампо", "bg": "здравей лампа", "el": "γεια σου λάμπα",
    "he": "שלום מנורה", "ar": "مرحبا مصباح", "fa": "سلام چراغ", "hi": "नमस्ते दीपक", "bn": "হ্যালো বাতি",
    "ta": "வணக்கம் விளக்கு", "ko": "안녕 램프", "ja": "こんにちは ランプ", "zh": "你好小灯",
}  # fmt: skip

_WANTED = 400  # hard negatives
_FREQUENT = 3_000
_SPOKEN = 40  # words, of the more frequent half of a thousand
_HEAD = "| `--language` | espeak-ng | Kokoro | phonemes | words | refused | hard negatives | length |"


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("codes", nargs="*", metavar="CODE", choices=[[], *LANGUAGES])
    print(f"{_HEAD}\n|{'---|' * _HEAD.count(' | ')}---|")
    for code in parser.parse_args().codes or LANGUAGES:
        print(row(LANGUAGES[code], PHRASES[code]), flush=True)


def row(language: Language, phrase: str) -> str:
    """Return the line of a language. Raises UsageError if the phrase can't be said."""
    check_phrase(phrase, language)
    found = hard_negatives(phrase, _WANTED, spoken=Spoken(language))
    columns = [
        f"`{language.code}`",
        f"{len(language.accents)} × {len(EspeakNg(language).voices) // len(language.accents)}",
        _kokoro(language),
        str(len(INVENTORY if language.is_english else inventory(language).names)),
        f"{len(lexicon(language)):,}",
        str(_refused(language)),
        f"{phrase}: {len(found)}",
        f"{_length(language):.2f}",
    ]
    return f"| {' | '.join(columns)} |"


def _kokoro(language: Language) -> str:
    """Return the number of Kokoro's own voices and of the others; "none" if it can't speak the language."""
    try:
        (engine,) = open_engines(["kokoro"], default_paths(), print, language)
    except WakewordError:
        return "none"
    assert isinstance(engine, Kokoro)
    return f"{len(engine.own)} + {len(engine.guests)}"


def _refused(language: Language) -> int:
    from wordfreq import top_n_list

    return sum(language.reads(word) and not can_say(word, language) for word in top_n_list(language.lexicon, _FREQUENT))


def _length(language: Language) -> float:
    """Return the median of a word's length when its phonemes are spoken, in comparison with its letters."""
    frequent = sorted(list(lexicon(language))[:500], key=len)[-_SPOKEN:]
    lengths = []
    for word in frequent:
        phonemes = in_espeak_notation(pronounce(word, language.accent), language.accent)
        spelt, spoken = (
            espeak().speak(text, accent=language.accent, phonemes=text is phonemes) for text in (word, phonemes)
        )
        lengths.append(len(spoken) / len(spelt))
    return float(np.median(lengths))


if __name__ == "__main__":
    main()
