"""Synthesize clips of utterances: cache each by its content, and redo the silent and the badly paced ones."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wakeword.audio.files import audio_seconds, encode
from wakeword.files import CACHE_ADVICE, write_whole
from wakeword.phrases.phonemes import phoneme_sequence, spell
from wakeword.synth.pace import pace_outliers
from wakeword.synth.trim import trim
from wakeword.synth.voice import Clip, SpeechEngine, SpeechEngineError, Utterance, VoiceSettings

MAX_ATTEMPTS = 4

_CACHE_VERSION = 1  # part of each clip's key; raise it when trimming changes


@dataclass(frozen=True)
class _Request:
    utterance: Utterance
    occurrence: int  # 0 for the first request of this utterance
    attempt: int = 0

    def next(self) -> _Request:
        return _Request(self.utterance, self.occurrence, self.attempt + 1)


class Synthesizer:
    """Synthesizes clips with several speech engines, and keeps them in a cache folder."""

    def __init__(self, engines: Sequence[SpeechEngine], cache: Path, seed: int = 0, threads: int = 1) -> None:
        """Take the engines. threads: clips made at the same time. Raises SpeechEngineError without any engine."""
        if not engines:
            raise SpeechEngineError("no speech engine is given; install one (pip install 'wakeword[synth]')")
        self._engines = {engine.name: engine for engine in engines}
        self._cache = cache
        self._seed = seed
        self._threads = threads

    def synthesize(self, utterances: Sequence[Utterance], on_clip: Callable[[], None] = lambda: None) -> list[Clip]:
        """Return a clip of each utterance, each in its own voice settings; a repeated utterance gets others.

        The same utterances and seed draw the same settings. Clips in the cache are reused. A silent clip, or one whose
        pace is an outlier, is redone in other settings. An utterance that fails `MAX_ATTEMPTS` times gets no clip.

        on_clip: called after each attempt.

        Raises:
            WakewordError: an engine fails, or the disk is full; the finished clips are kept.
        """
        counts: Counter[Utterance] = Counter()
        requests = []
        for utterance in utterances:
            requests.append(_Request(utterance, counts[utterance]))
            counts[utterance] += 1
        done: dict[int, Clip] = {}
        for _ in range(MAX_ATTEMPTS):
            pending = {number: request for number, request in enumerate(requests) if number not in done}
            for number, clip in zip(pending, self._make(list(pending.values())), strict=True):
                if clip is not None:
                    done[number] = clip
                on_clip()
            numbers = list(done)
            for index in pace_outliers([done[number] for number in numbers]):
                del done[numbers[index]]
            # One of an earlier attempt may have become an outlier among more clips.
            requests = [request if number in done else request.next() for number, request in enumerate(requests)]
        return [done[number] for number in sorted(done)]

    def can_speak(self, utterance: Utterance) -> bool:
        """Return whether one of the engines can speak an utterance."""
        return not utterance.ipa or any(engine.accepts_phonemes for engine in self._engines.values())

    def licenses(self, clips: Sequence[Clip]) -> dict[str, str]:
        """Return the licence of each voice in the clips, by engine and voice ("kokoro af_heart")."""
        found = {}
        for settings in {clip.settings.voice: clip.settings for clip in clips}.values():
            licenses = self._engines[settings.engine].licenses(settings)
            found.update({f"{settings.engine} {voice}": license for voice, license in licenses.items()})
        return dict(sorted(found.items()))

    def version(self, clip: Clip) -> str:
        """Return the version of the engine that spoke the clip."""
        return self._engines[clip.settings.engine].version

    def _make(self, requests: Sequence[_Request]) -> Iterator[Clip | None]:
        """Yield the clip of each request, in order, from the cache or newly spoken."""
        with ThreadPoolExecutor(self._threads) as executor:
            try:
                yield from executor.map(self._make_one, requests)
            finally:  # after an error or Ctrl-C, drop the requests that have not begun
                executor.shutdown(wait=False, cancel_futures=True)

    def _make_one(self, request: _Request) -> Clip | None:
        """Return the clip of a request, or None if it is silent."""
        utterance, settings = request.utterance, self._draw(request)
        engine = self._engines[settings.engine]
        words = utterance.words(settings.accent)
        path = self._cache / _cache_path(utterance, settings, engine.version)
        if not path.is_file():
            samples = trim(engine.speak(utterance, settings))
            if not len(samples):
                return None
            write_whole(path, encode(samples, "flac"), advice=CACHE_ADVICE)
        seconds = audio_seconds(path)
        return Clip(path, utterance, settings, spell(words), len(phoneme_sequence(words)), seconds)

    def _draw(self, request: _Request) -> VoiceSettings:
        utterance = request.utterance
        key = zlib.crc32(f"{utterance.text}|{utterance.ipa}".encode())
        rng = np.random.default_rng([self._seed, key, request.occurrence, request.attempt])
        able = [engine for engine in self._engines.values() if engine.accepts_phonemes or not utterance.ipa]
        if not able:
            raise SpeechEngineError(
                f"none of the engines can speak phonemes: {', '.join(self._engines)}; add espeak-ng, kokoro or piper"
            )
        shares = np.array([engine.share for engine in able])
        return able[int(rng.choice(len(able), p=shares / shares.sum()))].draw(rng)


def _cache_path(utterance: Utterance, settings: VoiceSettings, version: str) -> Path:
    """Return a clip's path in the cache: a digest of everything that decides its sound.

    The keys are fixed, so that renaming a field never loses the cached clips.
    """
    voice = {
        "engine": settings.engine,
        "voice": settings.voice,
        "accent": settings.accent,
        "speed": settings.speed,
        "pitch": settings.pitch,
        "mark": settings.punctuation,
        "settings": dict(settings.engine_settings),
    }
    text = {"text": utterance.text, "ipa": utterance.ipa}
    content = json.dumps([_CACHE_VERSION, text, voice, version], sort_keys=True)
    key = hashlib.sha256(content.encode()).hexdigest()[:32]
    return Path(key[:2]) / f"{key}.flac"
