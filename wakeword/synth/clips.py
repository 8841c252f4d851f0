"""Clips of sayings: each made once, kept by its content, and made anew where it came out wrong."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from featurizer.logmel import Samples
from wakeword.audio.files import audio_seconds, encode, read_audio
from wakeword.files import write_whole
from wakeword.phrases.phonemes import bare, spell
from wakeword.synth.pace import out_of_line
from wakeword.synth.trim import trim
from wakeword.synth.voice import CannotSpeak, Engine, Manner, Saying

MOST_ATTEMPTS = 4

_MADE_LIKE_THIS = 1  # a part of each clip's key: to be raised when trimming changes


@dataclass(frozen=True)
class Clip:
    """One spoken clip.

    path: in the cache; FLAC, 16 kHz, mono, 16 bits, cut to the speech. ipa: the phonemes that were asked for.
    """

    path: Path
    saying: Saying
    manner: Manner
    ipa: str
    phonemes: int
    seconds: float

    def read(self) -> Samples:
        """Its samples, int16 (n,)."""
        return read_audio(self.path)


@dataclass(frozen=True)
class _Order:
    saying: Saying
    occurrence: int  # which one of the same sayings
    attempt: int = 0

    def next(self) -> _Order:
        return _Order(self.saying, self.occurrence, self.attempt + 1)


class Studio:
    """Makes clips with the engines at hand, and keeps them in a folder."""

    def __init__(self, engines: Sequence[Engine], cache: Path, seed: int = 0, threads: int = 1) -> None:
        """threads: clips that are made at a time."""
        if not engines:
            raise CannotSpeak("there is no speech engine")
        self._engines = {engine.name: engine for engine in engines}
        self._cache = cache
        self._seed = seed
        self._threads = threads

    def synthesise(self, sayings: Sequence[Saying], made: Callable[[], None] = lambda: None) -> list[Clip]:
        """A clip of each saying, each in a manner of its own; the same saying again is said in another.

        The same sayings and seed give the same manners, and what is in the cache isn't made again. A clip that is
        silent, or whose length is out of line with the others', is made anew in another manner; where `MOST_ATTEMPTS`
        came out wrong, the saying has no clip.

        made: is called for each clip that is there, also for one that turns out wrong later.

        Raises:
            WakewordError: an engine fails, or the disk takes no more; what was made is kept.
        """
        counted: Counter[Saying] = Counter()
        orders = []
        for saying in sayings:
            orders.append(_Order(saying, counted[saying]))
            counted[saying] += 1
        done: dict[int, Clip] = {}
        waiting = dict(enumerate(orders))
        for _ in range(MOST_ATTEMPTS):
            for number, clip in zip(waiting, self._make(list(waiting.values())), strict=True):
                if clip is not None:
                    done[number] = clip
                made()
            numbers = list(done)
            for place in out_of_line([done[number] for number in numbers]):
                del done[numbers[place]]
            waiting = {number: order.next() for number, order in waiting.items() if number not in done}
        return [done[number] for number in sorted(done)]

    def licences(self, clips: Sequence[Clip]) -> dict[str, str]:
        """The licence of each voice that is heard in the clips, by engine and voice ("kokoro af_heart")."""
        found = {}
        for manner in {clip.manner.voice: clip.manner for clip in clips}.values():
            licences = self._engines[manner.engine].licences(manner)
            found.update({f"{manner.engine} {voice}": licence for voice, licence in licences.items()})
        return dict(sorted(found.items()))

    def version(self, clip: Clip) -> str:
        """The version of the engine that speaks in a clip."""
        return self._engines[clip.manner.engine].version

    def _make(self, orders: Sequence[_Order]) -> Iterator[Clip | None]:
        """The clip of each order, in their order, from the cache or made now."""
        with ThreadPoolExecutor(self._threads) as executor:
            try:
                yield from executor.map(self._make_one, orders)
            finally:  # an error, or the user's Ctrl-C, doesn't wait for what was not begun
                executor.shutdown(wait=False, cancel_futures=True)

    def _make_one(self, order: _Order) -> Clip | None:
        """The clip of an order, or None where nothing is to be heard in it."""
        manner = self._draw(order)
        engine = self._engines[manner.engine]
        words = order.saying.words(manner.accent)
        path = self._cache / self._place(order.saying, manner, engine)
        if not path.is_file():
            samples = trim(engine.speak(order.saying, manner))
            if not len(samples):
                return None
            write_whole(path, encode(samples, "flac"))
        seconds = audio_seconds(path)
        return Clip(path, order.saying, manner, spell(words), len(bare(words)), seconds)

    def _draw(self, order: _Order) -> Manner:
        name = zlib.crc32(f"{order.saying.text}|{order.saying.ipa}".encode())
        rng = np.random.default_rng([self._seed, name, order.occurrence, order.attempt])
        able = [engine for engine in self._engines.values() if engine.takes_phonemes or not order.saying.ipa]
        if not able:
            raise CannotSpeak(f"none of the engines can speak phonemes: {', '.join(self._engines)}")
        shares = np.array([engine.share for engine in able])
        return able[int(rng.choice(len(able), p=shares / shares.sum()))].draw(rng)

    def _place(self, saying: Saying, manner: Manner, engine: Engine) -> Path:
        """Where in the cache a clip lies: by everything that decides how it sounds."""
        content = json.dumps([_MADE_LIKE_THIS, asdict(saying), asdict(manner), engine.version], sort_keys=True)
        key = hashlib.sha256(content.encode()).hexdigest()[:32]
        return Path(key[:2]) / f"{key}.flac"
