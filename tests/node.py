"""Node and npm for the tests: those that the set-up of `make test` puts beside Python."""

from __future__ import annotations

import sys
from pathlib import Path

NODE, NPM = (Path(sys.executable).with_name(name) for name in ("node", "npm"))
