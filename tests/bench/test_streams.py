"""Speech and music from Debian's packages: unpacking, the games' files, and the command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from bench.streams.rnc import unpack
from bench.streams.sources import drascula, prompts, queen, recordings, sky
from tests.processes import run
from tests.signals import ROOT, at_level, tone
from wakeword.errors import DataError

Run = tuple[bytes, int, int]  # bytes as they are, then a distance and a length to repeat; 0 for none


class Packer:
    """Writes bits into words of 16 and bytes between them, where a reader looks for them."""

    def __init__(self) -> None:
        self.out = bytearray()
        self._word, self._left = 0, 0

    def bits(self, value: int, count: int) -> None:
        for place in range(count):
            if not self._left:
                self._word, self._left = len(self.out), 16
                self.out += b"\0\0"
            at = 16 - self._left
            self.out[self._word + at // 8] |= (value >> place & 1) << at % 8
            self._left -= 1

    def code(self) -> None:
        """Sixteen symbols of four bits each."""
        self.bits(16, 5)
        for _ in range(16):
            self.bits(4, 4)

    def number(self, value: int) -> None:
        symbol = value if value < 2 else value.bit_length()
        for place in (3, 2, 1, 0):
            self.bits(symbol >> place, 1)
        if symbol > 1:
            self.bits(value - (1 << symbol - 1), symbol - 1)


def packed(unpacked: bytes, runs: list[Run], checksum: int) -> bytes:
    packer = Packer()
    packer.bits(0, 2)
    for _ in range(3):
        packer.code()
    packer.bits(len(runs), 16)
    for number, (literal, distance, length) in enumerate(runs, 1):
        packer.number(len(literal))
        packer.out += literal
        if number < len(runs):
            packer.number(distance - 1)
            packer.number(length - 2)
    sizes = len(unpacked).to_bytes(4, "big") + len(packer.out).to_bytes(4, "big")
    return b"RNC\x01" + sizes + checksum.to_bytes(2, "big") + bytes(4) + bytes(packer.out)


TEXT = b"123456789123456789123412341234"
RUNS: list[Run] = [(b"123456789", 9, 9), (b"1234", 4, 8), (b"", 0, 0)]
CRC = 0xC9C8  # of TEXT, by CRC-16/ARC


def test_bytes_and_repetitions_are_unpacked() -> None:
    assert unpack(packed(b"123456789", [(b"123456789", 0, 0)], 0xBB3D)) == b"123456789"  # the checksum's standard check
    assert unpack(packed(TEXT, RUNS, CRC)) == TEXT


def test_what_is_damaged_or_of_another_kind_is_refused() -> None:
    whole = packed(TEXT, RUNS, CRC)
    for bad in (whole[:-6], whole[:30], whole[:12] + bytes(2) + whole[14:], whole[:40] + bytes(10) + whole[50:]):
        with pytest.raises(DataError, match="damaged; fetch the package again"):
            unpack(bad)
    with pytest.raises(DataError, match="not packed by Rob Northen's method 1"):
        unpack(b"PK\x03\x04" + whole[4:])


def eight_bits(samples: np.ndarray) -> bytes:
    return (samples // 256 + 128).astype(np.uint8).tobytes()


LINE = at_level(tone(440, 0.5)[:5_512], -12)


def test_the_spoken_lines_of_sky_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    """Two lines of speech, the second first in the file and packed, and a file of another kind."""
    folder = tmp_path / "usr/share/scummvm/beneath-a-steel-sky"
    folder.mkdir(parents=True)
    silence = packed(bytes([128]) * 9, [(bytes([128]) * 9, 0, 0)], 0)
    first, other = bytes(22) + eight_bits(LINE), b"a picture"
    disk, entries = b"", []
    for number, body in ((50_002, bytes(22) + silence), (7, other), (50_001, first)):
        disk += bytes(-len(disk) % 16)
        place = len(disk) // 16 | 1 << 23
        entries.append(number.to_bytes(2, "little") + place.to_bytes(3, "little") + len(body).to_bytes(3, "little"))
        disk += body
    (folder / "sky.dsk").write_bytes(disk)
    (folder / "sky.dnr").write_bytes(len(entries).to_bytes(4, "little") + b"".join(entries))
    lines = sky(tmp_path)
    spoken = next(lines)
    assert len(spoken) == pytest.approx(len(LINE) * 16_000 / 11_025, abs=2)
    assert np.abs(np.fft.rfft(spoken)).argmax() == pytest.approx(440 * len(LINE) / 16_000, abs=2)
    with pytest.raises(DataError, match="damaged"):  # its checksum is wrong
        next(lines)


def test_the_spoken_lines_of_queen_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    """Two lines of speech as MP3, the second first in the file, and a file of another kind."""
    folder = tmp_path / "usr/share/scummvm/flight-of-the-amazon-queen"
    folder.mkdir(parents=True)
    contents = {"C12A_02.SB": mp3(660), "ROOM.PCX": b"a picture", "020001P1.SB": mp3(440)}
    place, table = 15 + 21 * len(contents), b""
    for name, content in contents.items():
        table += name.encode().ljust(13, b"\0") + place.to_bytes(4, "big") + len(content).to_bytes(4, "big")
        place += len(content)
    head = b"QTBL" + bytes(9) + len(contents).to_bytes(2, "big")
    (folder / "queen.1c").write_bytes(head + table + b"".join(contents.values()))
    for spoken, frequency in zip(queen(tmp_path), (440, 660), strict=True):
        assert np.abs(np.fft.rfft(spoken)).argmax() * 16_000 / len(spoken) == pytest.approx(frequency, abs=5)


def mp3(frequency: int) -> bytes:
    """A tone of half a second at 11,025 Hz."""
    file = BytesIO()
    soundfile.write(file, 0.5 * np.sin(2 * np.pi * frequency * np.arange(5_512) / 11_025), 11_025, format="MP3")
    return file.getvalue()


def package(root: Path, folder: Path) -> Path:
    """Make a Debian package of a folder."""
    control = root / "DEBIAN/control"
    control.parent.mkdir(parents=True)
    control.write_text("Package: drascula\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: lines\n")
    run(["dpkg-deb", "--build", str(root), str(folder / "drascula_1_all.deb")])
    return folder / "drascula_1_all.deb"


def lines_of_drascula(root: Path) -> None:
    folder = root / "usr/share/scummvm/drascula/en"
    folder.mkdir(parents=True)
    (folder / "B.ALS").write_bytes(b"RIFFWAVE" + bytes(36) + eight_bits(LINE // 2))
    (folder / "A.ALS").write_bytes(eight_bits(LINE))


def test_lines_of_drascula_are_samples_with_a_head_or_without(tmp_path: Path) -> None:
    lines_of_drascula(tmp_path)
    loud, quiet = drascula(tmp_path)
    assert len(loud) == len(quiet) == pytest.approx(len(LINE) * 16_000 / 11_025, abs=2)
    assert np.std(loud.astype(float)) == pytest.approx(2 * np.std(quiet.astype(float)), rel=0.05)


def test_the_recordings_of_a_package_are_all_its_audio_files_that_hold_a_sample(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    for number, name in enumerate(["b.flac", "music/a.ogg"]):
        soundfile.write(tmp_path / name, np.zeros(1_000 + number, np.int16), 16_000)
    soundfile.write(tmp_path / "empty.ogg", np.zeros(0, np.int16), 16_000)
    assert [len(each) for each in recordings(tmp_path)] == [1_000, 1_001]


def test_prompts_are_those_of_all_folders_but_the_silent_one(tmp_path: Path) -> None:
    for name, seconds in (("ru/b.g722", 0.2), ("ru/digits/1.g722", 0.1), ("ru/silence/5.g722", 0.5)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(tmp_path / name), "w", format="g722") as file:
            stream = file.add_stream("g722", rate=16_000, layout="mono")
            frame = av.AudioFrame.from_ndarray(at_level(tone(440, seconds), -12)[None], "s16", "mono")
            frame.rate = 16_000
            file.mux([*stream.encode(frame), *stream.encode(None)])
    (tmp_path / "ru/empty.g722").touch()
    heard = [*prompts(tmp_path)]
    assert [len(each) for each in heard] == [3_200, 1_600]
    assert np.abs(np.fft.rfft(heard[0])).argmax() == 440 * 3_200 // 16_000


def streams(out: Path, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {} if path is None else {"PATH": path}
    return run([sys.executable, "-m", "bench.streams", str(out), *arguments], cwd=ROOT, environment=environment)


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="unpacks a package of Debian by its own dpkg-deb")
def test_a_package_becomes_files_of_its_lines_with_pauses(tmp_path: Path) -> None:
    """By the real dpkg; apt-get is replaced by a copy of the package."""
    lines_of_drascula(tmp_path / "package")
    deb = package(tmp_path / "package", tmp_path)
    apt = tmp_path / "bin/apt-get"
    apt.parent.mkdir()
    apt.write_text(f"#!/bin/sh\ncp {deb} .\n")
    apt.chmod(0o755)
    done = streams(tmp_path / "out", "drascula", path=f"{apt.parent}:{os.environ['PATH']}")
    assert (done.returncode, done.stderr) == (0, "")
    assert "0.00 h, English dialogue" in done.stdout
    (written,) = (tmp_path / "out/drascula").iterdir()
    samples, rate = soundfile.read(written, dtype="int16")
    assert rate == 16_000
    assert len(samples) == pytest.approx(2 * (len(LINE) * 16_000 / 11_025 + 4_800), abs=4)
    assert 0 < np.abs(samples[-4_000:].astype(int)).max() < 100


def test_a_system_without_apt_and_an_unknown_name_are_one_line(tmp_path: Path) -> None:
    refused = streams(tmp_path, "sky", path=str(tmp_path))
    assert (refused.returncode, refused.stderr) == (2, "wakeword: apt-get is missing: this needs Debian or Ubuntu\n")
    unknown = streams(tmp_path, "radio")
    assert unknown.returncode == 2
    assert "there is no stream 'radio'; choose of sky, queen, drascula" in unknown.stderr
    assert unknown.stderr.count("\n") == 1
