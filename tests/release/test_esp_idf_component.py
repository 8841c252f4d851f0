"""The component for ESP-IDF as it is released: the project in the archive finds it, and hears the demo recording."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.firmware import test_espidf
from tools.release.parts import esp_idf_component
from tools.release.source import Source


def test_the_archive_alone_hears_the_demo_recording(
    source: Source, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.unpack_archive(esp_idf_component(source, tmp_path), tmp_path / "unpacked")
    (folder,) = (tmp_path / "unpacked").iterdir()
    monkeypatch.setattr(test_espidf, "LIBRARY", folder / "firmware")
    monkeypatch.setattr(test_espidf, "WORDS", folder / "integrations/espidf/words")
    test_espidf.test_the_project_finds_the_component()
    test_espidf.test_the_project_prints_the_words_that_the_engine_hears(tmp_path)
