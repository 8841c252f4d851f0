"""Plot accuracy against size, as Figure 3 of Kusupati et al. (2018): a curve for each kind of network."""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import groupby

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator

from bench.accuracy.groups import Group, Spread

_MARKERS = "osD^vP*Xd<>hp"
_COLOURS = matplotlib.colormaps["tab10"].colors  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Point:
    """A network in the figure."""

    series: str  # the kind of network, whose points a line joins
    bytes: int
    accuracy: Spread  # 0 to 1


def points(groups: list[Group], split: str) -> list[Point]:
    """Return the groups whose accuracy on the split is known."""
    known = ((group, group.accuracy(split)) for group in groups)
    return [Point(group.series, group.bytes, spread) for group, spread in known if spread]


def draw(panels: dict[str, list[Point]], split: str, note: str | None = None) -> bytes:
    """Return an SVG with a panel for each set of keywords; equal points give equal bytes.

    note: a text for the metadata of the file.
    """
    figure = Figure(figsize=(8, 4.5 * len(panels)), layout="constrained", facecolor="white")
    each_axes = figure.subplots(len(panels), squeeze=False)[:, 0]
    series = sorted({point.series for each in panels.values() for point in each})
    for axes, (keywords, each) in zip(each_axes, panels.items(), strict=True):
        _panel(axes, each, split, series)
        axes.set_title(keywords)
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "wakeword"}):  # else the identifiers in the SVG are random
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Description": note})
    return buffer.getvalue()


def _panel(axes: Axes, points: list[Point], split: str, series: list[str]) -> None:
    for name, each in groupby(sorted(points, key=lambda point: (point.series, point.bytes)), lambda p: p.series):
        number, members = series.index(name), list(each)
        axes.errorbar(
            [point.bytes / 1024 for point in members],
            [100 * point.accuracy.mean for point in members],
            yerr=[100 * (point.accuracy.deviation or 0) for point in members],
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
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))  # beside the panel, where it hides no point
