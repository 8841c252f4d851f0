"""`wakeword eval --stream`: files as one endless stream, with the same result however the work is split."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from featurizer import HOP
from tests.signals import demo
from tests.test_shipped_model import wanted
from tests.wakeword.terminal import Run, refusal, wakeword
from wakeword.audio.files import write_wav
from wakeword.data.said import label_file
from wakeword.errors import WakewordError
from wakeword.evaluation import streams
from wakeword.evaluation.detection import EvaluationSetup, evaluate_positives, evaluate_stream
from wakeword.evaluation.positives import Conditions
from wakeword.evaluation.scoring import Counts
from wakeword.evaluation.streams import files_of, pieces
from wakeword.inference.engine import open_engine
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model

RATE = 16_000


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two minutes of words in files of seven seconds and some odd samples, in two folders."""
    folder = tmp_path_factory.mktemp("talks")
    rng = np.random.default_rng(0)
    samples = np.tile(demo(), 5)
    samples = (samples + rng.normal(0, 30, len(samples))).clip(-32768, 32767).astype(np.int16)
    for number, at in enumerate(range(0, len(samples), 7 * RATE + 77)):
        inside = folder / ("first" if number < 8 else "second")
        inside.mkdir(exist_ok=True)
        write_wav(inside / f"{number:02}.wav", samples[at : at + 7 * RATE + 77])
    (folder / "notes.txt").write_text("not audio")
    return folder


