"""The accuracy bench: grouping results, measuring what is missing, and writing the table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bench.accuracy.document import BEGIN, END, write_section
from bench.accuracy.groups import Group, Spread, grouped
from bench.accuracy.measure import accepted, load_untrained, measured
from bench.accuracy.report import report
from bench.accuracy.table import as_notes, as_table
from bench.results.records import read_table as read_figures
from tests.wakeword.terminal import refusal, wakeword
from tests.wakeword.tones import RATE, tone, write_tones
from wakeword.data.keywords import keyword_set
from wakeword.errors import UsageError, WakewordError
from wakeword.evaluation.accuracy import evaluate
from wakeword.model.file import read_model
from wakeword.sweeps.grid import Grid, parse_dimensions, trials
from wakeword.sweeps.results import TABLE, Result, gather, model_path, read_table, write_result
from wakeword.sweeps.trial import Job, corpus_digest, run_trial

RESULT = Result(
    trial="best-own-seed0-0",
    keywords="digits10",
    preset="best",
    cell=None,
    settings={"hidden": 64},
    seed=0,
    weights="int8",
    accuracies={"validation": {"integer": 0.9, "float": 0.91}},
    bytes=5000,
    multiplications=100_000,
    seconds=60.0,
    trained_words=["bird"],
    machine="a machine",
    parallel=2,
    version="1",
    command="wakeword sweep --preset best --seeds 3",
)
GRU = replace(
    RESULT,
    trial="best-gru-seed0-0",
    cell="gru",
    weights="float32",
    bytes=50_000,
    accuracies={"validation": {"float": 0.93}},
    command="wakeword sweep --preset best --cell gru --seeds 1",
)


def with_seed(seed: int, accuracy: float, size: int = 5000) -> Result:
    shares = {"validation": {"integer": accuracy, "float": accuracy + 0.01}}
    return replace(RESULT, trial=f"best-own-seed{seed}-0", seed=seed, accuracies=shares, bytes=size)


SEEDS = [with_seed(0, 0.90), with_seed(1, 0.92, size=5100), with_seed(2, 0.94)]


def only(results: list[Result]) -> Group:
    ((group,),) = grouped(results).values()
    return group


def test_seeds_of_one_training_are_one_line_with_mean_and_deviation() -> None:
    group = only([SEEDS[2], SEEDS[0], SEEDS[1]])
    assert [result.seed for result in group.results] == [0, 1, 2]
    accuracy, loss = group.accuracy("validation"), group.loss_by_integers("validation")
    assert accuracy is not None and loss is not None
    assert (accuracy.mean, accuracy.deviation) == pytest.approx((0.92, 0.02))
    assert (loss.mean, loss.deviation) == pytest.approx((0.01, 0))
    assert group.bytes == 5100


def test_a_single_seed_has_no_deviation() -> None:
    assert only(SEEDS[:1]).accuracy("validation") == Spread(0.90, None)


@pytest.mark.parametrize("other", [{"cell": "gru"}, {"settings": {"hidden": 32}}, {"preset": "paper"}])
def test_another_network_or_setting_is_a_line_of_its_own(other: dict[str, Any]) -> None:
    assert len(grouped([RESULT, replace(RESULT, trial="another", **other)])["digits10"]) == 2


def test_lines_are_sorted_by_size_for_each_set_of_keywords() -> None:
    groups = grouped([GRU, RESULT, replace(RESULT, trial="another", keywords="google12")])
    assert {name: [group.title for group in each] for name, each in groups.items()} == {
        "digits10": ["best, hidden 64", "best, gru, hidden 64"],
        "google12": ["best, hidden 64"],
    }


def test_a_trial_in_two_tables_is_the_one_with_more_accuracies() -> None:
    fuller = replace(RESULT, accuracies=RESULT.accuracies | {"test": {"integer": 0.8, "float": 0.8}})
    assert only([RESULT, fuller, RESULT]).results == (fuller,)


def test_two_runs_of_the_same_name_on_other_data_are_refused() -> None:
    with pytest.raises(WakewordError, match="of the same name on other data or settings"):
        grouped([RESULT, replace(RESULT, trial="on other data")])


def test_an_accuracy_that_a_seed_lacks_is_none() -> None:
    first = replace(SEEDS[0], accuracies=SEEDS[0].accuracies | {"test": {"integer": 0.8, "float": 0.8}})
    assert only([first, SEEDS[1]]).accuracy("test") is None


def test_the_table_as_it_is_printed() -> None:
    table = as_table(grouped([*SEEDS, GRU])["digits10"], ["validation"], {})
    assert table.splitlines() == [
        "|  | network | weights | seeds | validation, % | float less integers, points "
        "| bytes | multiplications/s | training, min |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        "| 1 | best | int8 | 3 | 92.0 ± 2.0 | 1.00 ± 0.00 | 5,100 | 100,000 | 1.0 |",
        "| 2 | best, gru | float32 | 1 | 93.0 | – | 50,000 | 100,000 | 1.0 |",
    ]


def test_common_settings_are_noted_once_below_the_table() -> None:
    settings = {"hidden": 64, "frames_per_step": 2}
    groups = grouped([replace(RESULT, settings=settings), replace(GRU, settings=settings | {"hidden": 32})])["digits10"]
    names = [line.split(" | ")[1] for line in as_table(groups, ["validation"], {}).splitlines()[2:]]
    assert names == ["best, hidden 64", "best, gru, hidden 32"]
    assert as_notes(groups).startswith("All with frames_per_step 2. Means")
    assert as_notes(groups[:1]).startswith("Means")


def write_table(folder: Path, results: list[Result]) -> Path:
    for result in results:
        write_result(folder, result)
    gather(folder)
    return folder


def test_a_document_keeps_the_text_around_the_section(tmp_path: Path) -> None:
    document = tmp_path / "results.md"
    document.write_text(f"# Results\n\nbefore\n\n{BEGIN}\nold\n{END}\n\nafter\n")
    write_section(document, "new")
    assert document.read_text() == f"# Results\n\nbefore\n\n{BEGIN}\nnew\n{END}\n\nafter\n"


def test_a_document_without_the_section_gets_it_at_its_end(tmp_path: Path) -> None:
    document = tmp_path / "results.md"
    document.write_text("# Results\n")
    write_section(document, "new")
    assert document.read_text() == f"# Results\n\n{BEGIN}\nnew\n{END}\n"


def test_a_document_with_half_a_section_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "results.md"
    document.write_text(BEGIN)
    with pytest.raises(WakewordError, match="both comments"):
        write_section(document, "new")
    assert document.read_text() == BEGIN


def test_writing_again_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document, picture = tmp_path / "results.md", tmp_path / "accuracy.svg"
    runs = [write_table(tmp_path / "a", SEEDS), write_table(tmp_path / "b", [GRU])]
    written = []
    for _ in range(2):
        report(runs, "validation", None, None, document)
        written.append((document.read_bytes(), picture.read_bytes(), capsys.readouterr().out))
    assert written[0] == written[1]
    text, printed = document.read_text(), written[0][2].strip()
    assert "(accuracy.svg)" in text and text.count(BEGIN) == 1
    assert "wakeword sweep --preset best --seeds 3  # 1\nwakeword sweep --preset best --cell gru --seeds 1  # 2" in text
    assert printed in text


def test_a_recorded_table_is_a_table_of_results(tmp_path: Path) -> None:
    record = tmp_path / "networks.json"
    report([write_table(tmp_path / "a", [*SEEDS, GRU])], "validation", None, None, record=record)
    records = {(found.row, found.column): found for found in read_figures(record).records}
    own = records["1: best, hidden 64", "validation, %"]
    assert (own.values, own.sd, own.seeds) == ((92.0,), 2.0, "0, 1, 2")
    assert own.command == "wakeword sweep --preset best --seeds 3"
    assert list(records["2: best gru, hidden 64", "bytes"].values) == [50_000]
    assert records["2: best gru, hidden 64", "float less integers, points"].text == "–"


def test_a_table_of_results_holds_one_set_of_keywords(tmp_path: Path) -> None:
    other = replace(RESULT, trial="another", keywords="google12")
    with pytest.raises(UsageError, match="one set of keywords; these have digits10, google12"):
        report([write_table(tmp_path, [RESULT, other])], "validation", None, None, record=tmp_path / "networks.json")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tones(tmp_path_factory.mktemp("tones"), clips=20)


@pytest.fixture(scope="module")
def runs(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train two networks on the tones for an epoch or three, one of them in floats, without test results."""
    folder = tmp_path_factory.mktemp("runs")
    job = Job(keyword_set("low,high"), data, None, folder, seeds=1, parallel=1, test=False)
    short = ["low_rank=1", "sparse=1", "quantized=1", "least=1", "hidden=8", "rank_w=4", "rank_u=4"]
    settings = parse_dimensions(short, None)
    for trial in trials(Grid(("small",), (None, "gru"), settings, seeds=1), job.keywords, corpus_digest(data, None)):
        run_trial(trial, job)
    gather(folder)
    return folder


