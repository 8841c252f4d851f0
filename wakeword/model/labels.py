"""What can be a label of a model: a name that is printed in a line. And how such names are compared.

A label is kept with composed accents (`wakeword.text.composed`), whoever wrote it. Words are compared by their
`comparable` form wherever a name meets a word: a folder of clips, an option, a setting, a request.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from wakeword.text import composed, lower_turkish

MAX_LABEL = 200  # bytes in UTF-8; a board's message has room for some more

# What spellings of a word differ in: spaces, _, dashes, apostrophes, and the punctuation of a sentence in any script.
_BETWEEN_LETTERS = re.compile(
    "[\\s_\u2010-\u2015'`\u00b4\u02bc\u2018\u2019\"\u201c-\u201f.,;:!?\u00a1\u00b7\u00bf\u2026"
    "\u05be\u05f3\u05f4\u060c\u061b\u061f\u06d4\u0964\u0965\u3001\u3002\u300c-\u300f\u30fb-]+"
)


@lru_cache(4096)
def comparable(name: str) -> str:
    """Return the form in which names of words are compared: "Hey_Lumen" and "hey lumen" are one word.

    Composed and decomposed accents are alike, and so are cases, full and half width, and characters that can't be seen;
    a run of spaces, underscores, dashes, apostrophes and punctuation is one space.
    """
    parted = _BETWEEN_LETTERS.sub(" ", composed(name))
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", parted).casefold())
    # A capital I with a dot, as in Turkish, becomes an i with another dot.
    seen = "".join(each for each in folded if unicodedata.category(each) != "Cf").replace("i\u0307", "i")
    return _BETWEEN_LETTERS.sub(" ", seen).strip() or composed(name).casefold()


def spelled(name: str, words: Iterable[str]) -> str | None:
    """Return the word that a name is a spelling of, itself if it is one of them; None if it is of none.

    Capitals of Turkish, whose I has no dot, are spellings too, unless the name is one of another word otherwise.
    """
    known = {comparable(word): word for word in words}
    if name in known.values():
        return name
    if (word := known.get(comparable(name))) is not None:
        return word
    turkish = comparable(lower_turkish(name))
    return next((word for word in known.values() if comparable(lower_turkish(word)) == turkish), None)
