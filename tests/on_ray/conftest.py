"""One Ray for all tests but those of its end, and the command line within the test, as for tests/wakeword."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import ray

from tests.wakeword.conftest import run
from wakeword.cluster import session

__all__ = ["run"]


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Two workers, and their address; a session that is open is used by all."""
    with session(None, 2):
        yield ray.get_runtime_context().gcs_address
    assert not ray.is_initialized()
