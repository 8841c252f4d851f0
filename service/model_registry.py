"""The models that can be activated: the shipped ones, those in the service's folder, and the one of `--model`."""

from __future__ import annotations

from pathlib import Path

from wakeword.errors import ModelError
from wakeword.model.file import Model, read_model
from wakeword.model.pretrained import DEFAULT, shipped_models


class ModelRegistry:
    """Finds models by name: their file's name without its suffix."""

    def __init__(self, folder: Path, given: str | None = None) -> None:
        """given: name of a model, or a model file.

        Raises:
            WakewordError: it is neither.
        """
        self._folder = folder
        self._extra: dict[str, Path] = {}
        self.given: str | None = None
        if given is not None:
            self.given = self._add(given)

    def _add(self, given: str) -> str:
        if given in self.paths():
            return given
        path = Path(given).resolve()
        read_model(path)
        self._extra[path.stem] = path
        return path.stem

    def paths(self) -> dict[str, Path]:
        """Return the file of each model."""
        in_folder = {path.stem: path for path in sorted(self._folder.glob("*.safetensors"))}
        return {**shipped_models(), **in_folder, **self._extra}

    def load(self, name: str) -> Model:
        """Read a model.

        Raises:
            ModelError: there is no model of this name, or its file can't be used.
        """
        paths = self.paths()
        if name not in paths:
            raise ModelError(f"there is no model {name!r}; choose one of {', '.join(paths)}")
        return read_model(paths[name])

    def first(self, last_active: str | None) -> str:
        """Return the model to start with: the given one, else the last active one, else the default."""
        if self.given is not None:
            return self.given
        return last_active if last_active in self.paths() else DEFAULT
