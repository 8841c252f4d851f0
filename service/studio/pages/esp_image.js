// A program for an ESP32, as the Arduino IDE exports it: for which chip it is, and where in the flash it belongs.

export const CHIPS = { 0: "ESP32", 2: "ESP32-S2", 5: "ESP32-C3", 9: "ESP32-S3", 13: "ESP32-C6", 16: "ESP32-H2" };

const MAGIC = 0xe9;
const HEAD = 24; // bytes
const PARTITIONS = 0x8000; // of a file with all that the flash holds
const APPLICATION = 0x10000; // the place of an application alone

/** Returns where a program belongs, `offset`, and the bytes of the flash that it was built for, `flash`. chip: its name in
    CHIPS. Throws an error if it is no program for the chip. */
export function placed(bytes, chip) {
  if (bytes.length < HEAD || bytes[0] !== MAGIC) {
    throw new Error("the file is no program for an ESP32: export the compiled binary, and take the .merged.bin");
  }
  const built = CHIPS[bytes[12] | (bytes[13] << 8)] ?? "another chip";
  if (built !== chip) throw new Error(`the program was built for ${built}, not for ${chip}: choose the board that it is for, or another file`);
  const whole = bytes[PARTITIONS] === 0xaa && bytes[PARTITIONS + 1] === 0x50;
  const offset = whole ? 0 : APPLICATION;
  const flash = 2 ** (20 + Math.min(bytes[3] >> 4, 7));
  if (offset + bytes.length > flash) throw new Error("the program is larger than the flash that it was built for: export it again");
  return { offset, flash };
}
