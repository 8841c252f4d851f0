"""Bind espeak-ng, from the espeakng-loader wheel: it transcribes text to phonemes and synthesizes speech by formants.

The functions are those of espeak-ng's speak_lib.h, called by ctypes. The library has one global state, so a lock
serializes the calls of several threads.
"""

from __future__ import annotations

import ctypes
import re
import threading
import unicodedata
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from wakeword.errors import DataError, UsageError
from wakeword.phrases.ipa import features
from wakeword.phrases.language import TONAL, VOICES

_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: espeak_Synth passes all samples to the callback, then returns
_DONT_EXIT = 0x8000  # if the data is missing, return an error instead of exiting
_UTF8, _PHONEMES = 0x1, 0x100
_NAMES, _IPA = 0x0, 0x2  # notations of phonemes
_BETWEEN = "\x1f"  # phonemes
_SWITCH = re.compile(r"\([a-z0-9-]+\)")  # marks that the next words are read in another language
_PAUSE, _CODE = "_|", 4  # the name of a short pause; the least number of them in the code of a character
_TONE = re.compile(r"\d+$")  # in a name
# What the library writes in ASCII, where IPA has a letter.
_LETTERS = {
    "s.": "ʂ", "z.": "ʐ", "r.": "ɽ", "t.": "ʈ", "d.": "ɖ", "n.": "ɳ", "l.": "ɭ", "i.": "ɨ",
    "a.": "aˤ", "u.": "uˤ", "?": "ʔ",
}  # fmt: skip
_JOINED = (";", "_j")  # names that change the phoneme before
_RATE, _PITCH, _RANGE = 1, 3, 4
_SLOWEST, _FASTEST = 80, 450  # words a minute
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Phone(NamedTuple):
    """A phoneme: in IPA, with its stress mark in front, and by espeak-ng's own name, or "" if that is not known."""

    ipa: str
    name: str


