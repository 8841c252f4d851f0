"""Curves over epochs, as SVG: where their points lie, where they are broken, and round numbers on their axes."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from wakeword.training.curves import Curve, draw_curves

SVG = "{http://www.w3.org/2000/svg}"


def drawn(**curves: Curve) -> ElementTree.Element:
    return ElementTree.fromstring(draw_curves("loss", curves))


def lines(picture: ElementTree.Element) -> list[list[tuple[float, ...]]]:
    found = picture.iter(f"{SVG}polyline")
    return [[tuple(map(float, point.split(","))) for point in line.attrib["points"].split()] for line in found]


def ticks(picture: ElementTree.Element, anchor: str) -> list[str]:
    """The numbers of an axis: those below the plane have the anchor "middle", those beside it "end"."""
    texts = [text.text or "" for text in picture.iter(f"{SVG}text") if text.attrib["text-anchor"] == anchor]
    return [text for text in texts if text.lstrip("-")[:1].isdigit()]


def test_points_lie_by_their_values() -> None:
    (line,) = lines(drawn(stage=[(1, 2.0), (2, 1.0), (4, 0.0)]))
    (x1, y1), (x2, y2), (x4, y4) = line
    assert x2 - x1 == pytest.approx((x4 - x1) / 3, abs=0.2) and x1 < x4
    assert y2 - y1 == pytest.approx(y4 - y2, abs=0.2) and y1 < y4  # a picture's y runs down


def test_each_curve_has_its_colour_and_its_name_in_it() -> None:
    picture = drawn(one=[(1, 1.0), (2, 2.0)], other=[(3, 1.0), (4, 2.0)])
    colours = [line.attrib["stroke"] for line in picture.iter(f"{SVG}polyline")]
    assert len(set(colours)) == 2
    named = {name.text: name.attrib["fill"] for name in picture.iter(f"{SVG}tspan")}
    assert [named["one"], named["other"]] == colours


def test_a_curve_is_broken_where_a_value_is_no_number_and_a_single_one_is_a_dot() -> None:
    picture = drawn(stage=[(1, 1.0), (2, 2.0), (3, float("nan")), (4, 1.0), (5, float("inf"))])
    assert [len(line) for line in lines(picture)] == [2, 1]
    assert len(list(picture.iter(f"{SVG}circle"))) == 1


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([0.0, 1.0], "0 0.2 0.4 0.6 0.8 1"),
        ([12.0, 98.0], "0 20 40 60 80 100"),
        ([3.0, 3.0], "3 3.2 3.4 3.6 3.8 4"),
        ([-0.013, 0.031], "-0.02 -0.01 0 0.01 0.02 0.03 0.04"),
        ([1e-9, 4e6], "0 1e+06 2e+06 3e+06 4e+06"),
    ],
)
def test_values_have_round_ticks(values: list[float], wanted: str) -> None:
    assert ticks(drawn(stage=list(enumerate(values, 1))), "end") == wanted.split()


def test_epochs_have_ticks_at_whole_numbers() -> None:
    assert ticks(drawn(stage=[(epoch, 1.0) for epoch in range(1, 301)]), "middle") == ["100", "200", "300"]
    assert ticks(drawn(stage=[(1, 0.0), (2, 5.0)]), "middle") == ["1", "2"]
    assert ticks(drawn(stage=[(1, 0.0)]), "middle") == ["1", "2"]


def test_nothing_to_draw_is_an_empty_picture() -> None:
    assert lines(drawn()) == lines(drawn(stage=[])) == []


def test_names_are_text_whatever_is_in_them() -> None:
    (name,) = drawn(**{"<b> & more": [(1, 1.0)]}).iter(f"{SVG}tspan")
    assert name.text == "<b> & more"
