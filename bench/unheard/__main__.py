"""Speak a phrase and real sentences of its language by engines that no training uses, to measure a model on them.

    python -m bench.unheard CODE OUT [--phrase TEXT] [--clips N] [--hours H]

OUT/CODE/positives gets clips of the phrase, for `wakeword eval MODEL --positives`, and OUT/CODE/sentences files of
five minutes, for `wakeword eval MODEL --stream`. The phrase is that of bench.languages, unless one is given. Speed,
pitch, level and ending of each clip are drawn by --seed. The sentences are a translation or a manual out of a package
of Debian (`bench/unheard/texts.py`); those that hold the phrase are left out.

Festival (apt install festival, and the festvox package of each voice) and RHVoice are found if they are installed.
SVOX Pico and Open JTalk are installed into --environments at first use. The sentences need apt-get and dpkg.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import platformdirs
import soundfile

from bench.languages import PHRASES
from bench.options import Parser, errors_in_one_line, positive
from bench.streams.__main__ import write
from bench.unheard.engines import VOICES, Engine, Line, Voice, open_engine, speak, voices_of
from bench.unheard.texts import TEXTS, sentences
from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import to_int16
from wakeword.errors import UsageError
from wakeword.phrases.letters import language_named
from wakeword.synth.trim import trim
from wakeword.synth.voice import Waveform

CACHE = platformdirs.user_cache_path("wakeword") / "bench-unheard"

_SPEEDS, _PITCHES = (0.8, 1.25), (0.85, 1.15)
_GAIN_DB = (-18.0, 0.0)  # to a clip whose peak is at 0.7 of full scale
_ENDINGS = (".", "!", "?", ",", "")
_SENTENCE_SPEEDS = (0.9, 1.2)
_BATCH = 200  # sentences spoken before the hours are counted


def main() -> None:
    """Parse, speak, write."""
    parser = Parser("unheard", __doc__, module=True)
    parser.add_argument("code", metavar="CODE", help=f"one of {', '.join(VOICES)}")
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to write to")
    parser.add_argument("--phrase", help="what to say (default: the phrase of bench.languages)")
    parser.add_argument("--say", metavar="TEXT", help="its spelling for the engine, if it would misread it")
    parser.add_argument(
        "--voice", action="append", metavar="NAME", help="only voices whose name holds this; repeatable"
    )
    parser.add_argument("--clips", type=positive, default=100, metavar="N", help="clips of each voice (default: 100)")
    parser.add_argument("--hours", type=float, default=1.0, metavar="H", help="of sentences; 0 for none (default: 1)")
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn (default: 0)")
    parser.add_argument(
        "--environments",
        type=Path,
        default=CACHE,
        metavar="DIR",
        help="folder for the engines that are Python packages",
    )
    options = parser.parse_args()
    with errors_in_one_line():
        language = language_named(options.code)
        phrase = options.phrase or PHRASES[language.code]
        voices = _chosen(voices_of(language.code), options.voice)
        engines = {name: open_engine(name, options.environments) for name in {voice.engine for voice in voices}}
        rng, out = np.random.default_rng(options.seed), options.out / language.code
        lines = phrase_lines(options.say or phrase, voices, options.clips, rng)
        count = write_positives(speak(lines, engines), out / "positives", rng)
        print(f"{out / 'positives'}: {count} clips of {phrase} by {', '.join(map(str, voices))}", flush=True)
        if options.hours > 0:
            texts = sentences(language, phrase)
            (out / "sentences").mkdir(parents=True, exist_ok=True)
            seconds = write(spoken_sentences(texts, voices, engines, options.hours, rng), out / "sentences")
            print(f"{out / 'sentences'}: {seconds / 3600:.2f} h, {TEXTS[language.code].content}")


def phrase_lines(text: str, voices: Sequence[Voice], clips: int, rng: np.random.Generator) -> list[Line]:
    """Draw how each voice says a phrase, `clips` times."""
    return [_line(f"{text}{rng.choice(_ENDINGS)}", voice, _SPEEDS, rng) for voice in voices for _ in range(clips)]


def write_positives(spoken: Iterable[tuple[Line, Waveform]], folder: Path, rng: np.random.Generator) -> int:
    """Write each line, trimmed and at a level of its own, to a file named by how it is said; return their number.

    folder: has no clips before.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise UsageError(f"{folder} holds files already: give a new folder")
    count = 0
    for line, wave in spoken:
        samples = trim(wave).astype(np.float32) * 10 ** (rng.uniform(*_GAIN_DB) / 20)
        name = f"{line.voice}_nohash_{count}_speed{line.speed:.2f}_pitch{line.pitch:.2f}.wav"
        soundfile.write(folder / name, to_int16(samples), SAMPLE_RATE)
        count += 1
    return count


def spoken_sentences(
    texts: Sequence[str], voices: Sequence[Voice], engines: Mapping[str, Engine], hours: float, rng: np.random.Generator
) -> Iterator[Samples]:
    """Yield the speech of texts until there are `hours` of it. Order and voices are drawn."""
    left = hours * 3600
    shuffled = [texts[index] for index in rng.permutation(len(texts))]
    for at in range(0, len(shuffled), _BATCH):
        lines = [
            _line(text, voices[int(rng.integers(len(voices)))], _SENTENCE_SPEEDS, rng)
            for text in shuffled[at:][:_BATCH]
        ]
        # They are spoken voice by voice: in the order that was drawn, whatever has room is of all voices.
        for _, wave in sorted(speak(lines, engines), key=lambda spoken: lines.index(spoken[0])):
            samples = trim(wave)
            yield samples
            left -= len(samples) / SAMPLE_RATE
            if left <= 0:
                return


def _line(text: str, voice: Voice, speeds: tuple[float, float], rng: np.random.Generator) -> Line:
    pitch = round(rng.uniform(*_PITCHES), 3)
    speed = round(rng.uniform(*speeds), 3)
    return Line(text, voice, speed if voice.has_speed else pitch, pitch)


def _chosen(voices: Sequence[Voice], parts: Sequence[str] | None) -> list[Voice]:
    """Return the voices whose names hold one of the parts. Raises UsageError if there is none."""
    chosen = [voice for voice in voices if not parts or any(part in str(voice) for part in parts)]
    if not chosen:
        raise UsageError(f"no voice is named so; choose from {', '.join(map(str, voices))}")
    return chosen


if __name__ == "__main__":
    main()
