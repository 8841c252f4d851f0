"""The service that a bench runs ends with it."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.processes import started
from tests.waits import PATIENCE, until

BENCH = """
import sys, time
from pathlib import Path
from bench.service.process import served

with served(Path(sys.argv[1]), "--no-microphone") as process:
    print(process.pid, flush=True)
    time.sleep(float(sys.argv[2]))
"""


def test_a_bench_that_is_told_to_end_ends_its_service(tmp_path: Path) -> None:
    with started([sys.executable, "-c", BENCH, tmp_path, str(PATIENCE)]) as bench:
        assert bench.stdout
        service = Path("/proc", bench.stdout.readline().decode().strip())
        assert b"serve" in (service / "cmdline").read_bytes()
        bench.terminate()
        assert bench.wait(PATIENCE) == 128 + 15
        until(lambda: not service.exists())
