"""How the words of Speech Commands are spoken, in the phoneme notation of the Kokoro voices.

The notation is IPA with single letters for the diphthongs of "eight" (A), "five" (I), American "no" (O),
British "no" (Q) and "house" (W). Every word has an American and a British pronunciation; stress marks are
primary, because a command is said on its own. The exception is "up": stressed, its p is released with a burst
that few speakers make.
"""

from __future__ import annotations

TOKENS = {
    " ": 16, ",": 3, ".": 4, "!": 5, "?": 6, "ˈ": 156, "ː": 158,
    "A": 24, "I": 25, "O": 31, "Q": 33, "W": 39, "ᵊ": 42,
    "a": 43, "i": 51, "u": 63, "ɑ": 69, "ɒ": 71, "æ": 72, "ɔ": 76, "ə": 83, "ɛ": 86, "ɜ": 87, "ɪ": 102,
    "ʊ": 135, "ʌ": 138,
    "b": 44, "d": 46, "f": 48, "h": 50, "j": 52, "k": 53, "l": 54, "m": 55, "n": 56, "p": 58, "s": 61,
    "t": 62, "v": 64, "w": 65, "z": 68, "ð": 81, "ɡ": 92, "θ": 119, "ɹ": 123, "ʃ": 131, "ʒ": 147,
}  # fmt: skip
"""Token id of each phoneme, as the model was trained with them (the symbols that English needs)."""

AMERICAN_AND_BRITISH = {
    "backward": ("bˈækwəɹd", "bˈakwəd"),
    "bed": ("bˈɛd", "bˈɛd"),
    "bird": ("bˈɜɹd", "bˈɜːd"),
    "cat": ("kˈæt", "kˈat"),
    "dog": ("dˈɔɡ", "dˈɒɡ"),
    "down": ("dˈWn", "dˈWn"),
    "eight": ("ˈAt", "ˈAt"),
    "five": ("fˈIv", "fˈIv"),
    "follow": ("fˈɑlO", "fˈɒlQ"),
    "forward": ("fˈɔɹwəɹd", "fˈɔːwəd"),
    "four": ("fˈɔɹ", "fˈɔː"),
    "go": ("ɡˈO", "ɡˈQ"),
    "happy": ("hˈæpi", "hˈapi"),
    "house": ("hˈWs", "hˈWs"),
    "learn": ("lˈɜɹn", "lˈɜːn"),
    "left": ("lˈɛft", "lˈɛft"),
    "marvin": ("mˈɑɹvɪn", "mˈɑːvɪn"),
    "nine": ("nˈIn", "nˈIn"),
    "no": ("nˈO", "nˈQ"),
    "off": ("ˈɔf", "ˈɒf"),
    "on": ("ˈɔn", "ˈɒn"),
    "one": ("wˈʌn", "wˈʌn"),
    "right": ("ɹˈIt", "ɹˈIt"),
    "seven": ("sˈɛvən", "sˈɛvᵊn"),
    "sheila": ("ʃˈilə", "ʃˈiːlə"),
    "six": ("sˈɪks", "sˈɪks"),
    "stop": ("stˈɑp", "stˈɒp"),
    "three": ("θɹˈi", "θɹˈiː"),
    "tree": ("tɹˈi", "tɹˈiː"),
    "two": ("tˈu", "tˈuː"),
    "up": ("ʌp", "ʌp"),
    "visual": ("vˈɪʒəwəl", "vˈɪʒʊəl"),
    "wow": ("wˈW", "wˈW"),
    "yes": ("jˈɛs", "jˈɛs"),
    "zero": ("zˈɪɹO", "zˈɪəɹQ"),
}


def pronounce(word: str, *, british: bool) -> str:
    """Phonemes of `word` in a British or an American accent; ValueError for a word that is not listed."""
    if word not in AMERICAN_AND_BRITISH:
        raise ValueError(f"no pronunciation of {word!r} is known: add it to {__file__}")
    return AMERICAN_AND_BRITISH[word][british]


def token_ids(phonemes: str) -> list[int]:
    """The model's token for each phoneme, one for one."""
    return [TOKENS[phoneme] for phoneme in phonemes]
