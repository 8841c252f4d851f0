"""Speak by espeak-ng in a process of its own, `python -m wakeword.synth.espeak_process`.

The library keeps parts of the voices that it spoke by before, so its speech depends on what was spoken before. The
process holds the library as it was loaded, and forks for each utterance: the same request always gives the same
samples, and if the library crashes, one clip is lost. Without fork, as on Windows, the process itself speaks.

A request is a line of JSON with the arguments of `Espeak.speak`. The answer is a line with the number of bytes, or -1
if the library failed, and then the samples.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import numpy.typing as npt

from wakeword.phrases.espeak import Espeak, espeak
from wakeword.synth.voice import SpeechEngineError

_SECONDS = 60  # for an utterance; it takes some hundredths
_FAILED = -1


class EspeakProcess:
    """A running process. Several threads may use it, one at a time."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "wakeword.synth.espeak_process"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._lock = threading.Lock()

    def speak(self, **request: str | float) -> npt.NDArray[np.int16]:
        """Return the speech of `Espeak.speak`: int16 (samples,), of length 0 if the library failed.

        Raises:
            SpeechEngineError: the process has ended.
        """
        try:
            with self._lock:
                return self._ask(json.dumps(request))
        except (OSError, ValueError) as error:
            raise SpeechEngineError(
                "the process that speaks by espeak-ng has ended; check the memory that is free, and try again"
            ) from error

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with self._lock:
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait()

    def _ask(self, request: str) -> npt.NDArray[np.int16]:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(request.encode() + b"\n")
        self._process.stdin.flush()
        size = int(self._process.stdout.readline())
        return np.frombuffer(self._process.stdout.read(max(0, size)), np.int16)


def main() -> None:
    """Answer the requests on standard input, until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks, which then closes the pipe
    library = espeak()
    for line in sys.stdin.buffer:
        samples = _speak(library, line)
        sys.stdout.buffer.write(b"%d\n" % (_FAILED if samples is None else len(samples)))
        sys.stdout.buffer.write(samples or b"")
        sys.stdout.buffer.flush()


def _speak(library: Espeak, request: bytes) -> bytes | None:
    """Return the bytes of the samples, spoken by a fork of this process; None if it failed."""
    if not hasattr(os, "fork"):
        return library.speak(**json.loads(request)).tobytes()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            signal.alarm(_SECONDS)
            with open(writing, "wb") as pipe:
                pipe.write(library.speak(**json.loads(request)).tobytes())
            os._exit(0)
        finally:  # without a trace: another voice is drawn for an empty clip
            os._exit(1)
    os.close(writing)
    with open(reading, "rb") as pipe:
        samples = pipe.read()
    return samples if os.waitpid(child, 0)[1] == 0 else None


if __name__ == "__main__":
    main()
