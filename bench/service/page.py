"""The dashboard in a browser: the time until it can be used, and until an event is drawn."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from playwright.sync_api import Page
from websockets.sync.client import connect

from bench.chromium import chromium
from featurizer.logmel import Samples

_EVENTS = 10  # to draw; the slowest counts

# Records when the page received each event and when it was drawn, both by the page's clock.
_WATCH = """() => {
  window.received = []; window.drawn = [];
  const listen = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (type, listener) {
    const timed = (event) => { window.received.push(performance.now()); listener(event); };
    listen.call(this, type, type === "detection" ? timed : listener);
  };
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(() => requestAnimationFrame(() => window.drawn.push(performance.now())))
      .observe(document.querySelector("#feed"), { childList: true });
  });
}"""


@dataclass(frozen=True)
class PageTimes:
    """Times in milliseconds."""

    interactive: float  # from opening the page to its words and events
    drawn: float  # from receiving an event to drawing it, the slowest of some


def measure(url: str, recording: Samples) -> PageTimes:
    """Open the page twice, measure the second time, and show it a recording's events."""
    with chromium() as browser:
        for _ in range(2):
            page = browser.new_context().new_page()
            page.add_init_script(f"({_WATCH})()")
            start = time.monotonic()
            page.goto(url)
            page.wait_for_selector("#connection[data-state=live]")
            page.wait_for_selector(".word")
            interactive = 1000 * (time.monotonic() - start)
        return PageTimes(interactive, _slowest(page, url, recording))


def _slowest(page: Page, url: str, recording: Samples) -> float:
    page.evaluate("window.received = [], window.drawn = []")
    streaming = threading.Thread(target=_stream, args=(url, recording))
    streaming.start()
    while page.evaluate("window.received.length") < _EVENTS:
        page.wait_for_timeout(100)
    streaming.join()
    page.wait_for_timeout(200)
    received, drawn = page.evaluate("window.received"), page.evaluate("window.drawn")
    return max(min((at - arrival for at in drawn if at >= arrival), default=float("inf")) for arrival in received)


def _stream(url: str, recording: Samples) -> None:
    with connect(f"{url.replace('http', 'ws')}/api/stream?name=page") as socket:
        for start in range(0, len(recording), 16_000):
            socket.send(recording[start : start + 16_000].tobytes())
            time.sleep(0.1)
        socket.send('{"type": "end"}')
        for _ in socket:
            pass
