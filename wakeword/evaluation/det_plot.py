"""Draw detection error trade-offs: miss rate against false accepts per hour, a curve for each word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from wakeword.errors import UsageError
from wakeword.evaluation.det import Point
from wakeword.evaluation.pictures import as_text, picture
from wakeword.files import write_whole

KINDS = ("svg", "png", "pdf")


def check_kind(path: Path) -> str:
    """Return the kind of picture that a file's suffix names. Raises UsageError if it names none of `KINDS`."""
    kind = path.suffix.lower().lstrip(".")
    if kind not in KINDS:
        raise UsageError(f"{path} is not the name of a picture: end it in .{', .'.join(KINDS)}")
    return kind


def write_det(path: Path, curves: Mapping[str, Sequence[Point]], marks: Mapping[str, Point] | None = None) -> None:
    """Draw curves by name, and a dot for each mark, into a file of the kind that its suffix names.

    The scale of false accepts is linear up to one in all hours, and logarithmic above, so that zero has its place.
    Points without a rate are left out.

    Raises:
        UsageError: as `check_kind`.
        WakewordError: the file can't be written.
    """
    kind = check_kind(path)
    figure = Figure(figsize=(7, 5), layout="constrained")
    axes = figure.subplots()
    hours = max((point.trials.hours for points in curves.values() for point in points), default=0) or 1.0
    for name, points in curves.items():
        (line,) = axes.step(*_coordinates(points), where="post", label=as_text(name))
        if marks and name in marks:
            axes.plot(*_coordinates([marks[name]]), "o", color=line.get_color())
    axes.set_xscale("symlog", linthresh=1 / hours)
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.set(xlabel=f"false accepts per hour ({hours:.2f} h)", ylabel="miss rate, %")
    axes.grid(True, alpha=0.3)
    axes.legend()
    write_whole(path, picture(figure, kind))


def _coordinates(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    """Return false accepts per hour, and miss rates in percent."""
    rates = [(p.per_hour, 100 * p.miss_rate) for p in points if p.per_hour is not None and p.miss_rate is not None]
    return [rate for rate, _ in rates], [missed for _, missed in rates]
