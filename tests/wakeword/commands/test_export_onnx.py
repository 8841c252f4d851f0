"""`wakeword export --format onnx` writes a file that is named by its model; wrong use is one line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.processes import run as run_process
from tests.signals import ROOT
from tests.wakeword.terminal import Done, Run
from wakeword.model.onnx.export import export_onnx
from wakeword.model.pretrained import load_model


def test_the_command_writes_the_graph_and_says_its_size(run: Run, tmp_path: Path) -> None:
    done = run("export", "google12", "--format", "onnx", "--out", tmp_path)
    written = tmp_path / "google12.onnx"
    assert done == Done(0, f"{written}: {written.stat().st_size:,} bytes, 10 words\n", "")
    assert written.read_bytes() == export_onnx(load_model("google12"), "google12")


def test_a_file_is_named_by_its_model(run: Run, tmp_path: Path) -> None:
    model = tmp_path / "hey lumen.safetensors"
    model.write_bytes((ROOT / "wakeword/assets/digits10.safetensors").read_bytes())
    done = run("export", model, "--format", "onnx", "--out", tmp_path / "new" / "folder")
    assert done.status == 0, done.err
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["hey lumen.onnx"]


def test_what_is_no_folder_is_one_line_and_stays(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    done = run("export", "google12", "--format", "onnx", "--out", tmp_path / "file")
    assert done.status == 2 and done.err.count("\n") == 1
    assert (tmp_path / "file").read_text() == "old"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nobody"], "there is no model 'nobody'"),
        (["uno"], "uno is a model for the Arduino Uno, which is another kind"),
        (["google12", "--name", "a"], "an ONNX file has the name of its model; leave out --name"),
    ],
)
def test_wrong_use_is_one_line(run: Run, tmp_path: Path, arguments: list[str], line: str) -> None:
    done = run("export", *arguments, "--format", "onnx", "--out", tmp_path)
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert line in done.err
    assert list(tmp_path.iterdir()) == []


WITHOUT_SPOX = """
import sys
sys.modules["spox"] = None
from wakeword.cli import main
main()
"""


def test_without_its_extra_the_format_names_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WITHOUT_SPOX, "export", "google12", "--format", "onnx", "--out", tmp_path]
    done = run_process(command, cwd=ROOT)
    assert done.returncode == 2
    assert done.stderr == "wakeword: spox is not installed; this needs the onnx extra: pip install 'wakeword[onnx]'\n"
