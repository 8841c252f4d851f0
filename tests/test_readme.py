"""The examples of the README and of docs/api.md run as they stand there; the pages' numbers and the map are true."""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import metadata
from pathlib import Path

import numpy as np
import pytest
from importlinter.api import read_configuration

import wakeword
from featurizer import SAMPLE_RATE
from tests.processes import run
from tests.signals import ROOT, demo
from wakeword.cli import cli
from wakeword.data.clip_length import LONGEST_CLIP
from wakeword.evaluation.thresholds import HIGHEST
from wakeword.inference.c_core import ffi
from wakeword.model.pretrained import load_model
from wakeword.model.size import model_size
from wakeword.training.presets import for_phrases, preset

README, API, MAP = ROOT / "README.md", ROOT / "docs/api.md", ROOT / "docs/architecture.md"


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page that are in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.M | re.S)


def _default(option: str) -> object:
    """The default of an option of `wakeword train`."""
    return next(parameter.default for parameter in cli.commands["train"].params if parameter.name == option)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with what the examples need: the demo recording as a file and as raw samples, and the firmware."""
    shutil.copy(ROOT / "wakeword/assets/demo.flac", tmp_path / "speech.flac")
    (tmp_path / "speech.raw").write_bytes(demo().tobytes())
    (tmp_path / "firmware").symlink_to(ROOT / "firmware")
    return tmp_path


@pytest.fixture(scope="module")
def expected() -> str:
    """A line for each detection of the demo recording, in the form that the README's examples print."""
    found = wakeword.detect(demo(), wakeword.load("google12"))
    assert len(found) > 10
    return "".join(f"{one.word} {one.score:.3f} {one.time:.3f}\n" for one in found)


def output(*command: str, folder: Path) -> str:
    """The standard output of a command that reads the raw samples; it must succeed and say nothing else."""
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = run(command, given=(folder / "speech.raw").read_bytes(), cwd=folder, environment=environment)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("number", range(len(blocks(README, "python"))))
def test_each_python_example_of_the_readme_prints_the_detections(number: int, folder: Path, expected: str) -> None:
    assert output(sys.executable, "-c", blocks(README, "python")[number], folder=folder) == expected


def test_the_first_example_of_the_readme_is_the_public_api() -> None:
    first, *others = blocks(README, "python")
    assert first.startswith("import wakeword\n")
    assert len(others) == 1


def test_the_c_example_of_the_readme_compiles_by_its_line_and_prints_the_detections(
    folder: Path, expected: str
) -> None:
    (program,), (commands,) = blocks(README, "c"), blocks(README, "sh")
    (folder / "spot.c").write_text(program)
    assert output("sh", "-e", "-c", commands, folder=folder).endswith(expected)


# A core that hears one word, in the last frame that it can count.
CORE_OF_497_DAYS = """
#include "ww_engine.h"

void ww_engine_reset(ww_engine *engine, const ww_model *model) { engine->recognizer.model = model; }

int ww_engine_push(ww_engine *engine, const int16_t *samples, uint32_t *count, ww_event *event)
{
    event->label = engine->recognizer.model->first_word;
    event->score = samples[0];
    event->frame = 0xFFFFFFFFu;
    return WW_FRAME | WW_EVENT;
}
"""


def test_the_c_example_of_the_readme_prints_the_time_after_any_number_of_days(folder: Path) -> None:
    (program,) = blocks(README, "c")
    (folder / "spot.c").write_text(program)
    (folder / "core.c").write_text(CORE_OF_497_DAYS)
    (folder / "speech.raw").write_bytes(np.full(160, 16384, np.int16).tobytes())
    build = "wakeword export google12 --format c --out . > said; cc -I firmware/src/core spot.c core.c -o spot"
    line = output("sh", "-e", "-c", f"{build}; ./spot < speech.raw", folder=folder).splitlines()[-1]
    assert line == "yes 0.500 42949672.975"


