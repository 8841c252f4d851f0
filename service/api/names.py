"""The names that requests carry: of words, sources and models. Each is taken with composed accents, as all are kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from wakeword.text import composed

MAX_NAME = 255  # characters of a name in a query; a word has 200 at most, the name of a file no more

Name = Annotated[str, AfterValidator(composed)]
