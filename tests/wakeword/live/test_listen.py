"""`wakeword listen` prints the same events from a file and from a pipe in any chunks, for people and programs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from featurizer import SAMPLE_RATE
from tests.signals import ROOT, demo, noise, tone
from tests.waits import PATIENCE
from tests.wakeword.models import random_model
from tests.wakeword.terminal import refusal, started, wakeword
from wakeword.audio.files import write_wav
from wakeword.inference.detector import Event
from wakeword.inference.engine import Trace, open_engine
from wakeword.live.listen import JsonLines, PlainLines, listen
from wakeword.live.sources import file_source
from wakeword.model.file import Model, write_model
from wakeword.model.vocabulary import Vocabulary

DEMO = ROOT / "wakeword/assets/demo.flac"


@pytest.fixture(scope="module")
def loaded() -> Model:
    return random_model()


@pytest.fixture(scope="module")
def model(loaded: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "random.safetensors"
    write_model(loaded, path)
    return path


@pytest.fixture(scope="module")
def events(loaded: Model) -> list[Event]:
    """The events of the demo recording."""
    events = open_engine(loaded).push(demo()).events
    assert len(events) > 5
    return events


def test_json_prints_one_object_a_line_for_each_event(model: Path, loaded: Model, events: list[Event]) -> None:
    done = wakeword("listen", "--model", model, "--input", DEMO, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [list(line) for line in lines] == [["word", "score", "time", "frame"]] * len(events)
    for line, event in zip(lines, events, strict=True):
        assert line["word"] == loaded.labels[event.label]
        assert line["score"] == round(event.score / 32768, 4)
        assert line["frame"] == event.frame
        assert line["time"] == (event.frame * 160 + 400) / 16000


def test_without_a_terminal_each_event_is_a_plain_line_and_the_last_line_counts_them(
    model: Path, loaded: Model, events: list[Event]
) -> None:
    done = wakeword("listen", "--model", model, "--input", DEMO)
    assert (done.returncode, done.stderr) == (0, "")
    *lines, last = done.stdout.splitlines()
    assert [line.split() for line in lines] == [
        [f"{event.time:.2f}", "s", loaded.labels[event.label], f"{event.score / 32768:.2f}"] for event in events
    ]
    assert last == f"{len(events)} events in {len(demo()) / SAMPLE_RATE:.1f} seconds"


@pytest.mark.parametrize("chunk", [999, 31_001])
def test_raw_pcm_in_odd_chunks_through_a_pipe_equals_the_file(model: Path, chunk: int) -> None:
    pcm = demo().astype("<i2").tobytes()
    with started("listen", "--model", model, "--input", "-", "--json", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for start in range(0, len(pcm), chunk):
            process.stdin.write(pcm[start : start + chunk])
        found, complaint = process.communicate(timeout=PATIENCE)
    assert (complaint, process.returncode) == (b"", 0)
    assert found.decode() == wakeword("listen", "--model", model, "--input", DEMO, "--json").stdout


def test_an_event_is_printed_while_the_pipe_is_still_open(model: Path, events: list[Event]) -> None:
    with started("listen", "--model", model, "--input", "-", "--json", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        until_it = demo()[: events[1].frame * 160 + 400]
        process.stdin.write(until_it.astype("<i2").tobytes())
        assert [json.loads(process.stdout.readline())["frame"] for _ in range(2)] == [events[0].frame, events[1].frame]


def test_a_compressed_file_in_a_pipe_gives_the_events_of_the_file(model: Path, events: list[Event]) -> None:
    done = wakeword("listen", "--model", model, "--input", "-", "--json", stdin=DEMO.read_bytes())
    assert done.stderr == ""
    assert [json.loads(line)["frame"] for line in done.stdout.splitlines()] == [event.frame for event in events]


@pytest.mark.parametrize("sound", [b"", b"\x01"])
def test_a_pipe_without_a_sample_is_refused(model: Path, sound: bytes) -> None:
    refused = wakeword("listen", "--model", model, "--input", "-", stdin=sound)
    assert refusal(refused) == "wakeword: standard input holds no samples; pipe an audio file or raw 16-bit PCM into it"


def test_a_file_of_another_rate_and_more_channels_is_processed(model: Path, tmp_path: Path) -> None:
    stereo = np.stack([tone(440, 3), noise(3)], axis=1)[:, ::-1]
    soundfile.write(tmp_path / "stereo.wav", stereo, 44_100)
    done = wakeword("listen", "--model", model, "--input", tmp_path / "stereo.wav")
    seconds = len(stereo) / 44_100
    assert done.stdout.endswith(f" in {seconds:.1f} seconds\n")


@pytest.mark.parametrize(("name", "content"), [("notes.wav", b"milk, eggs"), ("empty.wav", b""), ("gone.wav", None)])
def test_a_file_that_is_no_audio_is_one_line(model: Path, tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    refused = wakeword("listen", "--model", model, "--input", tmp_path / name)
    assert name in refusal(refused)
    assert refused.stdout == ""


def test_real_time_changes_no_event(loaded: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_wav(tmp_path / "start.wav", demo()[: 2 * SAMPLE_RATE])
    outputs = []
    for realtime in (False, True):
        listen(
            open_engine(loaded),
            file_source(tmp_path / "start.wav", realtime),
            JsonLines(Vocabulary.of([("test", loaded)])),
        )
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1] != ""


def test_one_event_is_not_called_events(loaded: Model) -> None:
    nothing = np.zeros((0, 0), np.int16)
    lines = PlainLines(Vocabulary.of([("test", loaded)]))
    lines.update(np.zeros(8000, np.int16), Trace(nothing, nothing, nothing, nothing, [Event(2, 20000, 5)]))
    assert lines.summary() == "1 event in 0.5 seconds"
