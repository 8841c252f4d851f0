"""integrations/onnx/listen.py listens with a graph, and with nothing of ours."""

from __future__ import annotations

import sys
import wave
from pathlib import Path

import pytest

import wakeword
from tests.processes import run as run_process
from tests.signals import ROOT, demo
from wakeword.audio.files import write_wav
from wakeword.model.onnx.export import export_onnx
from wakeword.model.pretrained import load_model

LISTEN = ROOT / "integrations/onnx/listen.py"

# As if nothing of ours were installed, and with a microphone that gives the demo recording.
RUN_ALONE = """
import runpy, sys, types
for library in ("wakeword", "featurizer", "onnx", "spox", "soundfile"):
    sys.modules[library] = None

class InputStream:
    def __init__(self, **options):
        assert options == {"samplerate": 16000, "channels": 1, "dtype": "int16"}
        import numpy, wave
        self.rest = numpy.frombuffer(wave.open("demo.wav").readframes(-1), "<i2")[:, None]
    def __enter__(self): return self
    def __exit__(self, *error): pass
    def read(self, count):
        if len(self.rest) < count:
            raise KeyboardInterrupt
        samples, self.rest = self.rest[:count], self.rest[count:]
        return samples, False

sys.modules["sounddevice"] = types.SimpleNamespace(InputStream=InputStream)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo recording as demo.wav, and google12.onnx."""
    folder = tmp_path_factory.mktemp("onnx")
    write_wav(folder / "demo.wav", demo())
    (folder / "google12.onnx").write_bytes(export_onnx(load_model("google12"), "google12"))
    return folder


@pytest.mark.parametrize("options", [["--input", "demo.wav"], []], ids=["file", "microphone"])
def test_it_hears_the_demo_recording(folder: Path, options: list[str]) -> None:
    done = run_process([sys.executable, "-c", RUN_ALONE, LISTEN, "google12.onnx", *options], cwd=folder)
    assert done.stderr == ""
    detections = wakeword.detect(demo(), wakeword.load("google12"))
    assert done.stdout.splitlines() == [f"{it.word} {it.score:.3f} {it.time:.3f}" for it in detections]
    assert len(detections) == 11


def test_it_refuses_a_file_of_another_rate(folder: Path) -> None:
    with wave.open(str(folder / "fast.wav"), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(demo()[:4800].tobytes())
    done = run_process([sys.executable, LISTEN, "google12.onnx", "--input", "fast.wav"], cwd=folder)
    assert (done.returncode, done.stderr) == (1, "fast.wav is not at 16 kHz, mono, 16 bits\n")
