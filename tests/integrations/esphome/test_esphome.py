"""The component `wakeword:` in the real ESPHome: configurations, generated code, and a program on `host` that hears."""

from __future__ import annotations

import io
import json
import math
import re
import shutil
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from featurizer import HOP, SAMPLE_RATE, WINDOW
from featurizer.logmel import Samples
from service.studio.bundles import bundle
from tests.integrations.esphome.configurations import DEVICE, EXAMPLES, HOST, RIGHT, WRONG, esp32, in_device
from tests.integrations.esphome.tool import COMPONENTS, HERE, PYTHON, answers, compiled
from tests.processes import run
from tests.signals import ROOT, demo, demo_words
from tests.wakeword.scripts import WORDS, many_scripts, write_apart
from wakeword import Detector, load
from wakeword.cli import cli
from wakeword.model.export_c import export_c
from wakeword.model.pretrained import load_model, shipped_models

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="ESPHome needs Python 3.11")

Events = list[tuple[str, str, str]]  # word, score, and seconds since the start

THRESHOLDS = {"one": 0.2, "five": 0.2, "bed": 0.2}  # low, so that the demo recording has some
ANY_SCRIPT = f"models: [{{model: scripts.safetensors, thresholds: {{{', '.join(f'{word}: 90%' for word in WORDS)}}}}}]"
DEMO = ROOT / "wakeword/assets/demo.flac"


@dataclass(frozen=True)
class Answers:
    """What one run of ESPHome, which takes long to start, says of all configurations."""

    of: dict[str, list[str]]
    folder: Path  # with the generated code

    def build(self, name: str) -> Path:
        return self.folder / ".esphome/build" / name


