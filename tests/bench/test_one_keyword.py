"""Clips of the keyword are found, clips of other words refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.one_keyword import Share, measure
from tests.signals import demo
from wakeword.audio.files import write_wav
from wakeword.errors import DataError
from wakeword.model.pretrained import load_model


def test_a_clip_counts_for_the_keyword_or_for_other_words(tmp_path: Path) -> None:
    for word in ("yes", "cat"):
        (tmp_path / word).mkdir()
        write_wav(tmp_path / word / "someone_nohash_0.wav", demo())  # it holds words of the model
        write_wav(tmp_path / word / "someone_nohash_1.wav", demo()[:1600])
    found, refused = measure(load_model("google12"), tmp_path, "all")
    assert (found, refused) == (Share(1, 2), Share(1, 2))
    assert str(found) == "50.0% of 2 (9.5% to 90.5%)"


def test_a_folder_without_the_keyword_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cat").mkdir()
    write_wav(tmp_path / "cat" / "someone_nohash_0.wav", demo()[:1600])
    with pytest.raises(DataError, match="no all clips of yes, no"):
        measure(load_model("google12"), tmp_path, "all")
