"""Speech to measure a model by: sentences that it was not trained on, and words that sound like its phrases."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import to_int16
from wakeword.audio.level import at_level
from wakeword.data.keywords import KeywordSet
from wakeword.evaluation.positives import NEAR_SILENCE_DBFS
from wakeword.phrases.letters import can_say
from wakeword.phrases.negatives import hard_negatives, negative_sentences
from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.synthesizer import Synthesizer
from wakeword.synth.voice import Utterance
from wakeword.synth.voices import default_paths, open_engines

SENTENCES = 2.5  # for each synthetic clip of a phrase; 1500 last more than an hour

_SEED = 4_000_000_007  # of the sentences: the same for all runs, and of no training that is likely
_PAUSE = round(0.4 * SAMPLE_RATE)
_CANDIDATES, _WORDS, _VOICES = 240, 60, 2  # hard negatives, the nearest of them that are words, and voices of each


def unheard_talk(words: KeywordSet, clips: int) -> tuple[Samples, str]:
    """Return sentences without the phrases as a stream, (samples,), and what they are.

    They are spoken by the fastest engine. clips: synthetic ones of each phrase.

    Raises:
        WakewordError: the engine fails, or the disk is full.
    """
    language = words.spoken.language
    texts = negative_sentences(sayable(words), round(SENTENCES * clips), _SEED, words.spoken)
    synthesizer = Synthesizer([EspeakNg(language)], default_paths().cache, _SEED, os.cpu_count() or 1)
    spoken = synthesizer.synthesize([Utterance(text) for text in texts])
    stream = [in_near_silence(clip.read(), number) for number, clip in enumerate(spoken)]
    what = f"{len(spoken):,} sentences of {language.name} by espeak-ng that it was not trained on"
    return np.concatenate([np.zeros(0, np.int16), *stream]), what


def sayable(words: KeywordSet) -> list[str]:
    """Return the phrases that synthetic voices can say; others are known by their recordings alone."""
    return [word for word in words.words if word in words.spoken.said or can_say(word, words.spoken.language)]


def in_near_silence(samples: Samples, number: int) -> Samples:
    """Return a clip and a pause in the noise of a quiet room: no microphone gives digital silence."""
    wave = np.pad(samples.astype(np.float32), (0, _PAUSE))
    hiss = np.random.default_rng([_SEED, number]).standard_normal(len(wave), np.float32)
    return to_int16(wave + at_level(hiss, NEAR_SILENCE_DBFS))


def near_words(words: KeywordSet, phrase: str, refused: tuple[str, ...], seed: int) -> Iterator[tuple[str, Samples]]:
    """Yield words and pairs of words that sound like a phrase, and what is refused, each in some voices.

    seed: of the training, whose clips are taken from the cache. Raises WakewordError as `unheard_talk`.
    """
    others = [word for word in sayable(words) if word != phrase]
    found = hard_negatives(phrase, _CANDIDATES, seed, others, words.spoken)
    alike = sorted({(each.distance, each.text) for each in found if not each.ipa and each.kind in ("word", "phrase")})
    texts = dict.fromkeys([*refused, *(text for _, text in alike[:_WORDS])])
    paths = default_paths()
    engines = open_engines([], paths, lambda line: None, words.spoken.language)
    synthesizer = Synthesizer(engines, paths.cache, seed, os.cpu_count() or 1)
    for clip in synthesizer.synthesize([Utterance(text) for text in texts for _ in range(_VOICES)]):
        yield clip.utterance.text, clip.read()
