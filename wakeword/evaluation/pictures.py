"""Figures as files, with words of any script in them."""

from __future__ import annotations

import io
import re
import warnings

import matplotlib
from matplotlib.figure import Figure

_WITHOUT_GLYPH = re.compile(r"Glyph \d+ .* missing from font")


def as_text(word: str) -> str:
    """Return a word as a figure takes it: a dollar sign would begin a formula."""
    return word.replace("$", r"\$")


def picture(figure: Figure, kind: str) -> bytes:
    """Return a figure as the bytes of a file of this kind, such as "svg" or "png".

    The words of an SVG are text, which the viewer draws by its own fonts, from right to left too. Of another kind, a
    warning tells of letters that no font of matplotlib's has.
    """
    buffer = io.BytesIO()
    with warnings.catch_warnings(record=True) as caught, matplotlib.rc_context({"svg.fonttype": "none"}):
        warnings.simplefilter("always")
        figure.savefig(buffer, format=kind)
    boxes = False
    for each in caught:
        if _WITHOUT_GLYPH.match(str(each.message)):
            boxes = kind != "svg"
        else:
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    if boxes:
        warnings.warn("the picture has boxes for letters that no font here has; an .svg shows them", stacklevel=2)
    return buffer.getvalue()
