"""The models that can be activated: the shipped ones, those in the service's folder, and those of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from service.active_models import ActiveModels
from service.detection.tuning import TunedModel, tuned
from service.store.words import WordStore
from wakeword.errors import ModelError
from wakeword.model.file import Model, read_model
from wakeword.model.pretrained import DEFAULT, model_name, shipped_models
from wakeword.text import composed


class ModelRegistry:
    """Finds models by name: their file's name without its suffix."""

    def __init__(self, folder: Path, models: Sequence[str] = (), commands: Sequence[str] = ()) -> None:
        """models, commands: those to start with, each the name of a model or a model file.

        Raises:
            WakewordError: one is neither, or they can't listen together.
        """
        self._folder = folder
        self._extra: dict[str, Path] = {}
        self._given: ActiveModels | None = None
        if models:
            self._given = ActiveModels(tuple(map(self._add, models)), tuple(map(self._add, commands)))

    def _add(self, given: str) -> str:
        if (name := composed(given)) in self.paths():
            return name
        path = Path(given).resolve()
        read_model(path)
        name = model_name(str(path))
        self._extra[name] = path
        return name

    def paths(self) -> dict[str, Path]:
        """Return the file of each model."""
        in_folder = {model_name(str(path)): path for path in sorted(self._folder.glob("*.safetensors"))}
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

    def first(self, last_active: ActiveModels | None) -> ActiveModels:
        """Return the models to start with: the given ones, else those of the last active ones that are still there,
        else the default."""
        if self._given is not None:
            return self._given
        paths = self.paths()
        models, commands = (
            ((), ())
            if last_active is None
            else (
                tuple(name for name in names if name in paths) for names in (last_active.models, last_active.commands)
            )
        )
        return ActiveModels(models, commands) if models else ActiveModels((DEFAULT,))


def load_tuned(registry: ModelRegistry, words: WordStore, name: str) -> TunedModel:
    """Read a model, with the settings of its words.

    Raises:
        ModelError: there is no model of this name, or its file can't be used.
    """
    return tuned(name, registry.load(name), words.tunings(name))
