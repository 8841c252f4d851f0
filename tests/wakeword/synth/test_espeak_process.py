"""espeak-ng in a process of its own: speech that depends on nothing but the request, and crashes that lose one clip."""

from __future__ import annotations

import gc
import json
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from wakeword.phrases.espeak import Espeak
from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.espeak_process import EspeakProcess, _speak
from wakeword.synth.voice import SpeechEngineError, Utterance


def children() -> set[int]:
    """Return the running processes that this one has started."""
    found: set[int] = set()
    for file in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # the thread has ended meanwhile
            found |= set(map(int, file.read_text().split()))
    return found


def test_the_same_request_gives_the_same_samples_whatever_was_spoken_before() -> None:
    engine, rng = EspeakNg(), np.random.default_rng(0)
    voices = [engine.draw(rng) for _ in range(8)]  # one of them, Alicia, has random breath
    forwards = [engine.speak(Utterance("hey lumen"), voice) for voice in voices]
    backwards = [EspeakNg().speak(Utterance("hey lumen"), voice) for voice in voices[::-1]][::-1]
    for first, second in zip(forwards, backwards, strict=True):
        assert len(first) > 4000
        assert np.array_equal(first, second)


class Crashing:
    """A library that crashes on one word."""

    def speak(self, text: str) -> Any:
        if text == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        return np.arange(5, dtype=np.int16)


def test_a_crash_of_the_library_loses_one_clip() -> None:
    library = cast(Espeak, Crashing())
    answers = [_speak(library, json.dumps({"text": text}).encode()) for text in ("a", "crash", "b")]
    assert answers == [np.arange(5, dtype=np.int16).tobytes(), None, np.arange(5, dtype=np.int16).tobytes()]


def test_a_failed_request_is_an_empty_clip_and_the_next_one_is_spoken() -> None:
    process = EspeakProcess()
    try:
        assert len(process.speak(text="yes", accent="no such accent")) == 0
        assert len(process.speak(text="yes", accent="en-us")) > 4000
    finally:
        process.close()


def test_the_processes_end_with_their_engine() -> None:
    before, engine = children(), EspeakNg()
    engine.speak(Utterance("yes"), engine.draw(np.random.default_rng(0)))
    assert len(children() - before) == 1
    del engine
    gc.collect()
    assert children() - before == set()


def test_a_process_that_was_ended_is_an_error_and_the_next_clip_has_another() -> None:
    engine, voice = EspeakNg(), EspeakNg().draw(np.random.default_rng(0))
    before = children()
    engine.speak(Utterance("yes"), voice)
    (pid,) = children() - before
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    with pytest.raises(SpeechEngineError, match="has ended; check the memory that is free, and try again"):
        engine.speak(Utterance("yes"), voice)
    assert len(engine.speak(Utterance("yes"), voice)) > 4000
