"""Take the documentation's pictures of the studio, of a project that a service has.

    wakeword studio --no-browser &
    python -m bench.studio_screenshot http://127.0.0.1:8765 hey_lumen docs/images

Each picture that is named shows what is there by then. None: *phrase*, *train*, and *phone*, a telephone's screen.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser

from bench.chromium import chromium

_PATIENCE = 3000  # milliseconds for what a step asks the service


class _Picture(NamedTuple):
    step: str
    scheme: str
    width: int
    height: int


_PICTURES = {
    "phrase": _Picture("phrase", "light", 1280, 800),
    "train": _Picture("train", "dark", 1280, 800),
    "report": _Picture("report", "light", 1280, 1200),
    "phone": _Picture("phrase", "dark", 390, 844),
}
_DEFAULT = ("phrase", "train", "phone")


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", metavar="URL", help="of the service")
    parser.add_argument("project", metavar="ID", help="of the project")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="of the pictures")
    parser.add_argument("pictures", nargs="*", metavar="PICTURE", help=f"one of {', '.join(_PICTURES)}")
    options = parser.parse_args()
    if unknown := [name for name in options.pictures if name not in _PICTURES]:
        parser.error(f"there is no picture {unknown[0]!r}; choose of {', '.join(_PICTURES)}")
    options.folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for name in options.pictures or _DEFAULT:
            file = options.folder / f"studio-{name}.png"
            _take(browser, f"{options.url}/studio/#{options.project}", _PICTURES[name], file)
            print(file)


def _take(browser: Browser, url: str, picture: _Picture, file: Path) -> None:
    scheme: Any = picture.scheme
    context = browser.new_context(viewport={"width": picture.width, "height": picture.height}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{url}/{picture.step}")
    page.locator(f"#{picture.step}").wait_for()
    page.wait_for_timeout(_PATIENCE)
    page.screenshot(path=file)
    context.close()


if __name__ == "__main__":
    main()
