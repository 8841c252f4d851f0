"""Hours of real speech and music in Debian's packages, by name.

Three games hold English dialogue in files of their own; the rest is Ogg, or prompts of a telephone exchange. All may be
given away with their readme files or by their licences. Sources of the formats: ScummVM's documentation of the games'
resource files, and the packages themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
import soxr

from bench.streams.rnc import MAGIC, unpack
from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import audio_files, read_audio, to_int16
from wakeword.errors import DataError

_GAME_RATE = 11_025
_SKY_HEAD, _SKY_SPEECH = 22, range(50_000, 56_000)  # bytes before a file's content; numbers of its spoken lines
_WAV_HEAD = 44
_PROMPTS = {"en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "ru": "Russian"}
_QUEEN_ENTRY = np.dtype([("name", "S12"), ("bundle", "u1"), ("place", ">u4"), ("size", ">u4")])


@dataclass(frozen=True)
class Source:
    """A package of Debian, and how its lines or pieces are found below the folder that it was unpacked into."""

    package: str
    content: str
    lines: Callable[[Path], Iterator[Samples]]


def sky(root: Path) -> Iterator[Samples]:
    """Yield the spoken lines of Beneath a Steel Sky, by their numbers, at 16 kHz.

    `sky.dnr` is a table: a count of 32 bits, then for each file its number in 16 bits, its place in 24 (in units of 16
    bytes if the highest is set) and its size in 24, of which 22 count; low bytes first. `sky.dsk` holds the files.
    """
    folder = root / "usr/share/scummvm/beneath-a-steel-sky"
    table, disk = (folder / "sky.dnr").read_bytes(), (folder / "sky.dsk").read_bytes()
    count = int.from_bytes(table[:4], "little")
    entries = np.frombuffer(table[4 : 4 + 8 * count], np.uint8).reshape(count, 8).astype(np.int64)
    numbers = entries[:, 0] | entries[:, 1] << 8
    places = entries[:, 2] | entries[:, 3] << 8 | (entries[:, 4] & 0x7F) << 16
    starts = np.where(entries[:, 4] & 0x80, 16 * places, places)
    sizes = entries[:, 5] | entries[:, 6] << 8 | (entries[:, 7] & 0x3F) << 16
    for index in np.argsort(numbers, kind="stable"):
        if int(numbers[index]) in _SKY_SPEECH:
            body = disk[starts[index] + _SKY_HEAD : starts[index] + sizes[index]]
            yield _eight_bits(unpack(body) if body.startswith(MAGIC) else body)


def queen(root: Path) -> Iterator[Samples]:
    """Yield the spoken lines of Flight of the Amazon Queen, and its few minutes of sounds, by their names, at 16 kHz.

    `queen.1c` begins with "QTBL", nine bytes of version and compression, and a count of 16 bits. For each file follow
    its name of twelve bytes, one byte more, its place and its size, 32 bits each; high bytes first. A name in .SB is
    an MP3 file.
    """
    packed = (root / "usr/share/scummvm/flight-of-the-amazon-queen/queen.1c").read_bytes()
    count = int.from_bytes(packed[13:15], "big")
    table = np.frombuffer(packed, _QUEEN_ENTRY, count, offset=15)
    for entry in np.sort(table[np.char.endswith(table["name"], b".SB")], order="name"):
        content = BytesIO(packed[entry["place"] : entry["place"] + entry["size"]])
        wave, rate = soundfile.read(content, dtype="float32")
        yield to_int16(soxr.resample(wave * 2**15, rate, SAMPLE_RATE))


def drascula(root: Path) -> Iterator[Samples]:
    """Yield the spoken lines of Drascula, at 16 kHz: samples alone, or behind the head of a WAV file, right or not."""
    for path in sorted((root / "usr/share/scummvm/drascula/en").glob("*.ALS")):
        body = path.read_bytes()
        yield _eight_bits(body[_WAV_HEAD:] if body[4:8] == b"WAVE" else body)


def recordings(root: Path) -> Iterator[Samples]:
    """Yield all audio files of a package but those that can't be read: fillets-ng has some without a sample."""
    for path in audio_files(root, below=True):
        with suppress(DataError):
            yield read_audio(path)


def prompts(root: Path) -> Iterator[Samples]:
    """Yield what a telephone exchange says, one person at 16 kHz: files of G.722, all but those of silence."""
    import av

    for path in sorted(root.rglob("*.g722")):
        if path.parent.name != "silence":
            with av.open(str(path), format="g722") as file:
                if pieces := [frame.to_ndarray()[0] for frame in file.decode(audio=0)]:  # some files are empty
                    yield np.concatenate(pieces)


SOURCES = {
    "sky": Source("beneath-a-steel-sky", "English dialogue, nothing above 5.5 kHz", sky),
    "queen": Source("flight-of-the-amazon-queen", "English dialogue, nothing above 5.5 kHz", queen),
    "drascula": Source("drascula", "English dialogue, nothing above 5.5 kHz", drascula),
    "fillets-cs": Source("fillets-ng-data-cs", "Czech dialogue", recordings),
    "fillets-nl": Source("fillets-ng-data-nl", "Dutch dialogue", recordings),
    "wesnoth": Source("wesnoth-1.16-music", "orchestral music", recordings),
    **{
        f"prompts-{code}": Source(f"asterisk-core-sounds-{code}-g722", f"{language} prompts of one person", prompts)
        for code, language in _PROMPTS.items()
    },
}


def _eight_bits(samples: bytes) -> Samples:
    """Convert unsigned samples of eight bits at 11,025 Hz to int16 at 16 kHz."""
    wave = (np.frombuffer(samples, np.uint8).astype(np.float32) - 128) * 256
    return to_int16(soxr.resample(wave, _GAME_RATE, SAMPLE_RATE))
