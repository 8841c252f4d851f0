"""The component `wakeword:` in the real ESPHome: configurations, generated code, and a program on `host` that hears."""

from __future__ import annotations

import json
import math
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from tests.integrations.esphome.tool import COMPONENTS, HERE, PYTHON, answers, compiled
from tests.processes import run
from tests.signals import ROOT, demo, demo_words
from wakeword import Detector, load
from wakeword.cli import cli
from wakeword.model.export_c import export_c
from wakeword.model.pretrained import load_model, shipped_models

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="ESPHome needs Python 3.11")

Events = list[tuple[str, str, str]]  # word, score, and seconds since the start

THRESHOLDS = {"one": 0.3, "three": 0.25}  # low ones, so that the demo recording has some of these words
DEMO = ROOT / "wakeword/assets/demo.flac"

BASE = """
esphome: {{name: {name}}}
logger:
external_components: [{{source: {{type: local, path: {components}}}}}]
"""
ESP32 = """
esp32: {{variant: {variant}, framework: {{type: esp-idf}}}}
i2s_audio: {{i2s_lrclk_pin: GPIO4, i2s_bclk_pin: GPIO5}}
microphone: {{platform: i2s_audio, adc_type: external, i2s_din_pin: GPIO6, channel: left, sample_rate: {rate}}}
"""
HOST = """
esphome:
  name: hears
  on_boot:
    - lambda: |-
        App.set_loop_interval(0);
        id(listener).set_stop_after_detection(std::string(getenv("AFTER_A_WORD")).find("stop") == 0);
    - wakeword.start:
    - wakeword.start: listener
host:
logger:
external_components:
  - source: {{type: local, path: {components}}}
  - source: {{type: local, path: {here}/components}}
microphone:
  - {{platform: wav_file, id: recording}}
wakeword:
  id: listener
  microphone: recording
  models:
    - google12
    - {{model: numbers.safetensors, id: numbers, thresholds: {{"one": 30%, "three": 0.25}}}}
  on_wake_word_detected:
    - lambda: printf("heard %s\\n", wake_word.c_str());
    - if:
        condition: wakeword.is_running
        then: [lambda: printf("it runs\\n");]
        else: [lambda: printf("it is stopped\\n");]
    - if:
        condition: {{lambda: 'return getenv("AFTER_A_WORD") == std::string("stop and start");'}}
        then: [wakeword.start: ]
    - if:
        condition: {{lambda: 'return getenv("AFTER_A_WORD") == std::string("wakeword.stop");'}}
        then: [wakeword.stop: , wakeword.stop: ]
"""

