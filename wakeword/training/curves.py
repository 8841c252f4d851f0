"""Curves over the epochs of a training, drawn as SVG: a line for each stage, broken where a value is no number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT = 440, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 12, 28, 46  # around the plane
_COLOURS = ("#1f77b4", "#d95f02", "#2a7f2a")
_TICKS = 6  # at most, on each axis

Curve = Sequence[tuple[int, float]]  # epochs and values


def draw_curves(label: str, curves: Mapping[str, Curve]) -> str:
    """Return an SVG of curves by name, over the epochs that they have. label: of the values."""
    values = [value for curve in curves.values() for _, value in curve if math.isfinite(value)]
    epochs = [epoch for curve in curves.values() for epoch, _ in curve]
    across, up = _Axis(epochs, _LEFT, _WIDTH - _RIGHT, whole=True), _Axis(values, _HEIGHT - _BOTTOM, _TOP)
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    parts = [
        f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 8}" text-anchor="middle">epoch</text>',
        f'<text transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">{escape(label)}</text>',
    ]
    for tick in across.ticks:
        x = across.place(tick)
        parts += [_line(x, x, _TOP, _HEIGHT - _BOTTOM), _text(x, _HEIGHT - _BOTTOM + 16, "middle", tick)]
    for tick in up.ticks:
        y = up.place(tick)
        parts += [_line(_LEFT, _WIDTH - _RIGHT, y, y), _text(_LEFT - 6, y + 4, "end", tick)]
    names: list[str] = []
    for number, (name, curve) in enumerate(curves.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        names.append(f'<tspan dx="{12 if names else 0}" fill="{colour}">{escape(name)}</tspan>')
        for piece in _pieces(curve):
            points = " ".join(f"{across.place(epoch):.1f},{up.place(value):.1f}" for epoch, value in piece)
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
            if len(piece) == 1:
                left, top = points.split(",")
                parts.append(f'<circle cx="{left}" cy="{top}" r="2.5" fill="{colour}"/>')
    parts.append(f'<text x="{_LEFT}" y="{_TOP - 12}" text-anchor="start">{"".join(names)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="#222">{"".join(parts)}</svg>'
    )


class _Axis:
    """An axis between two places of the picture, with ticks at round values."""

    def __init__(self, values: Sequence[float], begin: float, end: float, whole: bool = False) -> None:
        """Span the values, if there are any. whole: ticks are at whole numbers."""
        low, high = min(values, default=0.0), max(values, default=1.0)
        high = high if high > low else low + 1
        step = max(_round_step((high - low) / (_TICKS - 1)), 1.0 if whole else 0.0)
        first, last = math.floor(low / step), math.ceil(high / step)
        self._low, self._high = (low, high) if whole else (first * step, last * step)
        self._begin, self._end = begin, end
        self.ticks = [n * step for n in range(first, last + 1) if self._low <= n * step <= self._high]

    def place(self, value: float) -> float:
        return self._begin + (value - self._low) / (self._high - self._low) * (self._end - self._begin)


def _round_step(least: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is no less than a positive number."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9))


def _pieces(curve: Curve) -> Iterator[list[tuple[int, float]]]:
    """Yield the runs of a curve whose values are numbers."""
    piece: list[tuple[int, float]] = []
    for epoch, value in curve:
        if math.isfinite(value):
            piece.append((epoch, value))
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def _line(x: float, x_end: float, y: float, y_end: float) -> str:
    return f'<line x1="{x:.1f}" x2="{x_end:.1f}" y1="{y:.1f}" y2="{y_end:.1f}" stroke="#ddd"/>'


def _text(x: float, y: float, anchor: str, number: float) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{number:g}</text>'
