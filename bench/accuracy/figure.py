"""Accuracy against size, as in Figure 3 of the paper (Kusupati et al. 2018): a curve for each kind of network."""

from __future__ import annotations

import io
from itertools import groupby

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator

from bench.accuracy.groups import Group

_MARKERS = "osD^vP*Xd<>hp"
_COLOURS = matplotlib.colormaps["tab10"].colors  # type: ignore[attr-defined]


def draw(groups: dict[str, list[Group]], split: str) -> bytes:
    """An SVG with a panel for each set of keywords; the same groups give the same bytes."""
    figure = Figure(figsize=(8, 4.5 * len(groups)), layout="constrained", facecolor="white")
    panels = figure.subplots(len(groups), squeeze=False)[:, 0]
    series = sorted({group.series for each in groups.values() for group in each})
    for axes, (keywords, each) in zip(panels, groups.items(), strict=True):
        _panel(axes, each, split, series)
        axes.set_title(keywords)
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "wakeword"}):  # else names within it are drawn at random
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def _panel(axes: Axes, groups: list[Group], split: str, series: list[str]) -> None:
    for name, members in groupby(sorted(groups, key=lambda group: (group.series, group.bytes)), lambda g: g.series):
        number = series.index(name)
        points = [(group.bytes / 1024, spread) for group in members if (spread := group.accuracy(split))]
        axes.errorbar(
            [size for size, _ in points],
            [100 * spread.mean for _, spread in points],
            yerr=[100 * (spread.deviation or 0) for _, spread in points],
            label=name,
            marker=_MARKERS[number % len(_MARKERS)],
            color=_COLOURS[number % len(_COLOURS)],
            capsize=3,
            linewidth=1,
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:g}"))
    axes.xaxis.set_minor_formatter("")
    axes.set(xlabel="size, KB", ylabel=f"accuracy ({split}), %")
    axes.grid(alpha=0.3)
    axes.legend()
