"""The studio's modules that write a program to a board, in node, at the port of a modelled board."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.node import NODE
from tests.processes import started
from tests.service.serial_bridge import Bridge
from tests.signals import ROOT


@dataclass
class Written:
    """What has become of a program."""

    error: str | None = None  # its line
    restarts: bool = False
    did: list[str] = field(default_factory=list)  # in this order
    baud_rates: list[int] = field(default_factory=list)  # at which the port was opened


def page_modules(folder: Path) -> Path:
    """Copy the studio's page to where node takes its files for modules. Return the folder."""
    shutil.copytree(ROOT / "service/studio/pages", folder / "pages")
    (folder / "pages/package.json").write_text('{"type": "module"}')
    return folder / "pages"


def write(
    modules: Path, port: str, chip: str, program: Path, ids: tuple[int, int] | None = None, **options: Any
) -> Written:
    """Write a program to the board at a port. ids: of its USB, vendor and product. options: `patience`, by which waits
    are multiplied; `stopAt`, `silentFrom`: what is done when it is stopped, or from which on nobody answers."""
    info = {} if ids is None else {"usbVendorId": ids[0], "usbProductId": ids[1]}
    given = json.dumps({"info": info, "patience": 100, **options})
    script = ROOT / "tests/service/serial_writing.mjs"
    written, bridge = Written(), Bridge(port)
    with started([NODE, script, modules, chip, program, given], stdin=-1, stderr=None) as node:
        assert node.stdin is not None and node.stdout is not None
        with node.stdin, node.stdout:
            for line in node.stdout:
                said = json.loads(line)
                if "do" in said:
                    if said["do"] == "open":
                        written.baud_rates.append(said["baudRate"])
                    node.stdin.write(json.dumps(bridge.answer(said)).encode() + b"\n")
                elif "does" in said:
                    written.did += [said["does"]] * (said["does"] not in written.did)
                else:
                    written.error, written.restarts = said.get("error"), said.get("restarts", False)
    bridge.close()
    return written
