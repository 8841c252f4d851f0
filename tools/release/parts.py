"""The C core for the systems that people have: archives for Arduino and PlatformIO, ESPHome, ESP-IDF and npm.

And the service for Home Assistant.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tools.release.archives import alone, files_below, write_zip
from tools.release.process import run
from tools.release.source import Source

# What the component imports of the package to export a model, and the C sources; wakeword/firmware.py finds these.
_EXPORTS = ("__init__", "errors", "files", "firmware", "ranges", "text")


def arduino_library(source: Source, out: Path) -> Path:
    """Make the Arduino library, which is a library of PlatformIO too."""
    files = _standalone(source, "firmware", leave="extras/emulation/")
    return write_zip(out / f"WakeWord-{source.version}.zip", _in("WakeWord", files), source.time)


def esphome_component(source: Source, out: Path) -> Path:
    """Make the component for ESPHome, with what it needs of the Python package in `bundled/`."""
    project = source.folder
    files = _standalone(source, "integrations/esphome")
    package = {f"wakeword/{name}.py": (project / f"wakeword/{name}.py").read_bytes() for name in _EXPORTS}
    package |= _in("wakeword/model", files_below(project / "wakeword/model"))
    package |= _in("featurizer", files_below(project / "featurizer"))
    package |= _in("wakeword/assets", _named(project / "wakeword/assets", "*.safetensors"))
    package |= _in("wakeword/assets/firmware/src/core", files_below(project / "firmware/src/core"))
    package |= _in("wakeword/assets/firmware", _named(project / "firmware", "library.properties"))
    files |= _in("components/wakeword/bundled", package)
    name = f"wakeword-esphome-{source.version}"
    return write_zip(out / f"{name}.zip", _in(name, files), source.time)


def esp_idf_component(source: Source, out: Path) -> Path:
    """Make the ESP-IDF component with its project, which names it by their places in a checkout: both keep them."""
    project, example = source.folder, "integrations/espidf"
    firmware = {
        name: data
        for name, data in files_below(project / "firmware").items()
        if name.startswith("src/") or name in ("CMakeLists.txt", "idf_component.yml")
    }
    files = _in("firmware", firmware) | _in(example, _standalone(source, example))
    name = f"wakeword-esp-idf-{source.version}"
    return write_zip(out / f"{name}.zip", _in(name, files), source.time)


def home_assistant_addon(source: Source, out: Path) -> Path:
    """Make the add-on for Home Assistant, which builds it where it is installed: with the wheels made before."""
    deploy = source.folder / "deploy"
    files = files_below(deploy / "home-assistant") | _named(deploy, "requirements.txt") | _named(out, "*.whl")
    files |= {"LICENSE": (source.folder / "LICENSE").read_bytes()}
    return write_zip(out / f"wakeword-home-assistant-{source.version}.zip", _in("wakeword", files), source.time)


def npm_package(source: Source, out: Path) -> Path:
    """Make the package for npm."""
    npm = Path(sys.executable).with_name("npm")
    environment = {**source.environment, "npm_config_update_notifier": "false"}
    command = [npm if npm.exists() else "npm", "pack", "--silent", "--pack-destination", out.resolve()]
    name = run(command, environment, source.folder / "integrations/web").split()[-1]
    return out / name


def _standalone(source: Source, folder: str, leave: str = " ") -> dict[str, bytes]:
    """Return the files of a folder of the project, by their path from it, with licence and a page without dead links.

    leave: begins the paths of those that are left out.
    """
    files = files_below(source.folder / folder)
    files = {name: data for name, data in files.items() if not name.startswith(leave)}
    page = alone(files["README.md"].decode(), folder, {f"{folder}/{name}" for name in files})
    return files | {"README.md": page.encode(), "LICENSE": (source.folder / "LICENSE").read_bytes()}


def _named(folder: Path, pattern: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob(pattern)}


def _in(folder: str, files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{folder}/{name}": data for name, data in files.items()}