class Espeak:
    """The loaded library. Call `espeak()` to get it; a process holds only one."""

    def __init__(self, library: str, data: str) -> None:
        """Load the library and its data folder. Raises DataError if the data is missing."""
        self._lock = threading.Lock()
        self._transcribes = ""  # the accent that is set, if the last call was to transcribe
        self._data = Path(data)
        self._lib = ctypes.CDLL(library)
        self._lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._lib.espeak_Info.restype = ctypes.c_char_p
        self.rate: int = self._lib.espeak_Initialize(_SYNCHRONOUS, 0, data.encode(), _DONT_EXIT)
        if self.rate <= 0:
            raise DataError(
                f"espeak-ng finds no data in {data}; install it again: pip install --force-reinstall espeakng-loader"
            )
        self._blocks: list[npt.NDArray[np.int16]] = []
        self._callback = _CALLBACK(self._receive)  # referenced here, because the library holds no reference
        self._lib.espeak_SetSynthCallback(self._callback)
        # Makes the synthesizer know a voice. Without one, the library may crash if a variant of Klatt's synthesizer is
        # the first to speak after transcriptions. A space changes nothing of what is spoken later.
        self.speak(" ")

    @cached_property
    def version(self) -> str:
        """Return the version of the library."""
        return str(self._lib.espeak_Info(None).decode())

    @cached_property
    def variants(self) -> tuple[str, ...]:
        """Return the names of the variants that change any voice (`f3`, `Alicia`)."""
        return tuple(sorted(path.name for path in (self._data / "voices" / "!v").iterdir()))

    def transcribe(self, text: str, accent: str = "en-us") -> str:
        """Transcribe a text to IPA in one of `VOICES`, with stress marks and spaces between words.

        Marks tell where the text is read in another language: "(ko)ˈɐnnjʌŋ(en-us)".

        Raises:
            UsageError: the text contains nothing that can be pronounced.
        """
        ipa = " ".join(" ".join(self._clauses(text, accent, _IPA)).split())
        if not ipa:
            raise UsageError(f"there is nothing to say in {text!r}; write it in words")
        return ipa

    def phones(self, text: str, accent: str) -> list[list[Phone]]:
        """Return the phonemes of each word of a text; marks of another language are left out."""
        separator = ord(_BETWEEN) << 8
        both = [self._clauses(text, accent, notation | separator) for notation in (_IPA, _NAMES)]
        words = []
        for ipa, names in zip(*both, strict=True):
            ipa_words, name_words = ipa.split(" "), names.split(" ")
            if len(ipa_words) != len(name_words):
                name_words = [""] * len(ipa_words)
            words += [_phones(*pair) for pair in zip(ipa_words, name_words, strict=True)]
        if accent in TONAL:
            words = [[Phone(_with_tone(*phone), phone.name) for phone in word] for word in words]
        return [word for word in words if word]

    def names_codes(self, text: str, accent: str) -> bool:
        """Tell whether a text has a character that is spoken as its code: "letter one, E, C, five"."""
        names = "".join(self._clauses(text, accent, _NAMES | ord(_BETWEEN) << 8))
        return names.split(_BETWEEN).count(_PAUSE) >= _CODE

    def _clauses(self, text: str, accent: str, notation: int) -> list[str]:
        with self._lock:
            if self._transcribes != accent:  # it takes some milliseconds
                self._set_voice(VOICES[accent])
                self._transcribes = accent
            rest = ctypes.c_char_p(text.encode())
            clauses = []
            while rest.value is not None:
                clause = self._lib.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, notation)
                clauses.append((clause or b"").decode())
        return clauses

    def speak(
        self,
        text: str,
        *,
        accent: str = "en-us",
        variant: str = "",
        words_per_minute: float = 175,
        pitch: float = 50,
        pitch_range: float = 50,
        phonemes: bool = False,
    ) -> npt.NDArray[np.int16]:
        """Synthesize speech: int16 (samples,) at `rate`.

        pitch, pitch_range: 0 to 100. phonemes: the text is phonemes in espeak-ng's own notation.
        """
        with self._lock:
            self._transcribes = ""
            self._set_voice(f"{VOICES[accent]}+{variant}" if variant else VOICES[accent])
            self._lib.espeak_SetParameter(_RATE, round(min(max(words_per_minute, _SLOWEST), _FASTEST)), 0)
            self._lib.espeak_SetParameter(_PITCH, round(pitch), 0)
            self._lib.espeak_SetParameter(_RANGE, round(pitch_range), 0)
            data = (f"[[{text}]]" if phonemes else text).encode()
            flags = _UTF8 | (_PHONEMES if phonemes else 0)
            self._blocks.clear()
            self._lib.espeak_ng_SetRandSeed(ctypes.c_long(0))  # of the breath in some voices; else it is the time
            self._lib.espeak_Synth(data, len(data) + 1, 0, 1, 0, flags, None, None)
            return np.concatenate([np.empty(0, np.int16), *self._blocks])

    def _set_voice(self, name: str) -> None:
        if self._lib.espeak_SetVoiceByName(name.encode()) != 0:
            raise DataError(f"espeak-ng has no voice {name!r}; update it: pip install -U espeakng-loader")

    def _receive(self, samples: ctypes._Pointer[ctypes.c_short], count: int, events: int | None) -> int:
        if samples and count > 0:
            self._blocks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0  # continue


def without_switches(ipa: str) -> str:
    """Return a transcription without the marks of other languages."""
    return _SWITCH.sub("", ipa)


def _phones(ipa: str, names: str) -> list[Phone]:
    """Return the phonemes of a word, given in both notations; pauses and what is no phoneme are left out."""
    symbols, named = ipa.split(_BETWEEN), [""]
    for name in names.split(_BETWEEN):
        if name in _JOINED:
            named[-1] += name
        else:
            named.append(name)
    known = len(named) == len(symbols) + 1 and not _SWITCH.search(ipa)
    phones = zip(symbols, named[1:] if known else [""] * len(symbols), strict=True)
    return [
        Phone(_in_letters(symbol), name.lstrip("',%="))
        for symbol, name in phones
        if features(symbol) and not _SWITCH.fullmatch(symbol)
    ]


@lru_cache(4096)
def _in_letters(symbol: str) -> str:
    for written, letter in _LETTERS.items():
        symbol = symbol.replace(written, letter)
    return unicodedata.normalize("NFC", symbol)


def _with_tone(ipa: str, name: str) -> str:
    """Return a phoneme with the digits of its tone, of which the library's IPA shows the first alone."""
    tone = _TONE.search(name)
    return f"{ipa.rstrip('0123456789ɜ')}{tone[0]}" if tone else ipa


@cache
def espeak() -> Espeak:
    """Return the library of this process.

    Raises:
        ModuleNotFoundError: the `synth` extra is not installed.
        DataError: as `Espeak`.
    """
    import espeakng_loader

    return Espeak(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
