"""The allowed range of a number in a configuration. It stands in the type of its field: `density: Fraction = 0.43`."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Annotated, Any, get_args, get_type_hints

from wakeword.errors import UsageError


@dataclass(frozen=True)
class Range:
    """Numbers from `least` to `most`, both included, and less than `below`. rising: a pair, the lower one first."""

    least: float = 0
    most: float = math.inf
    below: float = math.inf
    rising: bool = False

    def check(self, name: str, value: float | tuple[float, ...] | None) -> None:
        """Raise UsageError if the value of the field `name`, or one of several, is outside. None is inside."""
        if value is None:
            return
        for each in value if isinstance(value, tuple) else (value,):
            if each < self.least:
                raise UsageError(f"{name}: {each} is less than {self.least}")
            if each > self.most:
                raise UsageError(f"{name}: {each} is more than {self.most}")
            if each >= self.below < math.inf:
                raise UsageError(f"{name}: {each} is not less than {self.below}")
        if self.rising and isinstance(value, tuple) and value[0] > value[1]:
            raise UsageError(f"{name}: {value[0]:g} is more than {value[1]:g}; give LOW:HIGH")

    def __str__(self) -> str:
        if self.rising:
            return "LOW:HIGH" if self.least == -math.inf else f"LOW:HIGH, {self.least} or more"
        if self.below < math.inf:
            return f"{self.least} to below {self.below}"
        return f"{self.least} or more" if self.most == math.inf else f"{self.least} to {self.most}"


Count = Annotated[int, Range(1)]
Number = Annotated[int, Range(0)]
Amount = Annotated[float, Range(0)]
Fraction = Annotated[float, Range(0, 1)]
Span = Annotated[tuple[float, float], Range(-math.inf, rising=True)]


def ranges(part: type) -> dict[str, Range]:
    """Return the ranges of a dataclass, by field. A field without one is left out."""
    hints = get_type_hints(part, include_extras=True)
    found = {field.name: _range(hints[field.name]) for field in fields(part)}
    return {name: allowed for name, allowed in found.items() if allowed is not None}


def check_ranges(part: Any) -> None:
    """Raise UsageError for the first field of a dataclass that is outside its range."""
    for name, allowed in ranges(type(part)).items():
        allowed.check(name, getattr(part, name))


def _range(hint: Any) -> Range | None:
    """Return the range of a type, or of the one in `X | None` or in `tuple[X, ...]`."""
    for each in (hint, *get_args(hint)):
        for extra in getattr(each, "__metadata__", ()):
            if isinstance(extra, Range):
                return extra
    return None
