"""The component for ESPHome as it is released: the archive alone gives ESPHome the model and the core."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.firmware.toolchain import run
from tests.integrations.esphome import tool
from tests.release.heard import expected, of_lines
from tests.signals import ROOT, demo
from tools.release.parts import esphome_component
from tools.release.source import Source

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="ESPHome needs Python 3.11")

CONFIGURATION = """
esphome: {{name: alone, on_boot: [wakeword.start: ]}}
host:
logger:
external_components:
  - source: {{type: local, path: {components}}}
  - source: {{type: local, path: {tests}/components}}
microphone: [{{platform: wav_file, id: recording}}]
wakeword: {{microphone: recording, models: google12}}
"""


def test_the_archive_alone_generates_a_program_that_hears_the_demo_recording(source: Source, tmp_path: Path) -> None:
    shutil.unpack_archive(esphome_component(source, tmp_path), tmp_path)
    (unpacked,) = tmp_path.glob("*/components")
    text = CONFIGURATION.format(components=unpacked, tests=tool.HERE)
    job = {"path": str(tmp_path / "alone.yaml"), "text": text, "generate": True}
    assert tool.answers([job], tmp_path) == [[]]

    # tests/integrations/esphome runs a whole program; here it is the core and the model that the archive gave.
    generated = tmp_path / ".esphome/build/alone/src/wakeword"
    shutil.copy(generated / "wakeword_0_model.h", tmp_path / "wakeword_model.h")
    names = [f"-Dwakeword_{name}=wakeword_0_{name}" for name in ("model", "labels")]
    harness, program = ROOT / "tests/firmware/run_pcm.c", tmp_path / "hear"
    run("gcc", *names, f"-I{generated}", f"-I{tmp_path}", harness, *generated.glob("*.c"), "-o", program)
    (tmp_path / "demo.raw").write_bytes(demo().tobytes())
    heard = run("sh", "-c", f"{program} < {tmp_path / 'demo.raw'} | sed -n 's/^event //p'")
    assert of_lines(heard) == expected()
