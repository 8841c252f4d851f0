"""Take the documentation's pictures of the dashboard: light, dark, and on a phone.

    python -m bench.service_screenshot docs/images

Runs a service of its own, and a browser whose microphone plays the demo recording.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Browser

from bench.chromium import chromium
from service.run import Server
from service.settings import Settings
from wakeword.audio.files import read_audio, write_wav

_DEMO = Path(__file__).parent.parent / "wakeword/assets/demo.flac"
_SECONDS = 12  # of the recording before each picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of the pictures")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        tape = Path(scratch) / "demo.wav"
        write_wav(tape, read_audio(_DEMO))
        server = Server(Settings(Path(scratch) / "data", port=0, microphone=False, clips=True))
        thread = threading.Thread(target=server.serve_here)
        thread.start()
        try:
            _take(server.url, tape, folder)
        finally:
            server.should_exit = True
            thread.join()


def _take(url: str, tape: Path, folder: Path) -> None:
    with chromium(microphone=tape) as browser:
        _picture(browser, url, folder / "dashboard-light.png", "light", 1280, 1060)
        _picture(browser, url, folder / "dashboard-dark.png", "dark", 1280, 1060)
        _picture(browser, url, folder / "dashboard-phone.png", "dark", 390, 844)
        browser.close()


def _picture(browser: Browser, url: str, file: Path, scheme: str, width: int, height: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    page.get_by_role("button", name="Use this microphone").click()
    page.wait_for_timeout(1000 * _SECONDS)
    page.screenshot(path=file)
    context.close()
    print(file)


if __name__ == "__main__":
    main()
