"""The C core as a program for Windows: compiled by mingw-w64 and run by wine, it computes the same bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests import processes
from tests.firmware.test_exported_model import PROGRAM, Printed
from tests.firmware.toolchain import C99, CORE, MINGW, SOURCES, compile_objects, run
from tests.signals import demo
from wakeword.inference.engine import open_engine
from wakeword.model.export_c import export_c
from wakeword.model.pretrained import load_model

WINE = Path("/usr/lib/wine/wine64")  # Debian's, which is not in PATH


def test_the_core_for_windows_has_the_bits_of_all_others(tmp_path: Path) -> None:
    model = load_model("google12")
    (tmp_path / "wakeword_model.h").write_text(export_c(model))
    compiler = [*MINGW, *C99]
    objects = compile_objects(compiler, SOURCES, tmp_path)
    program = tmp_path / "run_pcm.exe"
    run(*compiler, f"-I{tmp_path}", f"-I{CORE}", PROGRAM, *objects, "-o", program)
    home = {"WINEPREFIX": str(tmp_path / "wine"), "WINEDEBUG": "-all", "DISPLAY": ""}
    done = processes.run([WINE, program, "999"], given=demo().tobytes(), environment=home)
    processes.run([WINE.with_name("wineserver64"), "-k"], environment=home)  # it would outlive the program by seconds
    assert done.returncode == 0, done.stderr
    printed, trace = Printed.parse(done.stdout), open_engine(model).push(demo())
    np.testing.assert_array_equal(printed.features, trace.features)
    np.testing.assert_array_equal(printed.hidden, trace.hidden)
    np.testing.assert_array_equal(printed.posteriors, trace.posteriors)
    assert [word for word, _, _ in printed.events] == [model.labels[event.label] for event in trace.events]
    assert len(printed.events) == 11
