"""Where the component finds wakeword's Python package, which has the C sources of its core.

ESPHome runs in a Python environment of its own. If a package is beside this folder, it is taken, and need not be
installed there: in a checkout, as when ESPHome has fetched one, and in the archive of a release (tools/release), which
holds a copy in `bundled/`. Else one that is installed there is taken.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import esphome.config_validation as cv

_HERE = Path(__file__).resolve().parent
# A checkout has this file in integrations/esphome/components/wakeword.
_BESIDE = next((root for root in (_HERE / "bundled", *_HERE.parents[3:4]) if (root / "wakeword/model").is_dir()), None)
_ALONE = (
    "wakeword's Python package and the C sources of its core are not both here: let external_components name a "
    "checkout of wakeword or the unpacked archive of a release, which have them, and not a copy of this folder alone"
)


def need_package() -> None:
    """Make sure that the package can export a model. Raises cv.Invalid, which says what to install."""
    for module in ("pretrained", "export_c"):
        _of_package(f"model.{module}")


def core_sources() -> list[Path]:
    """Return the sources and headers of the C core. Raises cv.Invalid if they are not there."""
    firmware = _of_package("firmware")
    from wakeword.errors import WakewordError

    try:
        return sorted(firmware.core().glob("ww_*.[ch]"))
    except WakewordError as error:
        raise cv.Invalid(_ALONE) from error


def _of_package(name: str) -> ModuleType:
    """Import a module of the package. Raises cv.Invalid, which says what to install."""
    if _BESIDE:
        sys.path.insert(0, str(_BESIDE))
    try:
        return importlib.import_module(f"wakeword.{name}")
    except ImportError as error:
        if not _BESIDE:
            raise cv.Invalid(_ALONE) from error
        raise cv.Invalid(
            f"wakeword can't be imported by ESPHome's Python ({error}); give a header of `wakeword export`, or run: "
            f"{sys.executable} -m pip install numpy safetensors"
        ) from error
    finally:
        if _BESIDE:  # other folders of a checkout are nothing to ESPHome
            sys.path.remove(str(_BESIDE))
