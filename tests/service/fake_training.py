"""A training that takes as long as a test wants: `python -m tests.service.fake_training PROJECT RUN`.

It makes STEPS steps, each once the file PROJECT/go holds the step's number or a larger one, and goes on after those
that it has made before. Its model tells the steps. In PROJECT/fault, "fail" ends it with a line, "crash" without one.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from wakeword.files import write_whole
from wakeword.projects.runs import run_of

STEPS = 3


def command(project: str, number: str) -> list[str]:
    """Return the command of a training."""
    return [sys.executable, "-m", "tests.service.fake_training", project, number]


def of_arguments(*arguments: str) -> list[str]:
    """Return the command in place of `service.studio.process.of_wakeword`."""
    assert (arguments[0], arguments[1], arguments[3]) == ("train", "--project", "--run")
    return command(arguments[2], arguments[4])


def let_go(project: Path, steps: int = STEPS) -> None:
    """Allow the trainings of a project this many steps."""
    write_whole(project / "go", str(steps).encode())


def _number(path: Path) -> int:
    return int(path.read_bytes()) if path.exists() else 0


def main(folder: str, number: str) -> None:
    project = Path(folder)
    run = run_of(project, int(number))
    checkpoint = run.folder / "model.training" / "checkpoint"
    with run.held():
        if run.status().state == "done":
            return
        run.mark("running")
        child = os.fork()  # as the process that speaks
        if not child:
            time.sleep(1000)
        (run.folder / "pids").write_text(f"{os.getpid()} {child}")
        for step in range(_number(checkpoint), STEPS):
            while _number(project / "go") <= step:
                time.sleep(0.01)
            fault = (project / "fault").read_text() if (project / "fault").exists() else ""
            if fault.startswith("fail"):
                run.mark("failed", fault.partition(" ")[2])
                print(f"wakeword: {fault.partition(' ')[2]}", file=sys.stderr)
                sys.exit(2)
            if fault:
                raise RuntimeError("this is a fault")
            write_whole(checkpoint, str(step + 1).encode())
            with run.progress.open("a") as file:
                file.write(json.dumps({"stage": "sparse", "fraction": (step + 1) / STEPS, "seconds_left": 1.5}) + "\n")
        write_whole(run.model, f"{STEPS} steps".encode())
        run.mark("done")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
