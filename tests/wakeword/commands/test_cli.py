"""The command line: wrong use is one line on stderr and status 2, never a traceback."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import processes
from tests.signals import ROOT
from tests.waits import PATIENCE
from tests.wakeword.models import random_model
from tests.wakeword.terminal import Run, refusal, started, wakeword
from tests.wakeword.tones import write_tones
from wakeword.audio.files import write_wav
from wakeword.cli import cli
from wakeword.data.splits import FEW_CLIPS
from wakeword.errors import DataError
from wakeword.model.file import read_model, write_model
from wakeword.networks.config import CellConfig
from wakeword.training import phrase_corpus, presets
from wakeword.training.config import Draw, Stages

DEMO = ROOT / "wakeword/assets/demo.flac"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that knows the words of `tones`, though badly."""
    loaded = replace(random_model(5, words=2), labels=("_silence_", "_unknown_", "low", "high"))
    path = tmp_path_factory.mktemp("model") / "tones.safetensors"
    write_model(loaded, path)
    return path


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tones(tmp_path_factory.mktemp("tones"), clips=10)


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_the_help_of_every_command_ends_with_an_example_that_it_understands(run: Run, name: str) -> None:
    helped = run(name, "--help")
    assert helped.status == 0
    last = helped.out.rstrip().rpartition("\n\n")[2]
    example = " ".join(last.split())  # it may be wrapped
    start = f"Example: wakeword {name}"
    assert example.startswith(start)
    cli.commands[name].make_context(name, shlex.split(example.removeprefix(start)))


def test_without_a_command_it_shows_its_help(run: Run) -> None:
    assert run() == run("--help")
    assert "Commands:" in run().out


def test_no_line_of_the_list_of_commands_is_cut(run: Run) -> None:
    assert "..." not in run("--help").out.partition("Commands:")[2]
    assert "..." not in run("bench", "--help").out.partition("Commands:")[2]


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_value_of_an_option_has_a_name_for_people(run: Run, name: str) -> None:
    for type_name in ("INTEGER", "FLOAT", "TEXT", "RANGE"):
        assert f" {type_name}" not in run(name, "--help").out


def test_it_tells_its_version() -> None:
    assert wakeword("--version").stdout.split()[0] == "wakeword"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["sing"], "No such command 'sing'; see wakeword --help"),
        (["eval"], "Missing argument 'MODEL'; see wakeword eval --help"),
        (["listen", "--input", "a.wav", "--device", "1"], "--device is for the microphone, not for --input"),
        (["listen", "--realtime"], "--realtime is for --input FILE"),
        (["listen", "--input", "-", "--realtime"], "--realtime is for --input FILE"),
        (["info", "uno"], "uno is a model for the Arduino Uno, which is another kind"),
        (["info", "nobody"], "there is no model 'nobody'"),
        (["listen", "--input"], "Option '--input' requires an argument; see wakeword listen --help"),
        (["listen", "--model", "google12", "--threshold", "yes=0.5,no=0.5"], "repeat the option for more words"),
        (["info", ""], "there is no model ''"),
        (["info", "/"], "/ is a folder; give the path of a model file"),
        (["export", "google12", "--format", "uno", "--out", "."], "google12 is no model of the Uno's front end"),
        (["export", "google12", "--out", ".", "--name", "Hey Jarvis"], "'Hey Jarvis' can't be a model's name in C"),
        (
            ["export", "uno", "--format", "uno", "--out", ".", "--name", "a"],
            "an Uno holds one model, which needs no name",
        ),
        (["train", "--seed", "-1"], "Invalid value for '--seed'"),
        (["train", "--keywords", "hey lumen", "--data", str(ROOT / "docs")], "docs holds no clips"),
        (["train", "--keywords", "hey lumen", "--extra", "/nowhere"], "there is no folder /nowhere"),
        (["train", "--keywords", "yes,yes"], "the keyword 'yes' is given twice"),
        (["train", "--keywords", "hey/lumen"], "it contains a slash, which the name of a folder can't; write it"),
        (["synth", "hey/lumen", "--out", "clips"], "it contains a slash, which the name of a folder can't; write it"),
        (["synth", "hey, lumen", "--out", "clips"], "'hey, lumen' contains a comma, which parts words"),
        (["synth", "\u65e5\u672c", "--out", "clips"], "which speak American English, can't read '\u65e5\u672c'"),
        (["record", "hey\\lumen", "--out", "mine"], "it contains a slash, which the name of a folder can't; write it"),
        (
            ["sweep", "--keywords", "hey/lumen", "--out", "s"],
            "it contains a slash, which the name of a folder can't; write it",
        ),
        (["eval", "google12", "--data", ".", "--keywords", "a/b"], "it contains a slash, which the name of a folder"),
        (["train", "--data", "/nowhere"], "there is no folder /nowhere"),
        (["train", "--out", "/"], "is a directory"),
        (["train", "--cell", "transformer"], "there is no network 'transformer'; choose one of fastgrnn-lsq"),
        (["train", "--hidden", "40"], "--hidden goes with --cell"),
        (["train", "--set", "hidden=many"], "hidden: 'many' is not a whole number"),
    ],
)
def test_wrong_use_is_one_line(run: Run, arguments: list[str], line: str) -> None:
    done = run(*arguments)
    assert done.status == 2
    assert done.out == ""
    assert done.err.startswith("wakeword: ") and done.err.count("\n") == 1
    assert line in done.err