RIGHT = (
    "models: google12",
    'models: [google12, {model: digits10, id: numbers, thresholds: {"one": 80%}}]',
    "models: [{model: numbers.safetensors, thresholds: 0.9}]",
    "models: [google12]\n  microphone: {bits_per_sample: 16, channels: 0, gain_factor: 4}",
)
WRONG = {
    "models: [google13]": (
        "there is no model 'google13': give the path of a model file, or a shipped model: digits10, google12"
    ),
    "models: [words.txt]": (
        "words.txt is truncated or no model (Error while deserializing: header too small); copy or train it again"
    ),
    "models: [uno]": (
        "uno is a model for the Arduino Uno, which is another kind; for its source: wakeword export uno --format uno "
        "--out DIR"
    ),
    'models: [{model: digits10, thresholds: {"no": 80%}}]': (
        "the model has no word 'no'; its words are zero, one, two, three, four, five, bed, cat, happy, eight"
    ),
    "models: [{model: google12, thresholds: {no: 80%}}]": (
        'put the words of thresholds in quotes, as in "yes": 80%, or YAML reads them as true or false'
    ),
    'models: [{model: google12, thresholds: {"no": 120%}}]': (
        "a threshold is between 0 and 1, as 0.8 or 80%, and 120% is not"
    ),
    'models: [{model: google12, thresholds: {"no": 0}}]': (
        "a threshold is between 0 and 1, as 0.8 or 80%, and 0 is not"
    ),
    "models: [{model: google12, thresholds: high}]": "a threshold is between 0 and 1, as 0.8 or 80%, and high is not",
    "models: []": "list at least one model, and at most 8: each takes RAM and time of the chip",
    f"models: [{', '.join(['google12'] * 9)}]": (
        "list at least one model, and at most 8: each takes RAM and time of the chip"
    ),
    "models: [google12, digits10, google12]": "google12 is listed twice; list each model once",
    "models: [{model: google12, id: one}, {model: digits10, id: one}]": (
        "ID one redefined! Check wakeword->models->0->id"
    ),
    "models: [{thresholds: 0.5}]": "required key not provided",
    "stop_after_detection: true": "required key not provided",
    "models: [{model: google12, probability_cutoff: 97%}]": (
        "probability_cutoff is of micro_wake_word's models, leave it out: a wakeword model has a threshold for each "
        "word, and `thresholds:` changes them"
    ),
    "models: [{model: google12, sliding_window_size: 5}]": (
        "sliding_window_size is of micro_wake_word's models, leave it out"
    ),
    "models: google12\n  vad:": (
        "vad is of micro_wake_word's models, leave it out: a wakeword model knows silence and noise itself"
    ),
    "models: google12\n  microphone: {bits_per_sample: 32}": "value must be at most 16",
    "models: google12\n  microphone: {channels: 1}": (
        "Invalid configuration for the wakeword component. Enabled channel 1 value must be at most 0"
    ),
}


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
    (folder / "words.txt").write_text("yes no")
    alone = folder / "no checkout/integrations/esphome/components"
    shutil.copytree(COMPONENTS, alone, ignore=shutil.ignore_patterns("__pycache__"))
    packages = folder / "packages"  # as installed from a wheel
    packages.mkdir()
    for package in ("featurizer", "wakeword"):
        (packages / package).symlink_to(ROOT / package)

    copied = esp32("a", "models: google12", components=alone)
    less = str(folder / "less.yaml")
    jobs: dict[str, dict[str, Any]] = {
        **{rest: {"text": esp32("a", rest)} for rest in [*RIGHT, *WRONG]},
        **{example: {"text": in_device(example)} for example in EXAMPLES},
        "44.1 kHz": {"text": esp32("a", "models: google12", rate=44100)},
        "no NumPy": {"text": esp32("a", "models: google12"), "missing": ["numpy"]},
        "no package": {"text": copied},
        "no core": {"text": copied, "packages": [str(packages)]},
        "esp32s3": {"text": DEVICE, "generate": True},
        "once more": {"text": esp32("less", "models: [google12, digits10]"), "path": less, "generate": True},
        "less": {"text": esp32("less", "models: [google12]"), "path": less, "generate": True},
        "esp32c3": {"text": esp32("c3", "models: [google12, digits10]", variant="esp32c3"), "generate": True},
        "host": {"text": HOST.format(components=COMPONENTS, here=HERE), "generate": True},
    }
    for number, job in enumerate(jobs.values()):
        job.setdefault("path", str(folder / f"{number}.yaml"))
    return Answers(dict(zip(jobs, answers(list(jobs.values()), folder), strict=True)), folder)


def esp32(name: str, rest: str, variant: str = "esp32s3", rate: int = 16000, components: Path = COMPONENTS) -> str:
    parts = BASE.format(name=name, components=components), ESP32.format(variant=variant, rate=rate)
    return "".join(parts) + f"wakeword:\n  {rest}\n"


DEVICE, *EXAMPLES = (
    block.replace("path: wakeword/integrations/esphome/components", f"path: {COMPONENTS}")
    for block in re.findall(r"```yaml\n(.*?)```", (ROOT / "integrations/esphome/README.md").read_text(), re.S)
    if "\nwakeword:" in f"\n{block}"
)  # of the component's page


def in_device(example: str) -> str:
    """Another `wakeword:` in the page's whole configuration."""
    return f"{DEVICE.partition('wakeword:')[0]}voice_assistant: {{microphone: ears}}\n{example}"


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


