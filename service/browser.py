"""Open a page of the service in the user's browser."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import webbrowser


def open_page(url: str) -> None:
    """Open a page in the browser of this computer's user, if there is one. Don't wait for it.

    Without a desktop a browser of the terminal would open, and hold it.
    """
    desktop = sys.platform != "linux" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")))
    if desktop:
        threading.Thread(target=_open, args=(url,), name="browser", daemon=True).start()


def _open(url: str) -> None:
    with contextlib.suppress(webbrowser.Error, OSError):
        webbrowser.open(url)
