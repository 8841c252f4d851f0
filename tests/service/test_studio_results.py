"""What a run has made: its report, its model in each form, and its place among the models that listen."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest

import wakeword
from service.studio.bundles import Board, bundle
from tests.processes import run
from tests.service.live import Live, running, settings, words_of_demo
from tests.signals import ROOT, demo
from tests.test_readme import README, blocks
from wakeword.boards.kinds import BOARDS
from wakeword.files import write_whole
from wakeword.model.export_binary import export_binary
from wakeword.model.file import read_model
from wakeword.model.pretrained import shipped_models
from wakeword.projects.library import create_project
from wakeword.projects.runs import Run, new_run

_MODEL = shipped_models()["google12"]
_RUN = "/api/studio/projects/yes_sir_é/runs/1"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project, a run that is done, with the shipped model for its own, and one that is not."""
    data = tmp_path_factory.mktemp("data")
    project = create_project(data / "projects", {"phrases": ["yes sir é"]})
    done, paused = new_run(project.folder), new_run(project.folder)
    write_whole(done.model, _MODEL.read_bytes())
    write_whole(done.report, json.dumps({"good": True, "verdict": "good enough"}).encode())
    lines = [{"stage": "sparse", "fraction": 0.5}, {"stage": "sparse", "fraction": 0.6, "epoch": 3, "misses": 0.1}]
    write_whole(done.progress, "".join(json.dumps(line) + "\n" for line in lines).encode())
    done.mark("done")
    paused.mark("paused")
    return data


@pytest.fixture(scope="module")
def live(data: Path) -> Iterator[Live]:
    with running(settings(data)) as live:
        yield live


def _file(live: Live, form: str, **more: str) -> bytes:
    answer = live.http.get(f"{_RUN}/download", params={"format": form, **more})
    assert answer.status_code == 200, answer.text
    # curl -J takes the plain name alone.
    plain, utf_8 = answer.headers["content-disposition"].removeprefix("attachment; ").split("; ")
    assert plain.startswith('filename="yes_sir__') and utf_8.startswith("filename*=utf-8''yes_sir_%C3%A9")
    return answer.content


def _files(live: Live, form: str, **more: str) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(_file(live, form, **more))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_report_and_the_epochs_are_what_the_run_wrote(live: Live) -> None:
    assert live.http.get(f"{_RUN}/report").json() == {"good": True, "verdict": "good enough"}
    assert [line["epoch"] for line in live.http.get(f"{_RUN}/progress").json()] == [3]
    assert live.http.get(_RUN).json()["state"] == "done"


@pytest.mark.parametrize("what", ["report", "download?format=model", "activate"])
def test_a_run_without_a_model_says_so(live: Live, what: str) -> None:
    other = _RUN.replace("/1", "/2")
    answer = live.http.request("POST" if what == "activate" else "GET", f"{other}/{what}")
    assert answer.status_code == 404 and answer.json()["detail"].startswith("run 2 is paused; it has no ")


def test_a_damaged_report_and_model_are_told_in_one_line(live: Live, data: Path) -> None:
    folder = data / "projects/yes_sir_é/runs/3"
    folder.mkdir()
    run = Run(folder, 3)
    run.report.write_text("{")
    run.model.write_text("no model")
    other = _RUN.replace("/1", "/3")
    for what in ("report", "download?format=c"):
        answer = live.http.get(f"{other}/{what}")
        assert answer.status_code == 422 and "\n" not in answer.json()["detail"], answer.text


def test_the_model_and_its_binary_are_its_own_bytes(live: Live) -> None:
    assert _file(live, "model") == _MODEL.read_bytes()
    assert _file(live, "bin") == export_binary(read_model(_MODEL))


def test_the_c_form_compiles_and_hears_the_same(live: Live, tmp_path: Path) -> None:
    for name, content in _files(live, "c").items():
        write_whole(tmp_path / name, content)
    (program,) = blocks(README, "c")
    (tmp_path / "spot.c").write_text(program)
    sources = sorted((tmp_path / "core").glob("*.c"))
    compiled = run(["cc", "-std=c99", "-I.", "-Icore", "spot.c", *sources, "-o", "spot"], cwd=tmp_path)
    assert compiled.returncode == 0, compiled.stderr
    heard = run([tmp_path / "spot"], given=demo().astype(np.int16).tobytes()).stdout.splitlines()
    assert [line.split()[0] for line in heard] == [word for word, _ in words_of_demo()]


def test_the_web_form_is_a_page_with_its_module(live: Live) -> None:
    files = _files(live, "web")
    assert files["wakeword_model.bin"] == export_binary(read_model(_MODEL))
    assert {"index.html", "wakeword.js", "wakeword.wasm"} <= set(files)


def test_the_onnx_form_is_a_graph(live: Live) -> None:
    onnx.checker.check_model(onnx.load_from_string(_file(live, "onnx")))


@pytest.mark.parametrize(("board", "sketch"), [("due", "Words"), ("esp32s3", "WordsI2S"), ("nano33ble", "WordsPdm")])
def test_the_arduino_form_is_a_sketchbook_with_the_sketch_of_the_board(live: Live, board: str, sketch: str) -> None:
    files = _files(live, "arduino", board=board)
    assert files["yes_sir_e/yes_sir_e.ino"] == (ROOT / f"firmware/examples/{sketch}/{sketch}.ino").read_bytes()
    assert b"wakeword_labels" in files["yes_sir_e/wakeword_model.h"]
    for path in ("library.properties", "src/WakeWord.h", "src/core/ww_engine.c"):
        assert files[f"libraries/WakeWord/{path}"] == (ROOT / "firmware" / path).read_bytes()
    assert BOARDS[board].fqbn in files["README.txt"].decode()
    assert not [name for name in files if name.endswith(".o")]


