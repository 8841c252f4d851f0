"""Figures with words of any script."""

from __future__ import annotations

import warnings

import pytest
from matplotlib.figure import Figure

from tests.wakeword.scripts import WORDS
from wakeword.evaluation.pictures import as_text, picture


def figure(*words: str) -> Figure:
    drawn = Figure()
    axes = drawn.subplots()
    for word in words:
        axes.plot([0, 1], label=as_text(word))
    axes.legend()
    return drawn


def test_the_words_of_an_svg_are_text() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = picture(figure(*WORDS), "svg").decode()
    assert all(word in svg for word in WORDS)


def test_a_picture_that_lacks_letters_says_so_once() -> None:
    with pytest.warns(UserWarning, match="boxes for letters that no font here has; an .svg shows them") as told:
        assert picture(figure("\U00010480\U00010481"), "png").startswith(b"\x89PNG")  # Osmanya, which few fonts have
    assert len(told) == 1


def test_dollars_are_no_formula() -> None:
    assert "a$b^$ c" in picture(figure("a$b^$ c"), "svg").decode()