def test_what_is_missing_is_named_with_the_command_that_installs_it(esphome: Answers) -> None:
    (message,) = esphome.of["no NumPy"]
    assert message.endswith(f"; run: {PYTHON} -m pip install numpy safetensors")
    (message,) = esphome.of["no package"]
    assert message.endswith(f"; run: {PYTHON} -m pip install FOLDER, a checkout of wakeword")
    (message,) = esphome.of["no core"]
    assert message == (
        "the C sources of wakeword's core are not here: let external_components name a checkout of wakeword, whose "
        "firmware/src/core has them, and not a copy of this folder alone"
    )


@pytest.mark.parametrize(("configuration", "name"), [("esp32s3", "listener"), ("esp32c3", "c3"), ("host", "hears")])
def test_the_core_and_the_models_are_part_of_the_generated_code(
    configuration: str, name: str, esphome: Answers
) -> None:
    assert esphome.of[configuration] == []
    sources = esphome.build(name) / "src"
    core = ROOT / "firmware/src/core"
    assert {path.name: path.read_bytes() for path in core.glob("*.[ch]")}.items() <= {
        path.name: path.read_bytes() for path in (sources / "wakeword").iterdir()
    }.items()
    assert (sources / "wakeword/wakeword_0_model.h").read_text() == export_c(load_model("google12"), "wakeword_0")
    assert '#include "wakeword/wakeword_0_model.h"' in (sources / "main.cpp").read_text()


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

    def hear(self, samples: Samples, chunk: int, after_a_word: str = "go on") -> Run:
        """chunk: samples that the microphone gives each time round the main loop."""
        recording = self._path.with_name("recording")
        recording.write_bytes(samples.tobytes())
        environment = {
            "HEARD": str(recording),
            "CHUNK": str(chunk),
            "AFTER_A_WORD": after_a_word,
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
def expected() -> Events:
    """The events of `wakeword listen` for the demo recording and the same models."""
    command = ["listen", "--input", str(DEMO), "--json", "--model", "google12", "--model", "digits10"]
    thresholds = [text for word, value in THRESHOLDS.items() for text in ("--threshold", f"{word}={value}")]
    done = CliRunner().invoke(cli, [*command, *thresholds], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return [(event["word"], f"{event['score']:.4f}", f"{event['time']:.3f}") for event in events]


@pytest.mark.parametrize("chunk", [160, 333, 8192], ids=["10 ms", "odd", "as much as the queue holds"])
def test_the_program_hears_what_listen_hears(chunk: int, program: Program, expected: Events) -> None:
    heard = program.hear(demo(), chunk)
    assert len(expected) > 11, "some of the second model too"
    assert heard.logged == expected
    assert heard.heard == [word for word, _, _ in expected]
    assert heard.count("it runs") == len(expected)
    assert "Audio was lost" not in heard.log


def test_it_stops_after_a_word_before_the_automation(program: Program, expected: Events) -> None:
    heard = program.hear(demo(), 160, "stop")
    assert heard.logged == expected[:1]
    assert (heard.count("it is stopped"), heard.count("it runs"), heard.count("Stopped")) == (1, 0, 1)


@pytest.mark.parametrize("chunk", [160, 4000], ids=["10 ms", "a quarter of a second"])
def test_an_automation_may_start_it_again_from_a_fresh_state(chunk: int, program: Program) -> None:
    heard = program.hear(demo(), chunk, "stop and start")
    models = [load("google12"), load("digits10").with_thresholds(THRESHOLDS)]
    events = []
    begin = 0
    while event := next(iter(Detector(models).push(demo()[begin:])), None):
        events.append((event.word, f"{event.score:.4f}", f"{event.time:.3f}"))
        begin += round(event.time * SAMPLE_RATE)
        begin = math.ceil(begin / chunk) * chunk  # what the microphone gave before the start is not heard
    assert len(events) > 5
    assert heard.logged == events


def test_start_and_stop_may_be_called_twice(program: Program, expected: Events) -> None:
    heard = program.hear(demo_words(), 160, "wakeword.stop")
    assert heard.logged == expected[:1]
    assert (heard.count("Listening"), heard.count("Stopped")) == (1, 1)


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
