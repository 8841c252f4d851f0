"""The library that speaks and transcribes keeps its process alive, whatever it speaks first."""

from __future__ import annotations

import sys

from tests.processes import run
from tests.signals import ROOT

# What training does first for "hey lumen". A thread may well speak the second clip before the first one.
TRANSCRIBE_THEN_SPEAK = """
from wakeword.data.keywords import RECORDED
from wakeword.phrases.negatives import dissimilar, negative_sentences, negative_words
from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.voice import Utterance, VoiceSettings

negative_sentences(["hey lumen"], 6, 0)
list(dissimilar(["hey lumen"], sorted(RECORDED)))
negative_words(["hey lumen"], 20, 0)
settings = {"variant": "david", "pitch": 38, "range": 71}
voice = VoiceSettings("espeak-ng", "en-gb-scotland-david", "en-gb-scotland", 1.14, engine_settings=settings)
Utterance("hey lumen").words(voice.accent)
print(len(EspeakNg().speak(Utterance("hey lumen"), voice)) > 0)
"""


def test_a_voice_of_klatt_s_synthesizer_may_speak_first_after_transcriptions() -> None:
    """The library had no voice yet to synthesize with, and crashed."""
    done = run([sys.executable, "-c", TRANSCRIBE_THEN_SPEAK], cwd=ROOT)
    assert (done.returncode, done.stdout) == (0, "True\n")