@pytest.fixture(scope="module")
def esphome(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    folder = tmp_path_factory.mktemp("esphome")
    for name in ("numbers", "hey_lumen"):
        shutil.copy(shipped_models()["digits10"], folder / f"{name}.safetensors")
    for name in ("words.txt", "words.h"):
        (folder / name).write_text("yes no")
    for name in ("hey.h", "copy_of_hey.h", "hey_lumen_model.h"):
        (folder / name).write_text(export_c(load_model("google12"), "hey"))
    (folder / "wakeword_1.h").write_text(export_c(load_model("google12"), "wakeword_1"))
    write_apart(folder / "scripts.safetensors")
    load("google12").with_thresholds(0.4).save(folder / "commands.safetensors")
    alone = folder / "no checkout/integrations/esphome/components"
    shutil.copytree(COMPONENTS, alone, ignore=shutil.ignore_patterns("__pycache__"))
    packages = folder / "packages"  # as installed, but for the C sources
    for package in ("featurizer", "wakeword", "wakeword/model", "wakeword/assets"):
        (packages / package).mkdir(parents=True)
        for part in (ROOT / package).glob("*.[ps][ya]*"):
            shutil.copy(part, packages / package)

    old = folder / "old/wakeword"
    old.mkdir(parents=True)
    (old / "__init__.py").write_text("raise ImportError('an installed package of another version')")

    copied = esp32("a", "models: google12", components=alone)
    less = str(folder / "less.yaml")
    jobs: dict[str, dict[str, Any]] = {
        **{rest: {"text": esp32("a", rest)} for rest in [*RIGHT, *WRONG]},
        **{example: {"text": in_device(example)} for example in EXAMPLES},
        "any script": {"text": esp32("scripts", ANY_SCRIPT), "generate": True},
        "44.1 kHz": {"text": esp32("a", "models: google12", rate=44100)},
        "no NumPy": {"text": esp32("a", "models: google12"), "missing": ["numpy"]},
        "another package": {"text": esp32("a", "models: google12"), "packages": [str(old.parent)]},
        "no package": {"text": copied},
        "no core": {"text": copied, "packages": [str(packages)]},
        "header": {"text": esp32("header", "models: hey.h"), "missing": ["numpy"], "generate": True},
        "esp32s3": {"text": DEVICE, "generate": True},
        "once more": {"text": esp32("less", "models: [google12, digits10]"), "path": less, "generate": True},
        "less": {"text": esp32("less", "models: [google12]"), "path": less, "generate": True},
        "esp32c3": {"text": esp32("c3", "models: [google12, digits10]", variant="esp32c3"), "generate": True},
        "studio": {"text": _of_studio(folder / "studio"), "path": str(folder / "studio/device.yaml"), "generate": True},
        "host": {"text": HOST.format(components=COMPONENTS, here=HERE), "generate": True},
    }
    for number, job in enumerate(jobs.values()):
        job.setdefault("path", str(folder / f"{number}.yaml"))
    return Answers(dict(zip(jobs, answers(list(jobs.values()), folder), strict=True)), folder)


def _of_studio(folder: Path) -> str:
    """Unpack what the studio gives for ESPHome into a folder, and return the configuration."""
    made = bundle(shipped_models()["computer"], "hé lúmen", "esphome")
    with zipfile.ZipFile(io.BytesIO(made.data)) as archive:
        archive.extractall(folder)
    (folder / "secrets.yaml").write_text("wifi_ssid: a\nwifi_password: abcdefgh\n")
    return (folder / "he_lumen.yaml").read_text()


def test_what_the_studio_gives_is_a_whole_device(esphome: Answers) -> None:
    assert esphome.of["studio"] == []
    generated = esphome.folder / "studio/.esphome/build/he-lumen/src"
    assert (generated / "esphome/components/wakeword/wakeword.cpp").exists()
    assert next(generated.rglob("ww_engine.c"))


@pytest.mark.parametrize("text", [*RIGHT, *EXAMPLES])
def test_a_right_configuration_is_taken(text: str, esphome: Answers) -> None:
    assert esphome.of[text] == []


@pytest.mark.parametrize(("rest", "message"), WRONG.items())
def test_a_wrong_configuration_is_refused_in_one_line(rest: str, message: str, esphome: Answers) -> None:
    assert [error.replace(f"{esphome.folder}/", "") for error in esphome.of[rest]] == [message]


def test_a_microphone_of_another_rate_is_refused(esphome: Answers) -> None:
    assert esphome.of["44.1 kHz"] == [
        "Invalid configuration for the specified microphone. The wakeword component requires a 16000 sample rate."
    ]


def test_libraries_that_are_missing_are_named_with_the_command_that_installs_them(esphome: Answers) -> None:
    (message,) = esphome.of["no NumPy"]
    assert message.endswith(f"; give a header of `wakeword export`, or run: {PYTHON} -m pip install numpy safetensors")


@pytest.mark.parametrize("missing", ["no package", "no core"])
def test_a_copy_of_the_component_alone_asks_for_a_checkout(missing: str, esphome: Answers) -> None:
    assert esphome.of[missing] == [
        "wakeword's Python package and the C sources of its core are not both here: let external_components name a "
        "checkout of wakeword or the unpacked archive of a release, which have them, and not a copy of this folder "
        "alone"
    ]


def test_the_checkout_s_own_package_is_taken_before_an_installed_one(esphome: Answers) -> None:
    assert esphome.of["another package"] == []


@pytest.mark.parametrize(
    ("configuration", "name", "first"),
    [("esp32s3", "listener", "computer"), ("esp32c3", "c3", "google12"), ("host", "hears", "google12")],
)
def test_the_core_and_the_models_are_part_of_the_generated_code(
    configuration: str, name: str, first: str, esphome: Answers
) -> None:
    assert esphome.of[configuration] == []
    sources = esphome.build(name) / "src"
    core = ROOT / "firmware/src/core"
    assert {path.name: path.read_bytes() for path in core.glob("*.[ch]")}.items() <= {
        path.name: path.read_bytes() for path in (sources / "wakeword").iterdir()
    }.items()
    assert (sources / "wakeword/wakeword_0_model.h").read_text() == export_c(load_model(first), "wakeword_0")
    assert '#include "wakeword/wakeword_0_model.h"' in (sources / "main.cpp").read_text()


def test_the_words_of_any_script_have_the_thresholds_of_the_configuration(esphome: Answers) -> None:
    """Its words are composed, those of the model's file are not."""
    assert esphome.of["any script"] == []
    model = many_scripts().with_thresholds(dict.fromkeys(WORDS, 0.9))
    generated = esphome.build("scripts") / "src/wakeword/wakeword_0_model.h"
    assert generated.read_bytes() == export_c(model, "wakeword_0").encode()


def test_a_model_that_is_exported_already_needs_no_package(esphome: Answers) -> None:
    assert esphome.of["header"] == []
    sources = esphome.build("header") / "src"
    assert (sources / "wakeword/wakeword_0_model.h").read_text() == (esphome.folder / "hey.h").read_text()
    assert "WakeWordModel(hey_model, hey_labels)" in (sources / "main.cpp").read_text()


def test_what_a_configuration_no_longer_has_leaves_the_generated_code(esphome: Answers) -> None:
    headers = {path.name for path in (esphome.build("less") / "src/wakeword").glob("wakeword_*")}
    assert headers == {"wakeword_0_model.h"}


@dataclass(frozen=True)
class Run:
    heard: list[str]  # words that the automation was given, in order
    logged: Events
    log: str

    def count(self, text: str) -> int:
        return len(re.findall(text, self.log))


class Program:
    """The program for `host`: it hears a recording as fast as it can."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def hear(self, samples: Samples, chunk: int, after_a_word: str = "go on", disabled: str = "none") -> Run:
        """chunk: samples that the microphone gives each time round the main loop. disabled: ids of models, at first."""
        recording = self._path.with_name("recording")
        recording.write_bytes(samples.tobytes())
        environment = {
            "HEARD": str(recording),
            "CHUNK": str(chunk),
            "AFTER_A_WORD": after_a_word,
            "DISABLED": disabled,
            "HOME": str(self._path.parent),  # ESPHome keeps preferences there
        }
        done = run([self._path], environment=environment)
        assert (done.returncode, done.stderr) == (0, "")
        logged = re.findall(r"Detected '(.+)' with a score of (\S+), (\S+) s after the start", done.stdout)
        return Run(re.findall(r"^heard (.+)$", done.stdout, re.M), logged, done.stdout)


@pytest.fixture(scope="module")
def program(esphome: Answers) -> Program:
    assert esphome.of["host"] == []
    path = esphome.folder / "program"
    compiled(esphome.build("hears"), path)
    return Program(path)


@pytest.fixture(scope="module")
def expected(esphome: Answers) -> Events:
    """The events of `wakeword listen` for the demo recording and the same models."""
    models = ["--model", "google12", "--model", "digits10", "--then", str(esphome.folder / "commands.safetensors")]
    command = ["listen", "--input", str(DEMO), "--json", *models]
    thresholds = [text for word, value in THRESHOLDS.items() for text in ("--threshold", f"{word}={value}")]
    done = CliRunner().invoke(cli, [*command, *thresholds], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return [(event["word"], f"{event['score']:.4f}", f"{event['time']:.3f}") for event in events]


def detected(esphome: Answers, *ids: str, begin: int = 0, commands: bool = True) -> Events:
    """The events of the API for the demo recording from this sample on, of the models of these ids and the commands."""
    models = {"words": load("google12"), "numbers": load("digits10").with_thresholds(THRESHOLDS)}
    then = [load(esphome.folder / "commands.safetensors")] if commands else []
    found = Detector([models[id] for id in ids], then=then).push(demo()[begin:])
    return [(one.word, f"{one.score:.4f}", f"{one.time:.3f}") for one in found]


def test_all_models_have_events_to_compare(expected: Events, esphome: Answers) -> None:
    words, numbers = (detected(esphome, id, commands=False) for id in ("words", "numbers"))
    assert (len(words), len(numbers)) >= (11, 3)
    assert set(words) | set(numbers) < set(expected), "the commands have some more"


@pytest.mark.parametrize("chunk", [160, 333, 8192], ids=["10 ms", "odd", "as much as the queue holds"])
def test_the_program_hears_what_listen_hears(chunk: int, program: Program, expected: Events) -> None:
    heard = program.hear(demo(), chunk)
    assert heard.logged == expected
    assert heard.heard == [word for word, _, _ in expected]
    assert heard.count("it runs") == len(expected)
    assert "Audio was lost" not in heard.log


def test_it_stops_after_a_word_before_the_automation(program: Program, expected: Events) -> None:
    heard = program.hear(demo(), 160, "stop")
    assert heard.logged == expected[:1]
    assert (heard.count("it is stopped"), heard.count("it runs"), heard.count("Stopped")) == (1, 0, 1)


@pytest.mark.parametrize("chunk", [160, 4000], ids=["10 ms", "a quarter of a second"])
def test_an_automation_may_start_it_again_from_a_fresh_state(chunk: int, program: Program, esphome: Answers) -> None:
    heard = program.hear(demo(), chunk, "stop and start")
    events = []
    begin = 0
    while first := detected(esphome, "words", "numbers", begin=begin)[:1]:
        events += first
        begin += round(float(first[0][2]) * SAMPLE_RATE)
        begin = math.ceil(begin / chunk) * chunk  # what the microphone gave before the start is not heard
    assert len(events) > 5
    assert heard.logged == events


def test_start_and_stop_may_be_called_twice(program: Program, expected: Events) -> None:
    heard = program.hear(demo_words(), 160, "wakeword.stop")
    assert heard.logged == expected[:1]
    assert (heard.count("Listening"), heard.count("Stopped")) == (1, 1)


def test_a_disabled_model_is_not_heard_and_wakes_no_commands(program: Program, esphome: Answers) -> None:
    assert program.hear(demo(), 160, disabled="words").logged == detected(esphome, "numbers")
    assert program.hear(demo(), 160, disabled="numbers").logged == detected(esphome, "words")
    assert program.hear(demo(), 160, disabled="words and numbers").logged == []


def test_after_all_models_are_disabled_commands_are_heard_for_the_rest_of_their_time(program: Program) -> None:
    times = [float(time) for _, _, time in program.hear(demo(), 160, "disable").logged]
    assert len(times) > 1
    assert times[-1] <= times[0] + 5.0


def test_a_model_that_is_enabled_while_it_listens_begins_afresh(program: Program, esphome: Answers) -> None:
    heard = program.hear(demo(), 160, "enable", disabled="numbers").logged
    frame = round((float(heard[0][2]) * SAMPLE_RATE - WINDOW) / HOP)  # of the word after which it is enabled
    begin = (frame + 1) * HOP
    numbers = load("digits10").keywords
    late = [event for event in detected(esphome, "numbers", begin=begin) if event[0] in numbers]
    assert len(late) > 2
    assert [event for event in heard if event[0] in numbers] == [
        (word, score, f"{float(time) + begin / SAMPLE_RATE:.3f}") for word, score, time in late
    ]


def test_audio_beyond_the_queue_is_lost_and_said_once(program: Program) -> None:
    heard = program.hear(demo(), 8193)
    assert heard.heard == []
    assert heard.count("Audio was lost, since the main loop was held up for half a second") == 1


def test_samples_pass_from_the_microphone_s_thread_to_the_main_loop_in_order(tmp_path: Path) -> None:
    program = tmp_path / "run_queue"
    source = HERE / "run_queue.cpp"
    flags = ["-std=gnu++20", "-O2", "-pthread", "-Wall", "-Wextra", f"-I{COMPONENTS / 'wakeword'}"]
    built = run(["g++", *flags, source, "-o", program])
    assert (built.returncode, built.stderr) == (0, "")
    done = run([program])
    assert (done.returncode, done.stdout, done.stderr) == (0, "1000000 0 0\n", "")
