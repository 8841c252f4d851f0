"""The runtime: a change that fails leaves everything as it was."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from service.active_models import ActiveModels
from service.metrics import Metrics
from service.runtime import prepare, running
from tests.service.live import settings
from tests.wakeword.models import random_model
from wakeword.model.file import write_model


def test_a_model_whose_settings_cannot_be_read_is_not_activated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_model(random_model(), tmp_path / "models" / "other.safetensors")

    def away(name: str) -> None:
        raise OSError("the database is away")

    async def run() -> None:
        async with running(prepare(settings(tmp_path)), Metrics()) as runtime:
            before = runtime.hub.setup, runtime.words.active()
            monkeypatch.setattr(runtime.words, "tunings", away)
            with pytest.raises(OSError, match="away"):
                await runtime.activate(ActiveModels(("other",)))
            assert (runtime.hub.setup, runtime.words.active()) == before

    asyncio.run(run())
