// Which boards the page writes by Web Serial, and how.

import { placed } from "./esp_image.js";
import { writeEsp } from "./esp_loader.js";
import { check, touch, writeSamba } from "./samba.js";

const ARDUINO = 0x2341; // of USB, as products are
const ids = (...products) => products.map((usbProductId) => ({ usbVendorId: ARDUINO, usbProductId }));

const esp = (name) => ({
  program: ".merged.bin",
  filters: [], // a converter has the number of its maker
  check: (bytes) => placed(bytes, name),
  write: (line, bytes, progress) => writeEsp(line, name, bytes, progress),
});

/** A board whose program goes away for its bootloader, which the browser takes for another device. */
const samd = (programs, bootloader) => ({ program: ".bin", filters: [...programs, ...bootloader], bootloader, touch, check, write: writeSamba });

/** The boards, by their names for `wakeword flash`. */
export const PROTOCOLS = {
  esp32c3: esp("ESP32-C3"),
  esp32s3: esp("ESP32-S3"),
  mkr1000: samd(ids(0x804e, 0x824e), ids(0x004e, 0x024e)),
  zero: samd(ids(0x804d, 0x824d), ids(0x004d, 0x024d)),
};

/** Tells whether a port has one of some numbers. */
export function isOneOf(port, numbers) {
  const { usbVendorId, usbProductId } = port.getInfo();
  return numbers.some((one) => one.usbVendorId === usbVendorId && one.usbProductId === usbProductId);
}
