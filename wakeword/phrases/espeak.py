"""espeak-ng as the library that the espeakng-loader wheel carries: phonemes of a text, and speech from formants.

Bound by ctypes after espeak-ng's speak_lib.h. The library keeps one state for the whole process, so that calls from
several threads wait for each other here.
"""

from __future__ import annotations

import ctypes
import threading
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wakeword.errors import WakewordError

ACCENTS = {
    "en-us": "gmw/en-US",
    "en-us-nyc": "gmw/en-US-nyc",
    "en-gb": "gmw/en",
    "en-gb-rp": "gmw/en-GB-x-rp",
    "en-gb-scotland": "gmw/en-GB-scotland",
    "en-gb-lancaster": "gmw/en-GB-x-gbclan",
    "en-gb-west-midlands": "gmw/en-GB-x-gbcwmd",
    "en-caribbean": "gmw/en-029",
}
"""The Englishes that espeak-ng speaks, and where their voices lie in its data."""

_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: samples go to the callback, and espeak_Synth returns after the last
_DONT_EXIT = 0x8000  # where the data is missing, return an error; else the library ends the process
_UTF8, _PHONEMES = 0x1, 0x100
_IPA = 0x2
_RATE, _PITCH, _RANGE = 1, 3, 4
_SLOWEST, _FASTEST = 80, 450  # words a minute
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Espeak:
    """The loaded library; `espeak()` gives the one that there is."""

    def __init__(self, library: str, data: str) -> None:
        self._lock = threading.Lock()
        self._data = Path(data)
        self._lib = ctypes.CDLL(library)
        self._lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._lib.espeak_Info.restype = ctypes.c_char_p
        self.rate: int = self._lib.espeak_Initialize(_SYNCHRONOUS, 0, data.encode(), _DONT_EXIT)
        if self.rate <= 0:
            raise WakewordError(f"espeak-ng finds no data in {data}")
        self._blocks: list[npt.NDArray[np.int16]] = []
        self._callback = _CALLBACK(self._receive)  # kept, as the library holds no reference
        self._lib.espeak_SetSynthCallback(self._callback)

    @cached_property
    def version(self) -> str:
        return str(self._lib.espeak_Info(None).decode())

    @cached_property
    def variants(self) -> tuple[str, ...]:
        """Names of the variants that any voice can be spoken in (`f3`, `Alicia`)."""
        return tuple(sorted(path.name for path in (self._data / "voices" / "!v").iterdir()))

    def transcribe(self, text: str, accent: str = "en-us") -> str:
        """The text in IPA as it is said in an accent of `ACCENTS`, words parted by spaces, stress marked.

        Raises:
            WakewordError: a text without anything to say.
        """
        with self._lock:
            self._set_voice(ACCENTS[accent])
            rest = ctypes.c_char_p(text.encode())
            clauses = []
            while rest.value is not None:
                clause = self._lib.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, _IPA)
                clauses.append((clause or b"").decode())
        ipa = " ".join(" ".join(clauses).split())
        if not ipa:
            raise WakewordError(f"there is nothing to say in {text!r}")
        return ipa

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
        """Speech at `rate`, int16 (samples,).

        pitch, pitch_range: 0 to 100. phonemes: the text is phonemes in espeak-ng's own notation.
        """
        with self._lock:
            self._set_voice(f"{ACCENTS[accent]}+{variant}" if variant else ACCENTS[accent])
            self._lib.espeak_SetParameter(_RATE, round(min(max(words_per_minute, _SLOWEST), _FASTEST)), 0)
            self._lib.espeak_SetParameter(_PITCH, round(pitch), 0)
            self._lib.espeak_SetParameter(_RANGE, round(pitch_range), 0)
            data = (f"[[{text}]]" if phonemes else text).encode()
            flags = _UTF8 | (_PHONEMES if phonemes else 0)
            self._blocks.clear()
            self._lib.espeak_Synth(data, len(data) + 1, 0, 1, 0, flags, None, None)
            return np.concatenate([np.empty(0, np.int16), *self._blocks])

    def _set_voice(self, name: str) -> None:
        if self._lib.espeak_SetVoiceByName(name.encode()) != 0:
            raise WakewordError(f"espeak-ng has no voice {name!r}")

    def _receive(self, samples: ctypes._Pointer[ctypes.c_short], count: int, events: int | None) -> int:
        if samples and count > 0:
            self._blocks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0  # go on


@cache
def espeak() -> Espeak:
    """The library of this process. Raises ModuleNotFoundError without the `synth` extra, WakewordError as `Espeak`."""
    import espeakng_loader

    return Espeak(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
