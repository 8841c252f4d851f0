"""Where the component finds wakeword's Python package and the C sources of its core.

ESPHome runs in a Python environment of its own. The package need not be installed there if this folder lies in a
checkout, as one that ESPHome itself has fetched does: then the checkout's package is taken. Both must be of one
version, so the sources are looked for beside the package first.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import esphome.config_validation as cv

_CORE = Path("firmware/src/core")
_CHECKOUT = Path(__file__).resolve().parents[4]  # integrations/esphome/components/wakeword is in it, if it is one


def need_package() -> None:
    """Make sure that the package can export a model. Raises cv.Invalid, which says what to install."""
    in_checkout = (_CHECKOUT / "wakeword/model").is_dir()
    if in_checkout and str(_CHECKOUT) not in sys.path:
        sys.path.append(str(_CHECKOUT))
    try:
        importlib.import_module("wakeword.model.pretrained")
    except ImportError as error:
        missing = "numpy safetensors" if in_checkout else "FOLDER, a checkout of wakeword"
        raise cv.Invalid(
            f"wakeword can't be imported by ESPHome's Python ({error}); give a header of `wakeword export`, or run: "
            f"{sys.executable} -m pip install {missing}"
        ) from error


def core_sources() -> list[Path]:
    """Return the sources and headers of the C core. Raises cv.Invalid if they are not there."""
    package = getattr(sys.modules.get("wakeword"), "__file__", None)
    beside = [Path(package).parents[1]] if package else []
    for root in (*beside, _CHECKOUT):
        if found := sorted((root / _CORE).glob("ww_*.[ch]")):
            return found
    raise cv.Invalid(
        f"the C sources of wakeword's core are not here: let external_components name a checkout of wakeword, whose "
        f"{_CORE} has them, and not a copy of this folder alone"
    )
