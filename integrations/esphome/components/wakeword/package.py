"""Where the component finds wakeword's Python package and the C sources of its core.

ESPHome runs in a Python environment of its own. If this folder lies in a checkout, as when ESPHome has fetched one, the
checkout's package is taken, and need not be installed there. Package and sources must be of one version.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import esphome.config_validation as cv

_CORE = Path("firmware/src/core")
_CHECKOUT = Path(__file__).resolve().parents[4]  # integrations/esphome/components/wakeword is in it, if it is one
_ALONE = (
    "wakeword's Python package and the C sources of its core are not both here: let external_components name a "
    "checkout of wakeword, which has them, and not a copy of this folder alone"
)


def need_package() -> None:
    """Make sure that the package can export a model. Raises cv.Invalid, which says what to install."""
    in_checkout = (_CHECKOUT / "wakeword/model").is_dir()
    if in_checkout:
        sys.path.insert(0, str(_CHECKOUT))
    try:
        for module in ("pretrained", "export_c"):
            importlib.import_module(f"wakeword.model.{module}")
    except ImportError as error:
        if not in_checkout:
            raise cv.Invalid(_ALONE) from error
        raise cv.Invalid(
            f"wakeword can't be imported by ESPHome's Python ({error}); give a header of `wakeword export`, or run: "
            f"{sys.executable} -m pip install numpy safetensors"
        ) from error
    finally:
        if in_checkout:  # other folders of it are nothing to ESPHome
            sys.path.remove(str(_CHECKOUT))


def core_sources() -> list[Path]:
    """Return the sources and headers of the C core. Raises cv.Invalid if they are not there."""
    package = getattr(sys.modules.get("wakeword"), "__file__", None)
    beside = [Path(package).parents[1]] if package else []
    for root in (*beside, _CHECKOUT):
        if found := sorted((root / _CORE).glob("ww_*.[ch]")):
            return found
    raise cv.Invalid(_ALONE)
