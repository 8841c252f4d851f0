"""What all tests of a release begin with."""

from __future__ import annotations

import pytest

from tools.release.source import Source, copied


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """The project's files, as they are in this folder now."""
    return copied(tmp_path_factory.mktemp("release") / "wakeword")
