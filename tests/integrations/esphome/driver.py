"""Runs in ESPHome's own Python, which takes long to start: validates and generates many configurations in one process.

Its standard input is JSON: a list of objects, each with the `path` and the `text` of a configuration, and options:
`generate` to write its C++ too, `missing` for modules that can't be imported meanwhile, `packages` for folders from
which Python imports first. Its last line of output is JSON: for each, the messages of its errors.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from esphome import config_validation as cv
from esphome import loader
from esphome.__main__ import run_esphome
from esphome.components import audio, ring_buffer
from esphome.config import load_config
from esphome.core import CORE


def forget_the_component() -> None:
    """Let the next configuration import the component, and the package, anew."""
    loader.clear_component_meta_finders()
    loader._COMPONENT_CACHE.pop("wakeword", None)
    for name in list(sys.modules):
        if name.startswith(("esphome.components.wakeword", "wakeword", "featurizer")):
            del sys.modules[name]


@contextmanager
def as_asked(job: dict[str, Any]) -> Iterator[None]:
    """Hide modules, or let others be found first. Afterwards Python finds what it found before."""
    path = list(sys.path)
    sys.path[:0] = job.get("packages", [])
    hidden = {name: sys.modules.pop(name, None) for name in job.get("missing", [])}
    sys.modules.update(dict.fromkeys(hidden))  # an import of None fails
    yield
    sys.path[:] = path
    for name, module in hidden.items():
        del sys.modules[name]
        if module:
            sys.modules[name] = module


@contextmanager
def audio_on_host() -> Iterator[None]:
    """Let ESPHome's audio, of which microphones are made, be used on `host` too: it is allowed on an ESP32 only."""
    with (
        mock.patch.object(audio, "CONFIG_SCHEMA", cv.Schema({})),
        mock.patch.object(audio, "to_code", None),
        mock.patch.object(ring_buffer, "DEPENDENCIES", []),
    ):
        yield


def errors(job: dict[str, Any]) -> list[str]:
    CORE.reset()
    CORE.config_path = Path(job["path"])
    CORE.config_path.write_text(job["text"])
    with as_asked(job):
        found = [str(error.msg) for error in load_config({}).errors]
        if not found and job.get("generate"):
            CORE.reset()
            assert run_esphome(["esphome", "compile", "--only-generate", job["path"]]) == 0
    return found


def main() -> None:
    answers = []
    with audio_on_host():
        for job in json.load(sys.stdin):
            forget_the_component()
            answers.append(errors(job))
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
