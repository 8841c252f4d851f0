"""`wakeword sweep`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from wakeword.commands.shared import FOLDER, data_option, data_or_download, extra_option, say


@click.command(epilog="Example: wakeword sweep --out runs --preset small --seeds 3 --set hidden=32,64 --cell gru,lstm")
@click.option(
    "--keywords",
    default="google12",
    show_default=True,
    metavar="SET",
    help="Keywords: google12, google30, digits10, or WORD,WORD,...",
)
@data_option
@extra_option
@click.option(
    "--out", type=FOLDER, required=True, metavar="FOLDER", help="For models and results; an interrupted sweep goes on."
)
@click.option("--preset", "presets", default="best", show_default=True, metavar="PRESET,...", help="Presets to try.")
@click.option("--cell", "cells", metavar="CELL,...", help="Networks of docs/cells.md to try.  [default: the preset's]")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="FIELD=VALUE,...",
    help="Values of a setting (docs/settings.md) to try, or LOW..HIGH; repeatable.",
)
@click.option("--seeds", type=click.IntRange(1), default=1, show_default=True, metavar="N", help="Seeds 0 to N-1 each.")
@click.option("--samples", type=click.IntRange(1), metavar="N", help="Draw N random combinations.  [default: all]")
@click.option("--parallel", type=click.IntRange(1), metavar="N", help="Trials at once.  [default: one a core]")
@click.option("--address", metavar="ADDRESS", help="Ray cluster, HOST:PORT or auto.  [default: this machine]")
@click.option("--test", is_flag=True, help="Also measure each model on the test list.")
def sweep(
    keywords: str,
    data: Path | None,
    extra: Path | None,
    out: Path,
    presets: str,
    cells: str | None,
    settings: tuple[str, ...],
    seeds: int,
    samples: int | None,
    parallel: int | None,
    address: str | None,
    test: bool,
) -> None:
    """Train many models side by side.

    Every combination of presets, cells and values is trained with each seed. One table holds the sizes and accuracies.
    The same command resumes an interrupted sweep. docs/sweep.md explains the folder and clusters.
    """
    from wakeword.data.folders import folder_lines
    from wakeword.data.keywords import keyword_set
    from wakeword.sweeps import run as sweeping
    from wakeword.sweeps.grid import Grid, parse_dimensions, trials
    from wakeword.sweeps.results import TABLE
    from wakeword.sweeps.trial import Job, corpus_digest

    words = keyword_set(keywords)
    names = tuple(cells.split(",")) if cells else (None,)
    grid = Grid(tuple(presets.split(",")), names, parse_dimensions(settings, samples), seeds, samples)
    folder = data_or_download(data).resolve()
    extra = extra.resolve() if extra else None
    wanted = trials(grid, words, corpus_digest(folder, extra))
    if parallel is None and address is None:
        parallel = os.cpu_count()
    job = Job(words, folder, extra, out.resolve(), seeds, parallel, test)
    roots = [root for root in (folder, extra) if root is not None]

    def describe_folders() -> None:
        for line in folder_lines(roots, words):
            say(line)

    results = sweeping.sweep(wanted, job, address, click.echo, describe_folders)
    click.echo(f"{len(results)} trials: {out / TABLE}")