def test_audio_that_is_not_read_is_named_by_every_command_that_reads_folders(
    run: Run, model: Path, tones: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(tones, data)
    (data / "low" / "ada").mkdir()
    (data / "low" / "ada" / "take.wv").touch()
    left_out = "left out 1 file that is not read, low/ada/take.wv: convert with ffmpeg -i take.wv take.wav"
    out = tmp_path / "out.safetensors"
    for arguments in (
        ["eval", model, "--data", data, "--split", "all"],
        ["eval", model, "--stream", data],
        ["eval", model, "--positives", data],
        ["eval", model, "--positives", tones, "--noise", data],
        ["calibrate", model, "--false-accepts", "9999/h", "--negatives", data, "--out", out],
    ):
        done = run(*arguments)
        assert done.status == 0, done.err
        assert f"wakeword: {data}: {left_out}\n" in done.err


def test_a_misspelt_keyword_is_told_before_the_work_begins(
    run: Run, tones: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lines_before_the_work(run, monkeypatch, "--keywords", "hihg,low", "--data", tones) == [
        f"wakeword: {tones}: low 10 clips; _unknown_ from high/, other/: 20 clips; noise 1 recording",
        f"wakeword: {tones} holds too few training clips: 6 of low, 12 of other words (100 of each would do)",
        f"wakeword: {tones} holds no folder 'hihg'; did you mean 'high'?",
        f"wakeword: synthetic voices speak hihg, low, and other words; recorded in {tones}: low",
        "wakeword: the work has begun",
    ]


def lines_before_the_work(run: Run, monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> list[str]:
    def begin(*arguments: object, **options: object) -> None:
        raise DataError("the work has begun")

    monkeypatch.setattr(phrase_corpus, "synthesize_corpus", begin)
    return run("train", *arguments).err.splitlines()


@pytest.fixture
def takes(tmp_path: Path) -> Path:
    """Three words, one voice, a dozen takes each, and nothing else."""
    rng = np.random.default_rng(0)
    for word in ("red", "green", "blue"):
        (tmp_path / "mine" / word).mkdir(parents=True)
        for number in range(12):
            noise = rng.integers(-900, 900, 16_000).astype(np.int16)
            write_wav(tmp_path / "mine" / word / f"ada_nohash_{number}.wav", noise)
    return tmp_path / "mine"


def test_a_small_folder_is_told_all_that_it_lacks_and_what_is_done_about_it(
    run: Run, takes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lines_before_the_work(run, monkeypatch, "--keywords", "red,green,blue", "--data", takes) == [
        f"wakeword: {takes}: red 12 clips, green 12 clips, blue 12 clips",
        f"wakeword: {takes} holds too few training clips: 10 of red, 10 of green, 10 of blue, none of other words (100 "
        "of each would do), and no recordings of noise; noise is made up",
        f"wakeword: {takes} has few speakers, or names that tell none: for validation are 2 of 12 takes of red, 2 of "
        "12 takes of green, 2 of 12 takes of blue, whose accuracy says little of other speakers",
        f"wakeword: synthetic voices speak red, green, blue, and other words; recorded in {takes}: red, green, blue",
        "wakeword: the work has begun",
    ]


def test_recorded_words_that_the_voices_cannot_read_are_not_spoken(
    run: Run, takes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (takes / "red").rename(takes / "красный")
    lines = lines_before_the_work(run, monkeypatch, "--keywords", "красный,green", "--data", takes)
    assert f"wakeword: synthetic voices speak green, and other words; recorded in {takes}: красный, green" in lines


def test_without_voices_a_small_folder_is_one_line_with_all_that_it_lacks(takes: Path) -> None:
    train = ["train", "--keywords", "red,green,blue", "--data", str(takes)]
    line = refusal(processes.run([sys.executable, "-c", WITHOUT_A_LIBRARY, "espeakng_loader", *train]))
    for part in ("10 of red", "none of other words", "no recordings of noise", "pip install 'wakeword[synth]'"):
        assert part in line
    assert "record 100 clips of each keyword, and add 100 clips of other words" in line


def test_clips_without_a_word_and_folders_too_deep_are_told_before_the_work(
    run: Run, takes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (takes / "red" / "empty.wav").touch()
    lines = lines_before_the_work(run, monkeypatch, "--keywords", "red,green,blue", "--data", takes)
    assert len(lines) == 1 and "red/empty.wav (no audio that can be read)" in lines[0]
    (line,) = lines_before_the_work(run, monkeypatch, "--keywords", "red,green,blue", "--data", takes.parent)
    assert "left out 37 clips in mine/blue/, mine/green/, mine/red/: move a keyword's folder to" in line
    assert line.endswith("or give its parent")


@pytest.mark.parametrize("command", [["info"], ["listen", "--input", str(DEMO), "--model"], ["export", "--out", "."]])
def test_a_file_that_is_no_model_is_one_line(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "notes.safetensors").write_text("milk, eggs")
    assert "notes.safetensors" in refusal(wakeword(*command, tmp_path / "notes.safetensors"))


WITHOUT_A_LIBRARY = """
import sys
for library in sys.argv.pop(1).split(","):
    sys.modules[library] = None  # as if it were not installed
from wakeword.cli import main
main()
"""


@pytest.mark.parametrize(
    ("library", "extra", "arguments"),
    [
        ("torch", "train", ["train", "--data", "/nowhere"]),
        ("httpx", "train", ["eval", "{model}"]),
        ("sounddevice", "mic", ["listen", "--model", "{model}"]),
        ("platformdirs", "synth", ["synth", "--fetch"]),
        ("httpx", "service", ["serve"]),
        ("anyio", "service", ["serve"]),
        ("psutil", "flash", ["flash"]),
        ("torch", "sweep", ["sweep", "--data", "/nowhere", "--out", "{model}.sweep"]),
    ],
)
def test_a_missing_library_names_the_extra_that_brings_it(
    model: Path, library: str, extra: str, arguments: list[str]
) -> None:
    arguments = [argument.format(model=model) for argument in arguments]
    command = [sys.executable, "-c", WITHOUT_A_LIBRARY, library, *arguments]
    done = processes.run(command)
    assert f"this needs the {extra} extra: pip install 'wakeword[{extra}]'" in refusal(done)
    assert library in done.stderr


def test_training_says_what_language_a_phrase_is_taken_for_and_what_speaks_against_it(tmp_path: Path) -> None:
    held = tmp_path / "negatives"
    held.mkdir()
    arguments = ("train", "--keywords", "ça", "--negatives", held, "--out", tmp_path / "a.safetensors")
    done = wakeword(*map(str, arguments))
    assert done.returncode == 2  # there are no recordings in the folder
    said = done.stderr.splitlines()
    assert "wakeword: 'ça' is taken for American English; name another language by --language, such as fr" in said
    assert any(line.startswith("wakeword: 'ça' is short, with ") for line in said)
    french = wakeword(*map(str, arguments), "--language", "fr").stderr
    assert "taken for" not in french and "synthetic voices speak ça, and other words in French" in french


def test_training_a_phrase_names_both_extras_that_it_misses(tmp_path: Path) -> None:
    (tmp_path / "hey lumen").mkdir()
    for number in range(3):
        write_wav(
            tmp_path / f"hey lumen/{number}.wav", (3000 * np.sin(np.arange(16_000) / (4 + number))).astype(np.int16)
        )
    without = [sys.executable, "-c", WITHOUT_A_LIBRARY, "espeakng_loader,torch", "train", "--keywords", "hey lumen"]
    message = refusal(processes.run(without))
    assert message.startswith("wakeword: espeakng_loader and torch are not installed; ")
    assert message.endswith("the extras train and synth: pip install 'wakeword[train,synth]'")
    assert "(pip install 'wakeword[train,synth]')" in refusal(processes.run([*without, "--data", str(tmp_path)]))


def test_an_interrupt_ends_it_quietly_after_the_events_so_far(model: Path) -> None:
    with started("listen", "--model", model, "--input", DEMO, "--realtime", "--json") as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=PATIENCE)
    assert json.loads(first)["word"] in ("low", "high")
    assert (complaint.strip(), process.returncode) == (b"", 130)


@pytest.mark.parametrize("arguments", [["models"], ["info"], ["listen", "--input", DEMO]], ids=lambda words: words[0])
@pytest.mark.skipif(os.name == "nt", reason="a shell that closes outputs")
def test_a_closed_output_gets_nothing_and_breaks_nothing(model: Path, arguments: list[str]) -> None:
    if arguments[0] == "listen":
        arguments = [*arguments, "--model", str(model), "--exec", "exit 1"]
    words = shlex.join([sys.executable, "-m", "wakeword.cli", *map(str, arguments)])
    for closed in ("1>&-", "1>&- 2>&-"):
        done = processes.run(["sh", "-c", f"{words} {closed}"])
        assert (done.returncode, done.stdout) == (0, "")
        assert "Traceback" not in done.stderr


def test_a_reader_that_has_enough_ends_it_quietly(model: Path) -> None:
    with started("listen", "--model", model, "--input", DEMO, "--realtime", "--json") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None and process.stderr.read() == b""
        assert process.wait(PATIENCE) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_behind_stdout_is_one_line(model: Path) -> None:
    with open("/dev/full", "wb") as full:
        command = [Path(sys.executable).with_name("wakeword"), "info", model]
        done = processes.run(command, stdout=full)
    assert "No space left on device" in refusal(done)


def test_a_warning_is_a_line_without_a_place_in_the_code(
    run: Run, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wakeword.inference.engine.CoreEngine", None)
    done = run("listen", "--model", model, "--input", DEMO, "--json")
    assert done.status == 0
    assert done.err.startswith("wakeword: built without a C compiler") and done.err.count("\n") == 1


def test_eval_prints_one_object_as_json(run: Run, model: Path, tones: Path) -> None:
    done = run("eval", model, "--data", tones, "--split", "all", "--json")
    assert (done.status, done.err) == (0, "")
    result = json.loads(done.out)
    fields = {"model", "keywords", "split", "n", "accuracy", "per_word", "confusion", "engine"}
    assert fields <= set(result)
    assert (result["model"], result["keywords"], result["split"]) == (str(model), ["low", "high"], "all")
    assert sum(map(sum, result["confusion"])) == result["n"] == 32


def test_eval_hands_its_options_on(run: Run, model: Path, tones: Path) -> None:
    options = ["--split", "training", "--keywords", "high", "--engine", "numpy", "--protocol", "--json"]
    result = json.loads(run("eval", model, "--data", tones, *options).out)
    assert (result["keywords"], result["split"], result["engine"]) == (["high"], "training", "numpy")
    assert result["n"] == 6 + 1 + 1  # six clips, and a tenth of them, rounded up, of unknown words and of silence


def test_eval_for_people_says_accuracy_and_words(run: Run, model: Path, tones: Path) -> None:
    text = run("eval", model, "--data", tones, "--split", "all").out
    assert "of 32 clips" in text
    assert "high" in text


def test_eval_of_a_word_that_the_model_does_not_know_is_refused(run: Run, model: Path, tones: Path) -> None:
    done = run("eval", model, "--data", tones, "--keywords", "low,wow")
    assert done.status == 2
    assert "wow" in done.err


def test_export_writes_the_header_and_says_what_it_takes(run: Run, model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "sketch"
    done = run("export", model, "--format", "c", "--out", folder)
    assert done.status == 0
    assert str(folder / "wakeword_model.h") in done.out
    assert "bytes of flash" in done.out
    assert "ww_model wakeword_model" in (folder / "wakeword_model.h").read_text()


def test_export_gives_a_model_another_name_for_a_sketch_of_several(run: Run, model: Path, tmp_path: Path) -> None:
    done = run("export", model, "--name", "computer", "--out", tmp_path / "sketch")
    assert done.status == 0
    assert str(tmp_path / "sketch" / "computer_model.h") in done.out
    assert [path.name for path in (tmp_path / "sketch").iterdir()] == ["computer_model.h"]
    assert "ww_model computer_model" in (tmp_path / "sketch" / "computer_model.h").read_text()


def test_export_for_the_web_writes_a_folder_that_a_static_server_serves(run: Run, model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "site"
    done = run("export", model, "--format", "web", "--out", folder)
    assert done.status == 0
    assert str(folder / "wakeword_model.bin") in done.out and "python -m http.server" in done.out
    names = {"index.html", "wakeword.js", "wakeword.d.ts", "wakeword-worklet.js", "wakeword.wasm"}
    assert {path.name for path in folder.iterdir()} == {*names, "wakeword_model.bin"}


def test_export_for_the_web_leaves_a_page_that_is_there_as_it_is(run: Run, model: Path, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("my own")
    done = run("export", model, "--format", "web", "--name", "hey_lumen", "--out", tmp_path)
    assert done.status == 0
    assert f"{tmp_path / 'index.html'} was there already and stays as it is" in done.out
    assert (tmp_path / "index.html").read_text() == "my own"
    assert (tmp_path / "hey_lumen_model.bin").exists()


def test_export_to_what_is_no_folder_is_one_line_and_changes_nothing(run: Run, model: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    done = run("export", model, "--out", tmp_path / "file")
    assert done.status == 2 and done.err.count("\n") == 1
    assert (tmp_path / "file").read_text() == "old"


@pytest.fixture
def tiny_preset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes `--preset small` a matter of a second."""
    small = replace(presets.PRESETS["small"], cell=CellConfig(hidden=8, rank_w=4, rank_u=4), draw=Draw())
    tiny = replace(small, stages=Stages(1, 1, 2))
    monkeypatch.setitem(presets.PRESETS, "small", tiny)


@pytest.mark.usefixtures("tiny_preset")
def test_train_writes_a_model_named_by_its_words_and_says_how_good_it_is(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tones = write_tones(tmp_path / "tones", clips=2 * FEW_CLIPS)
    done = run(
        "train", "--keywords", "low,high", "--data", tones, "--preset", "small", "--seed", "7", "--set", "rank_u=3"
    )
    assert done.status == 0, done.err
    assert done.out.startswith("low-high.safetensors: ") and "validation" in done.out
    loaded = read_model(Path("low-high.safetensors"))
    assert loaded.keywords == ("low", "high")
    assert loaded.provenance["config"]["seed"] == 7
    assert len(loaded.u2) == 3


def test_train_offers_every_preset_there_is() -> None:
    (option,) = (option for option in cli.commands["train"].params if option.name == "preset")
    assert list(option.type.choices) == list(presets.PRESETS)  # type: ignore[attr-defined]
