"""Chromium's Web Serial with modelled boards at its ports: headless, it has none of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

from tests.service.serial_bridge import Bridge
from tests.signals import ROOT

_SERIAL = """
{
  const chosen = [], filters = [];
  const serial = Object.assign(new EventTarget(), {
    chosen, filters,
    async requestPort(options) {
      filters.push(options.filters);
      const fail = (...why) => { throw new DOMException(...why); };
      if (!navigator.userActivation.isActive) fail("Must be handling a user gesture.", "SecurityError");
      const info = chosen.shift() ?? fail("No port selected by the user.", "NotFoundError");
      return fakePort(askBoard, info);
    },
    async getPorts() { return []; },
  });
  Object.defineProperty(navigator, "serial", { value: serial });
}
"""


@contextmanager
def board_at(page: Page, port: str, *ids: tuple[int, int]) -> Iterator[Bridge]:
    """Give pages that are loaded from now on a board. port: as pyserial has it. ids: vendor and product that the user
    chooses in turn; nothing after them."""
    bridge = Bridge(port)
    chosen = [{"usbVendorId": vendor, "usbProductId": product} for vendor, product in ids]
    page.expose_function("askBoard", bridge.answer)
    page.add_init_script((ROOT / "tests/service/fake_serial.js").read_text() + _SERIAL)
    page.add_init_script(f"navigator.serial.chosen.push(...{chosen})")
    yield bridge
    bridge.close()
