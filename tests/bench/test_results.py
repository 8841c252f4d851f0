"""The pages of results: every table comes from the JSON files, and a stale page is named."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from bench.results.__main__ import main
from bench.results.pages import ROOT, pages, stale, write_pages
from bench.results.records import FOLDER, Goal, Record, Table, read_notes, read_table, read_tables
from bench.results.render import as_claims, as_goals, as_grid, as_list, as_notes, plain, verdict, with_interval
from wakeword.cli import cli
from wakeword.errors import DataError
from wakeword.evaluation.intervals import wilson
from wakeword.model.pretrained import figures
from wakeword.training.overrides import apply_settings, parse_settings
from wakeword.training.presets import PRESETS

TABLES = read_tables()
RECORDS = [record for table in TABLES.values() for record in table.records]
COUNT = {"row": "accuracy", "counts": [90], "total": 100}


def write_json(folder: Path, *records: Mapping[str, object], **shared: object) -> Path:
    path = folder / "figures.json"
    path.write_text(json.dumps({"shared": shared, "records": records}))
    return path


def site(root: Path, page: str) -> Path:
    """A root with one page of results and empty lab notes."""
    (root / "docs" / "results").mkdir(parents=True)
    (root / "docs" / "results" / "page.md").write_text(page)
    (root / "docs" / "lab-notes.md").write_text("# Notes\n")
    return root


def test_no_page_is_stale() -> None:
    assert stale() == []


def test_the_check_names_a_stale_page_and_the_command_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site(tmp_path, "before\n<!-- list: figures -->\nold\n<!-- end -->\nafter\n")
    write_json(tmp_path, COUNT)
    monkeypatch.setattr("bench.results.__main__.stale", lambda: stale(tmp_path, tmp_path))
    monkeypatch.setattr(sys, "argv", ["results", "--check"])
    with pytest.raises(SystemExit, match=r"stale: docs/results/page.md; write them anew by python -m bench.results"):
        main()
    write_pages(tmp_path, tmp_path)
    text = (tmp_path / "docs" / "results" / "page.md").read_text()
    assert text.startswith("before\n<!-- list: figures -->\n| figure |") and text.endswith("<!-- end -->\nafter\n")
    main()


def test_a_figure_that_shows_other_points_is_stale(tmp_path: Path) -> None:
    site(tmp_path, "<!-- grid: networks -->\n<!-- end -->\n")
    cells = [{"row": "1: GRU, 64 units", "column": column} for column in ("test, %", "bytes")]
    for accuracy in (90, 91):
        records = [cells[0] | {"values": [accuracy]}, cells[1] | {"values": [1024]}]
        write_json(tmp_path, *records).rename(tmp_path / "networks.json")
        assert stale(tmp_path, tmp_path) == ["docs/results/page.md", "docs/results/accuracy.svg"]
        write_pages(tmp_path, tmp_path)
        assert stale(tmp_path, tmp_path) == []


@pytest.mark.parametrize("mark", ["<!-- list: other -->", "<!-- claims: figures -->"])
def test_a_mark_without_a_file_and_a_file_without_a_mark_are_refused(tmp_path: Path, mark: str) -> None:
    write_json(tmp_path, COUNT)
    with pytest.raises(DataError, match=r"holds no other|figures: no page has a mark"):
        write_pages(site(tmp_path, f"{mark}\n<!-- end -->\n"), tmp_path)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"row": "a", "vlaue": 1}, "can't have vlaue"),
        ({"counts": [1], "total": 2}, "needs a row"),
        ({"row": "a"}, "give counts and total, or values, or a text"),
        ({"row": "a", "counts": [1]}, "give counts and total"),
        ({"row": "a", "counts": [3], "total": 2}, "between 0 and the total, 2"),
        ({"row": "a", "values": [1], "goal": {"below": 2}}, "at_least or at_most"),
    ],
)
def test_a_record_that_says_too_little_or_too_much_is_refused(
    tmp_path: Path, record: dict[str, object], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_table(write_json(tmp_path, record))


def test_a_record_takes_what_its_row_and_its_table_say(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    rows = {"accuracy": {"seeds": "1", "date": "today"}}
    shared = {"seeds": "0", "machine": "one", "date": "then"}
    path.write_text(json.dumps({"shared": shared, "rows": rows, "records": [COUNT | {"date": "now"}]}))
    (record,) = read_table(path).records
    assert (record.machine, record.seeds, record.date) == ("one", "1", "now")


def test_a_count_comes_with_its_interval() -> None:
    low, high = wilson(90, 100)
    text = with_interval(Record("accuracy", counts=(90,), total=100))
    assert text == f"90.0 % (90 of 100; 95 %: {100 * low:.1f} to {100 * high:.1f})"


def test_seeds_come_with_their_mean_and_range() -> None:
    record = Record("misses", counts=(1, 0, 33), total=315)
    assert plain(record) == "0.3, 0.0, 10.5 %"
    assert with_interval(record) == "3.6 % (mean of 3 seeds; 0.0 to 10.5)"


def test_of_few_trials_the_counts_are_given() -> None:
    assert plain(Record("misses", counts=(3, 5), total=12)) == "3, 5 of 12"


def test_a_mean_with_its_deviation() -> None:
    assert with_interval(Record("accuracy", values=(93.5,), sd=1.0, unit="%")) == "93.5 ± 1.0 %"


@pytest.mark.parametrize(
    ("counts", "goal", "text"),
    [
        ((90,), {"at_least": 90}, "met"),
        ((90,), {"at_least": 91}, "**missed**"),
        ((90,), {"at_most": 90}, "met"),
        ((80, 91, 92), {"at_least": 87}, "met, by 2 of 3 seeds"),
        ((80, 81, 92), {"at_least": 90}, "**missed**, met by 1 of 3 seeds"),
    ],
)
def test_the_mean_decides_whether_a_goal_is_met(counts: tuple[int, ...], goal: dict[str, float], text: str) -> None:
    assert verdict(Record("accuracy", counts=counts, total=100, goal=Goal.of(goal))) == text


def test_a_list_has_a_row_for_each_figure_and_says_what_was_not_recorded() -> None:
    records = (Record("a", values=(1,), decimals=0, command="run"), Record("b", text="all | equal", note="twice"))
    assert as_list(Table("figures", records)).splitlines() == [
        "| figure | value | command |",
        "| --- | --- | --- |",
        "| a | 1 | `run` |",
        "| b | all \\| equal; twice | not recorded |",
        "",
        "Measured not recorded (not recorded). Data: not recorded. Machine: not recorded. Seeds: not recorded.",
    ]


def test_a_grid_has_a_row_and_a_column_for_each_name() -> None:
    records = [Record(row, column, values=(1,), decimals=0, command="run") for row in "ab" for column in "xy"]
    lines = as_grid(Table("figures", tuple(records[:3]))).splitlines()
    assert lines[:4] == ["|  | x | y |", "| --- | --- | --- |", "| a | 1 | 1 |", "| b | 1 |  |"]
    assert lines[-3:] == ["```", "run", "```"]


def test_a_cell_of_several_seeds_begins_with_their_mean() -> None:
    lines = as_grid(Table("figures", (Record("misses", "6 KB", counts=(1, 0, 33), total=315),))).splitlines()
    assert lines[2] == "| misses | 3.6 % (0.3, 0.0, 10.5) |"


def test_goals_stand_with_the_figures_that_have_one() -> None:
    goal = Goal.of({"at_most": 5})
    records = (Record("misses", "6 KB", counts=(1, 2), total=100, goal=goal), Record("misses", "2 KB", values=(1,)))
    lines = as_goals([Table("figures", records)]).splitlines()
    assert lines[2:] == ["| 6 KB, misses | 1.5 % (mean of 2 seeds; 1.0 to 2.0) | at most 5 % | met, by 2 of 2 seeds |"]


def test_a_claim_is_a_record_with_a_task() -> None:
    goal = Goal.of({"at_least": 92})
    claim = Record("accuracy", counts=(90,), total=100, task="ten words", bytes=(5985,), goal=goal, commit="e39d99d")
    lines = as_claims([Table("figures", (claim, Record("other", values=(1,))))]).splitlines()
    assert lines[0] == "| task | bytes | figure | goal |  | command | commit |" and len(lines) == 3
    assert lines[2].startswith("| ten words | 5,985 | accuracy: 90.0 % (90 of 100;")
    assert lines[2].endswith("| at least 92 % | **missed** | not recorded | e39d99d |")


def test_the_lab_notes_have_a_row_for_each_experiment() -> None:
    names = ("topic", "date", "commit", "change", "data", "seeds", "before", "after", "decision")
    assert all(tuple(note) == names for note in read_notes())
    lines = as_notes([dict(zip(names, "TDCABSXYZ", strict=True)) | {"before": ""}]).splitlines()
    assert lines[0] == "## T" and lines[-1] == "| D, C | A | B | S | – | Y | Z |"


def test_every_claim_stands_on_the_first_page() -> None:
    first = (ROOT / "docs" / "results" / "README.md").read_text()
    named = re.search(r"<!-- claims: (.*) -->", first)
    assert named and {name for name, table in TABLES.items() if any(r.task for r in table.records)} == set(
        named[1].split()
    )


def test_every_page_is_reached_from_the_first() -> None:
    first = (ROOT / "docs" / "results" / "README.md").read_text()
    linked = {(ROOT / "docs" / "results" / link).resolve() for link in re.findall(r"\]\(([^)#:]+)", first)}
    assert {page for page in pages() if page.name != "README.md"} <= linked


def test_every_link_of_the_pages_leads_to_a_file() -> None:
    for page in pages():
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_a_figure_says_when_and_at_which_commit_it_was_taken() -> None:
    for record in RECORDS:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", record.date or ""), record
        assert re.fullmatch(r"[0-9a-f]{7}", record.commit or ""), record


def test_the_classes_add_up_to_the_accuracy() -> None:
    whole = TABLES["google12"].records[0]
    classes = TABLES["google12-words"].records
    assert sum(record.counts[0] for record in classes) == whole.counts[0]
    assert sum(record.total or 0 for record in classes) == whole.total


def test_quotients_of_noise_are_those_of_the_counts() -> None:
    quiet, noisy = "misses at the threshold of training", "misses at that threshold, clips in noise at 10 dB"
    counts = {(record.row, record.column): record.counts for record in TABLES["wake-words"].records}
    once = TABLES["wake-words-once"].records
    counts |= {(record.row, f"*snowboy*, 321 recordings, {record.column}"): record.counts for record in once}
    for record in TABLES["wake-words-noise"].records:
        pairs = zip(counts[noisy, record.row], counts[quiet, record.row], strict=True)
        assert record.values == pytest.approx([a / b for a, b in pairs], abs=0.051)


def shown_commands() -> list[str]:
    """Every command that a record names or a page shows in a block."""
    blocks = [block for page in pages() for block in re.findall(r"```\n(.*?)```", page.read_text(), re.DOTALL)]
    lines = [line for block in blocks for line in block.splitlines()]
    return sorted({record.command for record in RECORDS if record.command} | {line.split("  # ")[0] for line in lines})


@pytest.mark.parametrize("command", [part for line in shown_commands() for part in line.split(" && ")])
def test_every_command_that_a_page_shows_exists(command: str) -> None:
    words = shlex.split(command, comments=True)
    options = {word.partition("=")[0] for word in words if word.startswith("--")}
    if words[0] == "python":
        assert options <= options_of_script(words[1:])
    elif words[1] == "bench":
        assert options <= options_of_script(["-m", f"bench.{words[2]}"])
    else:
        parameters = cli.commands[words[1]].params
        assert options <= {name for parameter in parameters for name in parameter.opts}
        settings = [words[i + 1].split(",")[0] for i, word in enumerate(words) if word == "--set"]
        apply_settings(PRESETS["paper" if "paper" in words else "best"], parse_settings(settings))


def options_of_script(words: list[str]) -> set[str]:
    """The options in the source of `python -m MODULE` or `python FILE`, which must exist."""
    folder = ROOT.joinpath(*words[1].split(".")) if words[0] == "-m" else ROOT / words[0]
    path = folder / "__main__.py" if folder.is_dir() else folder.with_suffix(".py")
    return set(re.findall(r'"(--[a-z-]+)"', path.read_text()))


def test_every_json_file_is_read() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == {*TABLES, "lab-notes"}


def record_of(command: str) -> Record:
    """The one record of the shipped models that this command measures."""
    shipped = [*TABLES["google12"].records, *TABLES["digits10-shipped"].records]
    (found,) = [record for record in shipped if record.command == command]
    return found


@pytest.mark.parametrize("name", ["digits10", "google12"])
def test_the_figures_that_the_package_prints_are_those_of_the_results(name: str) -> None:
    (clips,), (sentences, *_) = figures(name)["right"], figures(name)["false_accepts"]
    accuracy, rate = record_of(clips["command"]), record_of(sentences["command"])
    assert (accuracy.counts, accuracy.total) == ((clips["count"],), clips["of"])
    assert rate.values == (round(sentences["count"] / sentences["hours"]),)
