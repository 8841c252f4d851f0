"""`wakeword eval --stream` on a cluster finds what one process finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.signals import demo
from wakeword.audio.files import write_wav
from wakeword.evaluation import streams
from wakeword.evaluation.detection import Hearing, hear_stream
from wakeword.model.pretrained import load_model

RATE = 16_000


def test_a_cluster_finds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "PIECE", 5.0)  # cuts seconds as otherwise only hours are cut
    for number, at in enumerate(range(0, len(demo()), 3 * RATE)):
        write_wav(tmp_path / f"{number:02}.wav", demo()[at : at + 3 * RATE])
    model = load_model()
    one, cluster = (hear_stream(Hearing(model, address=address), [tmp_path]) for address in (None, "local"))
    assert len(one.events) > 5
    assert (one.seconds, one.events, one.missed) == (cluster.seconds, cluster.events, cluster.missed)
    assert (one.unclaimed == cluster.unclaimed).all()