@pytest.fixture
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut two minutes into pieces, as usually hours are cut."""
    monkeypatch.setattr(streams, "PIECE", 30.0)


def same(one: Counts, other: Counts) -> bool:
    counts = ("positives", "hits", "false_accepts")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in counts) and (
        one.seconds,
        one.detections,
        one.misses,
    ) == (other.seconds, other.detections, other.misses)


@pytest.mark.usefixtures("short_pieces")
def test_one_process_and_three_give_the_same_result(model: Model, talks: Path) -> None:
    assert len(pieces(files_of([talks]))) == 4
    one, three = (evaluate_stream(EvaluationSetup(model, jobs=jobs), [talks]) for jobs in (1, 3))
    assert len(one.detections) > 40
    assert same(one, three)


def test_a_recording_that_is_given_twice_counts_once(talks: Path, tmp_path: Path) -> None:
    (tmp_path / "link.wav").symlink_to(talks / "first/00.wav")
    once = files_of([talks])
    assert files_of([talks, talks / "first/00.wav", talks / "first/../first", tmp_path / "link.wav"]) == once


def test_pieces_give_the_detections_of_the_unbroken_stream(
    model: Model, talks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unbroken = evaluate_stream(EvaluationSetup(model), [talks])
    step = HOP * model.frames_per_step
    whole = [soundfile.read(path, dtype="int16")[0] for path in files_of([talks])]
    stream = np.concatenate([samples[: len(samples) // step * step] for samples in whole])
    events = open_engine(model).push(stream).events
    assert [model.labels[event.label] for event in events] == [event.word for event in unbroken.detections]
    assert [event.score / 32768 for event in events] == [event.score for event in unbroken.detections]

    monkeypatch.setattr(streams, "PIECE", 30.0)
    pieced = evaluate_stream(EvaluationSetup(model), [talks])
    assert pieced.seconds == unbroken.seconds == len(stream) / RATE
    assert len(pieced.detections) == len(unbroken.detections)
    for one, other in zip(pieced.detections, unbroken.detections, strict=True):
        assert (one.word, one.file) == (other.word, other.file)
        assert one.time == pytest.approx(other.time, abs=0.021)  # a step: rounding in the state may tip a threshold
        assert one.score == pytest.approx(other.score, abs=0.05)


def test_without_a_warm_up_pieces_differ_from_the_unbroken_stream(
    model: Model, talks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unbroken = evaluate_stream(EvaluationSetup(model), [talks])
    monkeypatch.setattr(streams, "PIECE", 1.0)
    warm = evaluate_stream(EvaluationSetup(model), [talks])
    monkeypatch.setattr(streams, "WARM_UP", 0.0)
    cold = evaluate_stream(EvaluationSetup(model), [talks])
    assert (
        np.abs(cold.false_accepts - unbroken.false_accepts).sum()
        > 5 * np.abs(warm.false_accepts - unbroken.false_accepts).sum()
    )


def test_a_detection_names_its_file_and_time(model: Model, talks: Path) -> None:
    first = evaluate_stream(EvaluationSetup(model), [talks]).detections[0]
    (word, start, end), *_ = wanted(model)
    assert first.word == word and Path(first.file).name == "00.wav" and start < first.time < end + 0.5


@pytest.mark.usefixtures("short_pieces")
def test_a_word_that_a_label_file_beside_a_recording_names_is_no_false_accept(
    model: Model, talks: Path, tmp_path: Path
) -> None:
    shutil.copytree(talks, tmp_path / "talks")
    before = evaluate_stream(EvaluationSetup(model), [tmp_path / "talks"])
    said = before.detections[-1]
    recording = Path(said.file)
    label_file(recording).write_text(f"{said.time - 0.6}\t{said.time - 0.1}\t{said.word}\n1\t2\tanother\n")
    after = evaluate_stream(EvaluationSetup(model), [tmp_path / "talks"])
    assert after.positives.sum() == 1 and not after.misses
    false = {(one.file, one.time) for one in after.detections if one.latency is None}
    assert false == {(one.file, one.time) for one in before.detections} - {(said.file, said.time)}


def test_the_words_of_a_labelled_stream_are_found_and_nothing_else(model: Model, tmp_path: Path) -> None:
    write_wav(tmp_path / "demo.wav", demo())
    labels = tmp_path / "demo.txt"
    labels.write_text(
        "".join(f"{start}\t{end}\t{word.title()}\n" for word, start, end in wanted(model)) + "9\t9\tlumen\n"
    )
    counted = evaluate_stream(EvaluationSetup(model), [tmp_path / "demo.wav"], labels)
    assert counted.positives.sum() == len(wanted(model)) == len(counted.detections)
    assert not counted.misses and all(each.latency is not None and each.latency < 0.5 for each in counted.detections)
    assert 0 < counted.seconds < len(demo()) / RATE


def test_clips_of_words_are_found(model: Model, tmp_path: Path) -> None:
    for word, start, end in wanted(model):
        (tmp_path / word).mkdir(exist_ok=True)
        write_wav(tmp_path / word / f"{start}.wav", demo()[round((start - 0.1) * RATE) : round((end + 0.1) * RATE)])
    clean = evaluate_positives(EvaluationSetup(model), tmp_path, Conditions())
    assert clean.positives.sum() == len(wanted(model)) and len(clean.misses) <= 1
    (tmp_path / "noise").mkdir()
    write_wav(tmp_path / "noise" / "hiss.wav", np.random.default_rng(0).normal(0, 3000, 5 * RATE).astype(np.int16))
    drowned = evaluate_positives(
        EvaluationSetup(model), tmp_path, Conditions(tuple(files_of([tmp_path / "noise"])), -20)
    )
    assert len(drowned.misses) >= len(wanted(model)) - 2


@pytest.mark.parametrize(
    ("labels", "line"),
    [
        ("0\t1\tlumen\n", "names no word of the model; it knows yes, no"),
        ("0\t1\tyes\n", "labels one file, and the stream has"),
        ("0\t1\tyes\n500\t501\tlumen\n", r"names 'lumen' at 500 s, and .*00\.wav ends at .* s: give the recording"),
    ],
)
def test_labels_that_do_not_fit_are_refused(model: Model, talks: Path, tmp_path: Path, labels: str, line: str) -> None:
    (tmp_path / "labels.txt").write_text(labels)
    stream = [talks / "first/00.wav"] if "lumen" in labels else [talks]
    with pytest.raises(WakewordError, match=line):
        evaluate_stream(EvaluationSetup(model), stream, tmp_path / "labels.txt")


def test_the_command_prints_figures_and_writes_picture_and_clips(talks: Path, tmp_path: Path) -> None:
    labels, clips, picture = tmp_path / "labels.txt", tmp_path / "clips", tmp_path / "det.svg"
    labels.write_text("0.793\t1.273\tyes\n")
    stream: list[str | Path] = ["--stream", talks / "first/00.wav", "--labels", labels]
    done = wakeword("eval", "google12", *stream, "--clips", clips, "--det", picture, "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    yes = result["words"]["yes"]
    assert (yes["positives"], yes["missed"], yes["miss_rate"]) == (1, 0, 0.0)
    assert yes["miss_rate_interval"] == pytest.approx([0, 0.793], abs=0.001)  # Wilson, 0 of 1
    assert yes["false_accepts_per_hour_interval"][1] == pytest.approx(3.689 / result["hours"], rel=0.001)
    assert -0.5 < yes["latency_median"] < 0.5
    assert {"threshold", "miss_rate", "false_accepts_per_hour"} <= set(yes["det"][0])
    assert len(list(clips.glob("*.wav"))) == len(result["false_accepts"]) == 3  # go, left, right: not labelled
    assert picture.read_text().lstrip().startswith("<?xml")
    text = wakeword("eval", "google12", *stream).stdout
    assert "misses         0.0%, 0 of 1" in text and "false accept: go" in text


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--stream", "nowhere"], "there is no file nowhere"),
        (["--labels", "labels.txt"], "--labels: give --stream or --positives as well"),
        (["--jobs", "2", "--word", "yes"], "--word and --jobs: give --stream or --positives as well"),
        (["--stream", "a.wav", "--noise", "."], "--noise, --speed, --band and --word need --positives"),
        (["--stream", "a.wav", "--speed", "1.2"], "--noise, --speed, --band and --word need --positives"),
        (["--stream", "a.wav", "--band", "300:3400"], "--noise, --speed, --band and --word need --positives"),
        (["--positives", ".", "--band", "300"], "'300' is not LOW:HIGH in Hz"),
        (["--positives", ".", "--band", "nan:3400"], "'nan:3400' is no band between 0 and 8000 Hz"),
        (["--positives", ".", "--band", "3400:300"], "'3400:300' is no band between 0 and 8000 Hz"),
        (["--positives", ".", "--snr", "3"], "--snr needs --noise"),
        (["--positives", ".", "--det", "det.svg"], "--det plots both errors"),
        (["--stream", "a.wav", "--positives", ".", "--det", "det.doc"], "det.doc is not the name of a picture"),
        (["--stream", "a.wav", "--data", "."], "can't be combined with --data"),
        (["--positives", ".", "--clips", "there"], "--clips needs --stream"),
        (["--positives", ".", "--labels", "there"], "--labels needs --stream"),
    ],
)
def test_wrong_use_is_one_line(run: Run, options: list[str], line: str) -> None:
    done = run("eval", "google12", *options)
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert line in done.err


def test_a_broken_file_is_one_line_from_another_process_too(talks: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_text("milk, eggs")
    line = refusal(wakeword("eval", "google12", "--stream", talks, "--stream", tmp_path / "broken.wav", "--jobs", "2"))
    assert "broken.wav is not an audio file" in line
