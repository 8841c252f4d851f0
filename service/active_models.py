"""The names of the models that listen, as a user has chosen them."""

from __future__ import annotations

from dataclasses import dataclass

from wakeword.errors import UsageError

MAX_MODELS = 8  # that listen at once, commands included


@dataclass(frozen=True)
class ActiveModels:
    """Models that always listen, and commands: models that are heard for some seconds after a word of the others."""

    models: tuple[str, ...]
    commands: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the choice.

        Raises:
            UsageError: there is no model, or there are too many, or one is given twice.
        """
        names = [*self.models, *self.commands]
        if not self.models:
            raise UsageError("no model would listen; name one at least that does so always")
        if len(names) > MAX_MODELS:
            raise UsageError(
                f"{len(names)} models are too many; {MAX_MODELS} may listen, with those that are heard after a word"
            )
        if both := [name for name in self.commands if name in self.models]:
            raise UsageError(f"the model {both[0]} can't listen both always and after a word of others; choose one")
        if twice := [name for name in names if names.count(name) > 1]:
            raise UsageError(f"the model {twice[0]} is given twice; give each once")
