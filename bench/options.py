"""The command lines of benches: wrong use and bad input are one line and exit status 2, as for every command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from wakeword.errors import WakewordError


class Parser(argparse.ArgumentParser):
    """Parse the options of `wakeword bench NAME`, or of a module, `python -m bench.NAME`."""

    def __init__(self, name: str, description: str | None, *, module: bool = False) -> None:
        """description: the bench's docstring, which its help begins with."""
        super().__init__(
            prog=f"python -m bench.{name}" if module else f"wakeword bench {name}",
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def error(self, message: str) -> NoReturn:
        """Print the message in one line, and exit with status 2."""
        print(f"wakeword: {message}; see {self.prog} --help", file=sys.stderr)
        sys.exit(2)


def positive(text: str) -> int:
    """Parse a whole number above zero."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Print a WakewordError in one line, and exit with status 2."""
    try:
        yield
    except WakewordError as error:
        print(f"wakeword: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)
