"""The bench of ONNX Runtime's speed measures the graph of the model that is asked for."""

from __future__ import annotations

import json
import sys

import pytest

from bench import onnx_speed
from wakeword.model.onnx.export import export_onnx
from wakeword.model.pretrained import load_model


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["onnx_speed", *arguments])
    onnx_speed.main()


def test_it_prints_size_and_times(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run(monkeypatch, "--model", "digits10", "--seconds", "1")
    measured = json.loads(capsys.readouterr().out)
    assert measured["model"] == "digits10"
    assert measured["bytes"] == len(export_onnx(load_model("digits10"), "digits10"))
    # A step has 40 ms; both are rounded.
    assert measured["fraction_of_a_core"] == pytest.approx(measured["step_ms"] / 40, abs=1e-4)
    assert measured["step_ms"] > 0 and measured["load_ms"] > 0


def test_an_unknown_model_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, "--model", "nobody")
    printed = capsys.readouterr()
    assert (ended.value.code, printed.out, printed.err.count("\n")) == (2, "", 1)
    assert "there is no model 'nobody'" in printed.err
