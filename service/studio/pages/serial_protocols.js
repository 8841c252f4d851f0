// Which boards the page writes by Web Serial, and how.

import { placed } from "./esp_image.js";
import { writeEsp } from "./esp_loader.js";

const esp = (name) => ({
  name,
  program: ".merged.bin",
  filters: [], // a converter has the number of its maker
  check: (bytes) => placed(bytes, name),
  write: (line, bytes, progress) => writeEsp(line, name, bytes, progress),
});

/** The boards, by their names for `wakeword flash`. */
export const PROTOCOLS = { esp32c3: esp("ESP32-C3"), esp32s3: esp("ESP32-S3") };

/** Writes a program to a board, and checks it there. The arguments and the result are those of `writeEsp`. */
export function write(line, board, bytes, progress) {
  return PROTOCOLS[board].write(line, bytes, progress);
}
