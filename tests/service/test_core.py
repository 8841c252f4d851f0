"""The parts together: what can't be done leaves them as they were."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from service.core import prepare, running
from service.metrics import Metrics
from tests.service.live import settings
from tests.wakeword.models import random_bundle
from wakeword.model.bundle import save_bundle


def test_a_model_whose_settings_cannot_be_read_is_not_begun_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_bundle(random_bundle(), tmp_path / "models" / "other.safetensors")

    def away(name: str) -> None:
        raise OSError("the database is away")

    async def run() -> None:
        async with running(prepare(settings(tmp_path)), Metrics()) as core:
            before = core.bundle, core.hub.setup, core.words.active_model()
            monkeypatch.setattr(core.words, "tunings", away)
            with pytest.raises(OSError, match="away"):
                await core.activate("other")
            assert (core.bundle, core.hub.setup, core.words.active_model()) == before

    asyncio.run(run())
