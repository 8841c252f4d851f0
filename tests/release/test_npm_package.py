"""The package for npm as it is released: installed alone, it hears the demo recording under Node."""

from __future__ import annotations

from pathlib import Path

from tests.node import NODE, NPM
from tests.processes import run
from tests.release.heard import expected, of_lines
from tests.signals import demo
from tools.release.parts import npm_package
from tools.release.source import Source
from wakeword.model.export_binary import export_binary
from wakeword.model.pretrained import load_model

SCRIPT = """
import { readFileSync } from "node:fs";
import { Detector } from "wakeword-web";

const detector = await Detector.create({ model: readFileSync("google12.bin") });
for (const { word, score, frame } of detector.push(new Int16Array(new Uint8Array(readFileSync("demo.raw")).buffer)))
  console.log(word, 32768 * score, frame);
"""


def test_the_package_alone_hears_the_demo_recording(source: Source, tmp_path: Path) -> None:
    archive = npm_package(source, tmp_path)
    home = {"npm_config_cache": str(tmp_path / "cache"), "npm_config_update_notifier": "false", "HOME": str(tmp_path)}
    installed = run([NPM, "install", "--offline", "--no-audit", "--no-fund", archive], cwd=tmp_path, environment=home)
    assert installed.returncode == 0, installed.stderr
    (tmp_path / "google12.bin").write_bytes(export_binary(load_model("google12")))
    (tmp_path / "demo.raw").write_bytes(demo().tobytes())
    (tmp_path / "hear.mjs").write_text(SCRIPT)
    heard = run([NODE, "hear.mjs"], cwd=tmp_path)
    assert (heard.stderr, of_lines(heard.stdout)) == ("", expected())
