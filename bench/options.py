"""The options of a bench: wrong use is one line, as it is for every command."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Parse the options of `wakeword bench NAME`."""

    def __init__(self, name: str, description: str | None) -> None:
        """description: the bench's docstring, which its help begins with."""
        super().__init__(
            prog=f"wakeword bench {name}",
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def error(self, message: str) -> NoReturn:
        """Print the message in one line, and exit with status 2."""
        print(f"wakeword: {message}; see {self.prog} --help", file=sys.stderr)
        sys.exit(2)
