"""The command line within the test, as for tests/wakeword."""

from tests.wakeword.conftest import run

__all__ = ["run"]
