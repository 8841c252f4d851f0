"""A headless Chromium, for benches and tests of the dashboard."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright


@contextmanager
def chromium(*flags: str, microphone: Path | None = None) -> Iterator[Browser]:
    """Run Chromium for the length of the block.

    microphone: a WAV file that its microphone plays in a loop, without asking for permission.
    """
    if microphone is not None:
        flags += (
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-audio-capture={microphone}",
        )
    if os.geteuid() == 0:  # Chromium's sandbox refuses root
        flags += ("--no-sandbox",)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        yield browser
        browser.close()
