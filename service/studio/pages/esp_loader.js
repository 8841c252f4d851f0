// Writes a program to an ESP32-C3 or ESP32-S3 by the loader in its ROM, as Espressif's "Serial Protocol" describes it: no program
// is sent to the chip but the one that is written.

import { CHIPS, placed } from "./esp_image.js";
import { md5 } from "./md5.js";
import { Silence, pause } from "./serial_line.js";
import { packed, unpack } from "./slip.js";

const BAUD = 115_200; // at which the loader begins; another one would need the port opened anew, and so a reset
const [SYNC, WRITE_REGISTER, READ_REGISTER, SET_FLASH, ATTACH, BEGIN, DATA, MD5, SECURITY] = [8, 9, 10, 11, 13, 16, 17, 19, 20];
const SYNC_BYTES = [7, 7, 0x12, 0x20, ...Array(32).fill(0x55)];
const ANSWER = 1; // the first byte of an answer
const STATUS = 4; // bytes at the end of an answer, of which two are reserved
const BLOCK = 1024; // bytes of compressed data at a time
const TRIES = 4; // resets
const SYNCS = 5; // after each
const MAGIC_REGISTER = 0x40001000; // tells the chips whose loaders have no SECURITY
const MAGIC = { 0x00f01d83: "ESP32", 0x000007c6: "ESP32-S2" };
// Milliseconds until the loader must answer; further ones for each megabyte.
const [SYNC_PATIENCE, PATIENCE, ERASES, WRITES, SUMS] = [100, 3000, 30_000, 40_000, 8000];
const OWN_USB = { usbVendorId: 0x303a, usbProductId: 0x1001 }; // the chip's own, which has no lines to its pins
// Registers of the watchdogs, which a reset by the chip's own USB leaves on.
const WATCHDOGS = {
  "ESP32-C3": { config: 0x60008090, unlock: 0x600080a8, own: 0x600080ac, unlockOwn: 0x600080b0 },
  "ESP32-S3": { config: 0x60008098, unlock: 0x600080b0, own: 0x600080b4, unlockOwn: 0x600080b8 },
};
const [KEY, OWN_KEY, FED] = [0x50d83aa1, 0x8f1d312a, 0x80000000];

const SILENT = "no loader answers: hold BOOT while you press RESET, release both, and write it again";
const DIFFERENT = "the board's flash differs from the program: write it again, with another cable if it happens again";

/** Tells whether a port is the chip's own USB, not a converter beside it. */
export function isOwnUsb(port) {
  const { usbVendorId, usbProductId } = port.getInfo();
  return usbVendorId === OWN_USB.usbVendorId && usbProductId === OWN_USB.usbProductId;
}

/** Writes a program, checks it, and restarts the board. If this returns, the board holds all of it. Returns whether it restarts.

    line: a Line that isn't open; it is open afterwards. chip: as CHIPS names it. progress: called with what is done, and its fraction. */
export async function writeEsp(line, chip, bytes, progress) {
  const { offset, flash } = placed(bytes, chip);
  const ownUsb = isOwnUsb(line.port);
  progress("connecting", 0);
  await line.open(BAUD);
  const loader = new Loader(line);
  await loader.connect(ownUsb);
  const found = await loader.chip();
  if (found !== chip) throw new Error(`the board has an ${found}, not an ${chip}: choose the board that it is`);
  if (ownUsb) await loader.calm(WATCHDOGS[chip]);
  const program = new Uint8Array(4 * Math.ceil(bytes.length / 4)).fill(0xff);
  program.set(bytes);
  await loader.write(program, offset, flash, progress);
  progress("checking", 1);
  if (await loader.digest(offset, program.length) !== md5(program)) throw new Error(DIFFERENT);
  return restart(line);
}

/** Restarts the chip into what its flash holds. Returns whether the lines could be set. */
async function restart(line) {
  try {
    await line.signals(false, true);
    await pause(100);
    await line.signals(false, false);
    return true;
  } catch {
    return false;
  }
}

class Loader {
  constructor(line) {
    this.line = line;
  }

  /** Resets the chip into its loader, until that answers. Then the chip may also have been there before. */
  async connect(ownUsb) {
    for (let tried = 0; tried < TRIES; tried++) {
      await (ownUsb ? this.resetByUsb() : this.resetByLines(tried % 2 ? 550 : 50));
      this.line.forget();
      for (let asked = 0; asked < SYNCS; asked++) {
        try {
          await this.ask(SYNC, Uint8Array.from(SYNC_BYTES), { patience: SYNC_PATIENCE });
          return;
        } catch (error) {
          if (!(error instanceof Silence || error instanceof Refused)) throw error;
        }
      }
    }
    throw new Error(SILENT);
  }

