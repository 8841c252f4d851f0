"""The models that come with the package, found by name."""

from __future__ import annotations

from pathlib import Path

from wakeword.errors import WakewordError
from wakeword.model.file import Model, read_model

DEFAULT = "google12"
_ASSETS = Path(__file__).parents[1] / "assets"


def shipped_models() -> dict[str, Path]:
    """The files of the models that come with the package, by name."""
    return {path.stem: path for path in sorted(_ASSETS.glob("*.safetensors"))}


def load_model(spec: str | None = None) -> Model:
    """The model of a name that the package knows, else of a file; None is google12.

    Raises:
        WakewordError: there is neither, or as `read_model`.
    """
    shipped = shipped_models()
    name = spec or DEFAULT
    if name in shipped:
        return read_model(shipped[name])
    path = Path(name)
    if not path.exists():
        known = ", ".join(shipped) or "none"
        raise WakewordError(f"there is no model {name}: it is no file, and the models of this package are: {known}")
    return read_model(path)
