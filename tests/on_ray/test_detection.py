"""`wakeword eval --stream` on a cluster gives the result of one process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.signals import demo
from wakeword.audio.files import write_wav
from wakeword.evaluation import streams
from wakeword.evaluation.detection import EvaluationSetup, evaluate_stream
from wakeword.model.pretrained import load_model

RATE = 16_000


@pytest.mark.usefixtures("cluster")
def test_a_cluster_gives_the_same_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "PIECE", 5.0)  # cut seconds into pieces, as usually hours are cut
    for number, at in enumerate(range(0, len(demo()), 3 * RATE)):
        write_wav(tmp_path / f"{number:02}.wav", demo()[at : at + 3 * RATE])
    model = load_model()
    one, cluster = (evaluate_stream(EvaluationSetup(model, address=address), [tmp_path]) for address in (None, "local"))
    assert len(one.detections) > 5
    assert (one.seconds, one.detections, one.misses) == (cluster.seconds, cluster.detections, cluster.misses)
    assert (one.false_accepts == cluster.false_accepts).all()