  /** RTS holds the chip in reset, DTR its boot pin; both together hold neither. settle: until a board has let go of RTS. */
  async resetByLines(settle) {
    await this.line.signals(false, true);
    await pause(100);
    await this.line.signals(true, false);
    await pause(settle);
    await this.line.signals(false, false);
  }

  /** In the chip, DTR alone asks for the loader, and RTS alone for a reset; both together, which lead from one to the other, for nothing. */
  async resetByUsb() {
    for (const [ready, send, rest] of [[false, false, 100], [true, false, 100], [true, true, 0], [false, true, 100], [false, false, 0]]) {
      await this.line.signals(ready, send);
      await pause(rest);
    }
  }

  /** Returns the chip's name. */
  async chip() {
    try {
      const { data } = await this.ask(SECURITY, new Uint8Array());
      if (data.length >= 16) return CHIPS[view(data).getUint32(12, true)] ?? "unknown ESP32";
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
    const { value } = await this.ask(READ_REGISTER, words(MAGIC_REGISTER));
    return MAGIC[value] ?? "unknown ESP32";
  }

  /** Stops the watchdogs, which would restart the chip amid the writing. */
  async calm({ config, unlock, own, unlockOwn }) {
    const set = (address, value) => this.ask(WRITE_REGISTER, words(address, value, 0xffffffff, 0));
    await set(unlock, KEY);
    await set(config, 0);
    await set(unlock, 0);
    const { value } = await this.ask(READ_REGISTER, words(own));
    await set(unlockOwn, OWN_KEY);
    await set(own, (value | FED) >>> 0);
    await set(unlockOwn, 0);
  }

  /** Erases what the program takes of the flash, and writes it. */
  async write(program, offset, flash, progress) {
    const megabytes = program.length / 2 ** 20;
    const compressed = await deflated(program);
    const blocks = Math.ceil(compressed.length / BLOCK);
    await this.ask(ATTACH, words(0, 0));
    await this.ask(SET_FLASH, words(0, flash, 1 << 16, 1 << 12, 1 << 8, 0xffff));
    progress("erasing", 0);
    const room = BLOCK * Math.ceil(program.length / BLOCK);
    await this.ask(BEGIN, words(room, blocks, BLOCK, offset, 0), { patience: PATIENCE + ERASES * megabytes });
    for (let number = 0; number < blocks; number++) {
      progress("writing", number / blocks);
      const block = compressed.subarray(number * BLOCK, (number + 1) * BLOCK);
      const message = new Uint8Array(16 + block.length);
      message.set(words(block.length, number, 0, 0));
      message.set(block, 16);
      const checksum = block.reduce((sum, byte) => sum ^ byte, 0xef);
      await this.ask(DATA, message, { checksum, patience: PATIENCE + WRITES * megabytes });
    }
  }

  /** Returns the MD5 that the chip computes of a part of its flash. */
  async digest(offset, size) {
    const { data } = await this.ask(MD5, words(offset, size, 0, 0), { patience: PATIENCE + SUMS * (size / 2 ** 20) });
    return new TextDecoder().decode(data.subarray(0, 32)).toLowerCase();
  }

  /** Sends a request. Returns the value and the data of its answer. Throws Silence if there is none, Refused if it is an error. */
  async ask(command, payload, { checksum = 0, patience = PATIENCE } = {}) {
    const message = new Uint8Array(8 + payload.length);
    message.set([0, command, payload.length & 0xff, payload.length >> 8]);
    view(message).setUint32(4, checksum, true);
    message.set(payload, 8);
    await this.line.write(packed(message));
    const deadline = this.line.deadline(patience);
    for (;;) {
      const answer = await unpack(() => this.line.byte(deadline));
      // Of a board that still says something else, or an answer to a SYNC before: each SYNC has eight.
      if (answer.length < 8 + STATUS || answer[0] !== ANSWER || answer[1] !== command) continue;
      const data = answer.subarray(8, answer.length - STATUS);
      const [failed, reason] = answer.subarray(answer.length - STATUS);
      if (failed) throw new Refused(reason);
      return { value: view(answer).getUint32(4, true), data };
    }
  }
}

/** An answer that is an error. */
class Refused extends Error {
  constructor(reason) {
    super(`the board's loader refuses (error ${reason}): write it again, with another cable if it happens again`);
  }
}

function view(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Returns numbers of 32 bits as bytes, the lowest first. */
function words(...numbers) {
  const bytes = new Uint8Array(4 * numbers.length);
  numbers.forEach((number, index) => view(bytes).setUint32(4 * index, number, true));
  return bytes;
}

/** Returns bytes compressed as zlib does. */
async function deflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