def test_every_board_but_an_uno_has_a_sketch() -> None:
    assert set(Board.__args__) == set(BOARDS) - {"uno"}  # type: ignore[attr-defined]


def test_names_of_any_script_become_names_of_c() -> None:
    for name, begins in {
        "hé_lúmen": "he_lumen",
        "привет": "wake",
        "ww_x": "wake_ww_x",
        "3_café": "wake_3_cafe",
    }.items():
        with zipfile.ZipFile(io.BytesIO(bundle(_MODEL, name, "esphome").data)) as archive:
            assert {f"{begins}.yaml", f"{begins}_model.h"} <= set(archive.namelist())


@pytest.mark.parametrize("name", ["on", "off", "yes", "no", "null"])
def test_the_name_of_a_device_is_a_text_in_yaml_whatever_word_it_is(name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(bundle(_MODEL, name, "esphome").data)) as archive:
        assert f'\n  name: "{name}"\n' in archive.read(f"{name}.yaml").decode()


@pytest.mark.parametrize("query", ["format=exe", "", "format=arduino&board=uno"])
def test_other_forms_are_refused(live: Live, query: str) -> None:
    assert live.http.get(f"{_RUN}/download?{query}").status_code == 422


def test_what_is_downloaded_has_the_thresholds_that_were_chosen(live: Live, data: Path, tmp_path: Path) -> None:
    own = live.http.get(f"{_RUN}/thresholds").json()
    changed = live.http.put(f"{_RUN}/thresholds", json={"thresholds": {"yes": 0.25}})
    assert (
        changed.json()
        == {"thresholds": {**own["thresholds"], "yes": 0.25}}
        == live.http.get(f"{_RUN}/thresholds").json()
    )
    write_whole(tmp_path / "chosen.safetensors", _file(live, "model"))
    chosen = wakeword.load(tmp_path / "chosen.safetensors")
    assert {word: round(threshold, 5) for word, threshold in chosen.thresholds.items()} == changed.json()["thresholds"]
    assert live.http.put(f"{_RUN}/thresholds", json=own).json() == own
    assert read_model(data / "projects/yes_sir_é/runs/1/model.safetensors").provenance == read_model(_MODEL).provenance


@pytest.mark.parametrize(
    "thresholds", [{}, {"perhaps": 0.5}, {"yes": 0}, {"yes": 1}, {"yes": "0.5"}, {f"yes{n}": 0.5 for n in range(50)}]
)
def test_thresholds_that_cannot_be_are_refused_and_change_nothing(live: Live, thresholds: dict[str, object]) -> None:
    own = live.http.get(f"{_RUN}/thresholds").json()
    answer = live.http.put(f"{_RUN}/thresholds", json={"thresholds": thresholds})
    assert answer.status_code == 422, answer.text
    assert live.http.get(f"{_RUN}/thresholds").json() == own


def test_the_lowest_threshold_can_be_taken_back(live: Live) -> None:
    own = live.http.get(f"{_RUN}/thresholds").json()
    lowest = live.http.put(f"{_RUN}/thresholds", json={"thresholds": {"yes": 1e-9}})
    assert lowest.status_code == 200 and lowest.json()["thresholds"]["yes"] == 0.00003
    assert live.http.put(f"{_RUN}/thresholds", json=own).json() == own


def test_thresholds_that_are_changed_at_once_are_all_changed(live: Live) -> None:
    own = live.http.get(f"{_RUN}/thresholds").json()
    wanted = dict.fromkeys(own["thresholds"], 0.25)

    def change(word: str) -> int:
        return live.http.put(f"{_RUN}/thresholds", json={"thresholds": {word: 0.25}}).status_code

    with ThreadPoolExecutor(len(wanted)) as pool:
        assert set(pool.map(change, wanted)) == {200}
    assert live.http.get(f"{_RUN}/thresholds").json() == {"thresholds": wanted}
    assert live.http.put(f"{_RUN}/thresholds", json=own).json() == own


def test_an_activated_model_listens_alone_over_a_restart_too(live: Live, data: Path) -> None:
    made = live.http.post(f"{_RUN}/activate")
    assert made.json()["id"] == "yes_sir_é-1" and made.json()["active"]
    assert {it["model"] for it in live.http.get("/api/words").json()} == {"yes_sir_é-1"}
    assert (data / "models/yes_sir_é-1.safetensors").read_bytes() == _MODEL.read_bytes()
    assert live.push(demo()[:48_000])[-1]["type"] == "end"


def test_an_activated_model_replaces_no_other_of_its_name(live: Live, data: Path) -> None:
    other = data / "models/yes_sir_é-1.safetensors"
    write_whole(other, shipped_models()["computer"].read_bytes())
    assert [live.http.post(f"{_RUN}/activate").json()["id"] for _ in range(2)] == ["yes_sir_é-1-2"] * 2
    assert other.read_bytes() == shipped_models()["computer"].read_bytes()
