"""Answer what takes much memory or long computation, in a process of its own: `python -m service.studio.answering`.

A request is a line of JSON on standard input: `{"advice": {...}}` with the arguments of `advise`, or `{"estimate":
FOLDER}` of a project. The answer is a line: `{"answer": ...}`, or `{"error": LINE}` for what can't be used. The process
ends with its standard input, whatever it computes then.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any

from wakeword.errors import WakewordError

_NICE = 5  # the priority: after the streams, before a training


def main() -> None:
    """Answer requests until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever libraries print
    if hasattr(os, "nice"):
        os.nice(_NICE)
    requests: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read, args=(requests,), daemon=True).start()
    while True:
        answers.write(json.dumps(_answer(json.loads(requests.get()))) + "\n")
        answers.flush()


def _read(requests: queue.Queue[str]) -> None:
    for line in sys.stdin:
        requests.put(line)
    os._exit(0)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        if "advice" in request:
            from wakeword.projects.advice import advise

            return {"answer": advise(**request["advice"]).as_json()}
        from wakeword.projects.estimate import estimate_project
        from wakeword.projects.project import Project

        return {"answer": estimate_project(Project.read(Path(request["estimate"]))).as_json()}
    except ModuleNotFoundError as error:
        return {"error": f"{error.name} is not installed; this needs pip install 'wakeword[train,synth]'"}
    except WakewordError as error:
        return {"error": str(error)}


if __name__ == "__main__":
    main()