def test_missing_test_results_are_measured_and_stored(runs: Path, data: Path) -> None:
    with pytest.raises(WakewordError, match=r"2 models of .* have no test results yet: give --data"):
        measured(runs, None)
    results = measured(runs, data)
    assert read_table(runs / TABLE) == measured(runs, None) == results
    own, gru = sorted(results, key=lambda result: result.cell or "")
    engine = evaluate(read_model(model_path(runs, own.trial)), data, split="test")
    assert own.accuracies["test"]["integer"] == engine.accuracy
    assert gru.accuracies["test"].keys() == gru.accuracies["test, protocol"].keys() == {"float"}


def test_untrained_words_accepted_as_a_keyword_are_counted(runs: Path, data: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    (tmp_path / "middle").mkdir()
    for i in range(10):
        soundfile.write(tmp_path / "middle" / f"{i}.wav", tone(1500, rng), RATE)
    own, gru = sorted(read_table(runs), key=lambda result: result.cell or "")
    untrained = load_untrained(str(tmp_path), None)
    assert (untrained.words, len(untrained.clips)) == (("middle",), 10)
    shares = dict(accepted(runs, [own, gru], untrained))
    assert shares.keys() == {own.trial, gru.trial}
    confusion = evaluate(read_model(model_path(runs, own.trial)), tmp_path, split="all").confusion
    assert shares[own.trial] == confusion[:, 2:].sum() / 10  # the labels after silence and unknown


def test_a_word_of_a_training_is_not_untrained(runs: Path, data: Path) -> None:
    with pytest.raises(WakewordError, match=r"small-.* was trained with other: give --untrained words"):
        list(accepted(runs, read_table(runs), load_untrained("other", data)))


def test_the_command_says_what_is_wrong_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / TABLE).write_text("milk, eggs\n")
    monkeypatch.chdir(tmp_path)
    assert f"{TABLE}, line 1, is no result of a sweep" in refusal(wakeword("bench", "accuracy", TABLE))
