"""What a run's model is downloaded as: one file, or a zip that is ready for its use."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import wakeword
from wakeword.boards.kinds import BOARDS
from wakeword.errors import UsageError
from wakeword.firmware import arduino_library, core, esphome_components
from wakeword.model.export_binary import export_binary
from wakeword.model.export_c import NAME, export_c, header_of
from wakeword.model.export_web import export_web
from wakeword.model.file import Model, read_model

Format = Literal["model", "bin", "c", "web", "onnx", "esphome", "arduino"]
# Those of `wakeword flash` but the Uno, which has a front end and models of its own.
Board = Literal[
    "due", "mkr1000", "zero", "nano33ble", "xiao-sense", "nanorp2040", "pico", "pico2", "esp32c3", "esp32s3"
]
DEFAULT_BOARD: Board = "esp32s3"

_PACKAGE = Path(wakeword.__file__).absolute().parent
_IDENTIFIER, _HOSTNAME = 40, 31  # characters of a name in C, and of a device in ESPHome
_BINARY = "application/octet-stream"
_BUILT = re.compile(r"\.(o|pyc)$")


@dataclass(frozen=True)
class Bundle:
    """A file to download."""

    name: str
    media_type: str
    data: bytes


def bundle(file: Path, name: str, form: Format, board: Board = DEFAULT_BOARD) -> Bundle:
    """Return a model in a format. name: what its files are named after. board: that of an Arduino sketch.

    Raises:
        WakewordError: the model can't be read, or has no such form.
    """
    return _FORMATS[form](_Asked(file, read_model(file), name, board))


@dataclass(frozen=True)
class _Asked:
    file: Path
    model: Model
    name: str
    board: Board


def _model(asked: _Asked) -> Bundle:
    return Bundle(f"{asked.name}.safetensors", _BINARY, asked.file.read_bytes())


def _bin(asked: _Asked) -> Bundle:
    return Bundle(f"{asked.name}.bin", _BINARY, export_binary(asked.model))


def _c(asked: _Asked) -> Bundle:
    """The header, and the C core that runs it."""
    return _zipped(f"{asked.name}-c", {header_of(NAME): export_c(asked.model).encode(), **_in("core", _files(core()))})


def _web(asked: _Asked) -> Bundle:
    return _zipped(f"{asked.name}-web", export_web(asked.model))


def _onnx(asked: _Asked) -> Bundle:
    try:
        from wakeword.model.onnx.export import export_onnx
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is not installed; this needs pip install 'wakeword[onnx]'") from error
    return Bundle(f"{asked.name}.onnx", _BINARY, export_onnx(asked.model, asked.name))


def _arduino(asked: _Asked) -> Bundle:
    """A sketch and the library, each in its place of a sketchbook."""
    board, library = BOARDS[asked.board], arduino_library()
    sketch = board.sketch.replace("Link", "Words")  # that prints the words, and needs no computer that listens
    name = _identifier(asked.name)
    source = (library / "examples" / sketch / f"{sketch}.ino").read_bytes()
    files = {
        f"{name}/{name}.ino": source,
        f"{name}/{header_of(NAME)}": export_c(asked.model).encode(),
        "README.txt": _ARDUINO.format(name=name, fqbn=board.fqbn).encode(),
        "libraries/WakeWord/library.properties": (library / "library.properties").read_bytes(),
        **_in("libraries/WakeWord/src", _files(library / "src")),
    }
    return _zipped(f"{asked.name}-arduino", files)


def _esphome(asked: _Asked) -> Bundle:
    """A configuration with the model's header, and the component with the C core."""
    name = _identifier(asked.name)
    header = f"{name}_model.h"
    package = {f"{part}.py": (_PACKAGE / f"{part}.py").read_bytes() for part in ("__init__", "errors", "firmware")}
    package |= _in("model", {"__init__.py": (_PACKAGE / "model/__init__.py").read_bytes()})
    package |= _in("assets/firmware/src/core", _files(core()))
    package |= {"assets/firmware/library.properties": (arduino_library() / "library.properties").read_bytes()}
    files = {
        f"{name}.yaml": _ESPHOME.format(name=name.replace("_", "-")[:_HOSTNAME].strip("-"), header=header).encode(),
        header: export_c(asked.model, name).encode(),
        **_in("components", _files(esphome_components())),
        **_in("components/wakeword/bundled/wakeword", package),
    }
    return _zipped(f"{asked.name}-esphome", files)


_FORMATS: Mapping[Format, Callable[[_Asked], Bundle]] = {
    "model": _model,
    "bin": _bin,
    "c": _c,
    "web": _web,
    "onnx": _onnx,
    "esphome": _esphome,
    "arduino": _arduino,
}


def _identifier(name: str) -> str:
    """Return a name that C, Arduino and ESPHome take, made of the Latin letters of another."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = "_".join(re.findall("[a-z0-9]+", plain))[:_IDENTIFIER]
    return found if re.match("(?!ww(_|$))[a-z]", found) else f"wake_{found}".rstrip("_")


def _files(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder and those in it, by path, without what was built of them."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and not _BUILT.search(path.name))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def _in(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {f"{folder}/{path}": data for path, data in files.items()}


def _zipped(name: str, files: Mapping[str, bytes]) -> Bundle:
    """Return a zip. The same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(zipfile.ZipInfo(path), data, zipfile.ZIP_DEFLATED)
    return Bundle(f"{name}.zip", "application/zip", buffer.getvalue())


_ARDUINO = """\
Unpack this into the folder of your Arduino sketchbook, so that {name}/ and libraries/WakeWord/ lie in it.
Open {name}/{name}.ino, and upload it; the serial monitor at 115,200 baud shows the words. By arduino-cli, here:

    arduino-cli compile --fqbn {fqbn} --libraries libraries --upload --port PORT {name}

The wiring of the microphone is in firmware/README.md of wakeword.
"""
_ESPHOME = """\
# Hears the words of {header}. Wiring of an INMP441: SCK GPIO4, WS GPIO5, SD GPIO6, L/R to ground.
# Write wifi_ssid and wifi_password to secrets.yaml beside this file, then: esphome run THIS FILE
esphome:
  name: "{name}"
  on_boot:
    - wakeword.start:

esp32:
  variant: esp32s3
  framework:
    type: esp-idf

logger:
api:
ota:
  - platform: esphome
wifi:
  ssid: !secret wifi_ssid
  password: !secret wifi_password

external_components:
  - source:
      type: local
      path: components

i2s_audio:
  i2s_lrclk_pin: GPIO5
  i2s_bclk_pin: GPIO4

microphone:
  - platform: i2s_audio
    id: ears
    adc_type: external
    i2s_din_pin: GPIO6
    channel: left

event:
  - platform: template
    id: heard
    name: Wake word
    event_types:
      - heard

wakeword:
  microphone:
    microphone: ears
    gain_factor: 4
  stop_after_detection: false
  models: {header}
  on_wake_word_detected:
    - logger.log:
        format: "heard %s"
        args: wake_word.c_str()
    - event.trigger:
        id: heard
        event_type: heard
"""
