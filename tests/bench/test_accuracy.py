"""The table of accuracies: which results make a line, what is measured for it, and where it is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tones import RATE, tone, write_tones

from bench.accuracy.__main__ import report
from bench.accuracy.document import BEGIN, END, write_section
from bench.accuracy.groups import Group, Spread, grouped
from bench.accuracy.measure import false_accepts, load_foreign, measured
from bench.accuracy.table import as_notes, as_table
from bench.results.records import read_table as read_figures
from tests.wakeword.terminal import refusal, wakeword
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
    heard=["bird"],
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
    assert group.accuracy("validation") == Spread(pytest.approx(0.92), pytest.approx(0.02))
    assert group.loss_by_integers("validation") == Spread(pytest.approx(0.01), pytest.approx(0))
    assert group.bytes == 5100


def test_a_single_seed_has_no_deviation() -> None:
    assert only(SEEDS[:1]).accuracy("validation") == Spread(0.90, None)


@pytest.mark.parametrize("other", [{"cell": "gru"}, {"settings": {"hidden": 32}}, {"preset": "paper"}])
def test_another_network_or_setting_is_a_line_of_its_own(other: dict[str, object]) -> None:
    assert len(grouped([RESULT, replace(RESULT, trial="another", **other)])["digits10"]) == 2


def test_lines_stand_by_size_and_keywords_apart() -> None:
    groups = grouped([GRU, RESULT, replace(RESULT, trial="another", keywords="google12")])
    assert {name: [group.title for group in each] for name, each in groups.items()} == {
        "digits10": ["best, hidden 64", "best, gru, hidden 64"],
        "google12": ["best, hidden 64"],
    }


def test_a_trial_of_two_tables_is_one_with_all_that_was_measured() -> None:
    fuller = replace(RESULT, accuracies=RESULT.accuracies | {"test": {"integer": 0.8, "float": 0.8}})
    assert only([RESULT, fuller, RESULT]).results == (fuller,)


def test_two_runs_that_pass_for_the_same_are_refused() -> None:
    with pytest.raises(WakewordError, match="of the same name on other data or settings"):
        grouped([RESULT, replace(RESULT, trial="on other data")])


def test_an_accuracy_that_not_all_seeds_have_is_left_open() -> None:
    first = replace(SEEDS[0], accuracies=SEEDS[0].accuracies | {"test": {"integer": 0.8, "float": 0.8}})
    assert only([first, SEEDS[1]]).accuracy("test") is None


def test_the_table_as_it_is_printed() -> None:
    table = as_table(grouped([*SEEDS, GRU])["digits10"], ["validation"], {})
    assert table.splitlines() == [
        "|  | network | weights | seeds | validation, % | float more, points "
        "| bytes | multiplications/s | training, min |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        "| 1 | best | int8 | 3 | 92.0 ± 2.0 | 1.00 ± 0.00 | 5,100 | 100,000 | 1.0 |",
        "| 2 | best, gru | float32 | 1 | 93.0 | – | 50,000 | 100,000 | 1.0 |",
    ]


def test_what_all_lines_have_in_common_stands_below_them_once() -> None:
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


def test_a_document_keeps_what_stands_around_the_section(tmp_path: Path) -> None:
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
    assert records["2: best gru, hidden 64", "bytes"].values == (50_000,)
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
    """Two networks that learned the tones for an epoch or three, one of them in floats, not tested yet."""
    folder = tmp_path_factory.mktemp("runs")
    job = Job(keyword_set("low,high"), data, None, folder, seeds=1, parallel=1, test=False)
    settings = parse_dimensions(["low_rank=1", "sparse=1", "quantised=1", "hidden=8", "rank_w=4", "rank_u=4"], None)
    for trial in trials(Grid(("small",), (None, "gru"), settings, seeds=1), job.keywords, corpus_digest(data, None)):
        run_trial(trial, job)
    gather(folder)
    return folder


def test_what_was_not_tested_is_and_is_kept(runs: Path, data: Path) -> None:
    with pytest.raises(WakewordError, match=r"2 models of .* were not tested yet, which needs --data"):
        measured(runs, None)
    results = measured(runs, data)
    assert read_table(runs / TABLE) == measured(runs, None) == results
    own, gru = sorted(results, key=lambda result: result.cell or "")
    engine = evaluate(read_model(model_path(runs, own.trial)), data, split="test")
    assert own.accuracies["test"]["integer"] == engine.accuracy
    assert gru.accuracies["test"].keys() == gru.accuracies["test, protocol"].keys() == {"float"}


def test_words_never_heard_are_counted_where_they_pass_for_a_keyword(runs: Path, data: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    (tmp_path / "middle").mkdir()
    for i in range(10):
        soundfile.write(tmp_path / "middle" / f"{i}.wav", tone(1500, rng), RATE)
    own, gru = sorted(read_table(runs), key=lambda result: result.cell or "")
    foreign = load_foreign(str(tmp_path), None)
    assert (foreign.words, len(foreign.clips)) == (("middle",), 10)
    shares = dict(false_accepts(runs, [own, gru], foreign))
    assert shares.keys() == {own.trial, gru.trial}
    confusion = evaluate(read_model(model_path(runs, own.trial)), tmp_path, split="all").confusion
    assert shares[own.trial] == confusion[:, 2:].sum() / 10  # the labels after silence and unknown


def test_a_word_that_was_heard_is_not_foreign(runs: Path, data: Path) -> None:
    with pytest.raises(WakewordError, match="other: heard in the training of small-"):
        list(false_accepts(runs, read_table(runs), load_foreign("other", data)))


def test_the_command_says_what_is_wrong_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / TABLE).write_text("milk, eggs\n")
    monkeypatch.chdir(tmp_path)
    assert f"{TABLE}, line 1, is no result of a sweep" in refusal(wakeword("bench", "accuracy", TABLE))