def test_the_examples_of_the_api_page_run_one_after_the_other(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def microphone(device: str | None, say: object) -> Iterator[np.ndarray]:
        yield demo()

    monkeypatch.setattr("wakeword.audio.microphone.microphone", microphone)
    monkeypatch.setattr(sys, "stdout", printed := io.StringIO())
    monkeypatch.chdir(folder)
    names: dict[str, object] = {}
    examples = blocks(API, "python")
    for example in examples:
        exec(example, names)
    assert len(examples) > 4
    assert printed.getvalue().startswith("yes ")
    assert wakeword.load("mine.safetensors").thresholds["yes"] == pytest.approx(0.8, abs=1e-4)


# The numbers

_GOOGLE12, _PHRASES = load_model("google12"), for_phrases(preset("best"), streams=True).augmentation
NUMBERS = {
    "the engine's struct": ("README.md", r"about (\d+) KB \*/", round(ffi.sizeof("ww_engine") / 1000)),
    "the model": ("README.md", r"with a model of (\d+) KB", round(sum(model_size(_GOOGLE12).values()) / 1000)),
    "the board's model": (
        "firmware/README.md",
        r"a model of (\d+) KB",
        round(sum(model_size(_GOOGLE12).values()) / 1000),
    ),
    "the oldest Python": ("README.md", r"Python \((3\.\d+) to", metadata("wakeword")["Requires-Python"].strip(">=")),
    "an hour of noise": ("docs/own-data.md", r"(\d+) MB an\s+hour", round(2 * SAMPLE_RATE * 3600 / 1e6)),
    "the longest clip": ("docs/own-data.md", r"at most (\w+) seconds", {4: "four"}[LONGEST_CLIP // SAMPLE_RATE]),
    "the highest threshold": ("docs/own-data.md", r"there is, ([\d.]+), the line", round(HIGHEST / 32768, 2)),
    "the least noise": ("docs/wakeword-howto.md", r"noise \(\d+ to (\d+) dB below", round(_PHRASES.snr_db[1])),
    "the most noise": ("docs/wakeword-howto.md", r"noise \((\d+) to", round(_PHRASES.snr_db[0])),
    "the fastest voice": ("docs/wakeword-howto.md", r"up to ([\d.]+) times as fast", _PHRASES.speed[1]),
    "rooms": ("docs/wakeword-howto.md", r"passes (\d+) % of them through sim", round(100 * _PHRASES.room_probability)),
    "microphones": ("docs/wakeword-howto.md", r"(\d+) % through cheap", round(100 * _PHRASES.microphone_probability)),
    "channels": ("docs/wakeword-howto.md", r"(\d+) % through the narrow", round(100 * _PHRASES.channel_probability)),
    "clips of a phrase": ("docs/wakeword-howto.md", r"\(default: (\d+)\)", _default("clips")),
}


@pytest.mark.parametrize("page, pattern, value", NUMBERS.values(), ids=NUMBERS)
def test_each_number_that_the_program_knows_is_the_page_s(page: str, pattern: str, value: object) -> None:
    assert re.findall(pattern, (ROOT / page).read_text()) == [str(value)]


def test_a_citation_names_the_version_of_the_package() -> None:
    assert f"\nversion: {metadata('wakeword')['Version']}\n" in (ROOT / "CITATION.cff").read_text()


# The map of the rooms


@pytest.mark.parametrize("page", [README, MAP, API], ids=lambda page: page.name)
def test_each_path_that_a_page_names_is_there(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.M | re.S)
    named = re.findall(r"`([a-z_]+/[\w./-]*)`", text)
    roots = (ROOT, ROOT / "wakeword", page.parent)
    assert [path for path in named if not any((root / path).exists() for root in roots)] == []


def test_the_map_has_the_lines_that_the_contract_of_the_imports_has() -> None:
    contracts = read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]
    layers = next(contract["layers"] for contract in contracts if contract.get("containers") == ["wakeword"])
    picture = next(
        block for block in re.findall(r"^```\n(.*?)^```$", MAP.read_text(), re.M | re.S) if "cli.py" in block
    )
    drawn = [re.sub(r"/|\.py", "", line).split(" · ") for line in picture.splitlines()]
    assert drawn == [layer.split(" | ") for layer in layers]


def test_the_map_has_a_line_for_each_room() -> None:
    rooms = [folder.name for folder in (ROOT / "wakeword").iterdir() if (folder / "__init__.py").exists()]
    assert [room for room in rooms if f"| `{room}/` |" not in MAP.read_text()] == []
