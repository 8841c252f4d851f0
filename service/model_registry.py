"""The models that can be activated: the shipped ones, those in the service's folder, and the one it was given."""

from __future__ import annotations

from pathlib import Path

from wakeword.errors import WakewordError
from wakeword.model.file import Model, read_model
from wakeword.model.pretrained import DEFAULT, shipped_models


class ModelRegistry:
    """Models by name: that of their file without its ending."""

    def __init__(self, folder: Path, given: str | None = None) -> None:
        """given: the name of a shipped model, or a file.

        Raises:
            WakewordError: there is neither.
        """
        self._folder = folder
        self._extra: dict[str, Path] = {}
        self.given: str | None = None
        if given is not None:
            self.given = self._take(given)

    def _take(self, given: str) -> str:
        if given in self.paths():
            return given
        path = Path(given).resolve()
        read_model(path)
        self._extra[path.stem] = path
        return path.stem

    def paths(self) -> dict[str, Path]:
        """Where each model is."""
        put_here = {path.stem: path for path in sorted(self._folder.glob("*.safetensors"))}
        return {**shipped_models(), **put_here, **self._extra}

    def load(self, name: str) -> Model:
        """
        Raises:
            WakewordError: there is none of this name, or as `read_model`.
        """
        paths = self.paths()
        if name not in paths:
            raise WakewordError(f"there is no model {name!r}; there are: {', '.join(paths)}")
        return read_model(paths[name])

    def first(self, last_active: str | None) -> str:
        """The model to begin with: the one given, else the one that was active last, else the default."""
        if self.given is not None:
            return self.given
        return last_active if last_active in self.paths() else DEFAULT
