// Writes a program to a board with a SAMD21 by Arduino's SAM-BA bootloader, over USB: letters with numbers in hexadecimal. Its
// extensions, which the version names, erase (X), write (Y) and sum up (Z) the flash.

import { Silence, pause } from "./serial_line.js";

const TOUCH = 1200; // opening the port at this rate asks the program for its bootloader
const BAUD = 115_200; // any other: there is no line behind USB
const [FLASH, PROGRAM] = [0x40000, 0x2000]; // bytes of flash; the bootloader lies before the program
const [RAM, RAM_END, BUFFER] = [0x20000000, 0x20008000, 0x20005000];
const [PAGE, BLOCK] = [64, 4096]; // bytes
const [DEVICE, DEVICE_MASK] = [0x41002018, 0xffff00ff]; // a register that names the chip; without its revision
const SAMD21 = [0x10010000, 0x10010005, 0x1001000a]; // J18A, G18A, E18A
const [RESET, RESET_KEY] = [0xe000ed0c, 0x05fa0004];
const [PATIENCE, ERASES] = [3000, 30_000]; // milliseconds until an answer
const LATE = 2; // answers before that of the version: those to what ends a command, and to the mode

const SILENT = "no bootloader answers: press the board's reset button twice, quickly, and write it again";
const DIFFERENT = "the board's flash differs from the program: write it again, with another cable if it happens again";

/** Throws an error if a file is no program for a SAMD21 with the bootloader: its stack and its entry stand at its beginning. */
export function check(bytes) {
  if (bytes.length > FLASH - PROGRAM) throw new Error("the program is larger than the board's flash: choose the .bin file that was exported for it");
  const word = (at) => (bytes.length < at + 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true));
  const [stack, entry] = [word(0), word(4)];
  if (stack <= RAM || stack > RAM_END || entry % 2 === 0 || entry < PROGRAM || entry >= PROGRAM + bytes.length) {
    throw new Error("the file is no program for this board: export the compiled binary for it, and take the .bin without bootloader");
  }
}

/** Asks the program that runs on the board for the bootloader, which the computer takes for another device. line: a Line that
    isn't open. */
export async function touch(line) {
  await line.open(TOUCH);
  await line.signals(false, false).catch(() => {}); // of a board that is gone already
  await line.close();
  line.signal.throwIfAborted();
}

/** Writes a program, checks it, and restarts the board. If this returns, the board holds all of it. Returns whether it restarts.

    line: a Line at the bootloader that isn't open; it is open afterwards. progress: called with what is done, and its fraction. */
export async function writeSamba(line, bytes, progress) {
  check(bytes);
  progress("connecting", 0);
  await line.open(BAUD);
  const samba = new Samba(line);
  await samba.connect();
  const program = new Uint8Array(PAGE * Math.ceil(bytes.length / PAGE)).fill(0xff);
  program.set(bytes);
  progress("erasing", 0);
  await samba.erase();
  for (let at = 0; at < program.length; at += BLOCK) {
    progress("writing", at / program.length);
    await samba.write(PROGRAM + at, program.subarray(at, at + BLOCK));
  }
  for (let at = 0; at < program.length; at += BLOCK) {
    progress("checking", at / program.length);
    const block = program.subarray(at, at + BLOCK);
    if (await samba.sum(PROGRAM + at, block.length) !== crc(block)) throw new Error(DIFFERENT);
  }
  return samba.restart().then(() => true, () => false);
}

class Samba {
  constructor(line) {
    this.line = line;
  }

  /** Begins, and makes sure of the bootloader and the chip. */
  async connect() {
    try {
      await this.line.write(text("#"), true); // ends what a program before this may have begun
      await pause(50);
      this.line.forget();
      await this.send("N#");
      await this.answer("\n\r");
      await this.send("V#");
      this.version = await this.answer("\n\r");
      // What a slow computer hears late of the answers before says nothing: an end of a line and a prompt.
      for (let late = 0; late < LATE && /^>*$/.test(this.version); late++) this.version = await this.answer("\n\r");
    } catch (error) {
      throw error instanceof Silence ? new Error(SILENT) : error;
    }
    const extensions = /\[Arduino:([A-Z]*)\]/.exec(this.version)?.[1] ?? "";
    if (![..."XYZ"].every((letter) => extensions.includes(letter))) {
      throw new Error("the board's bootloader can't erase and check by itself: wakeword flash writes it");
    }
    await this.send(`w${hex(DEVICE)},4#`);
    const found = await this.bytes(4);
    const device = (found[0] | (found[1] << 8) | (found[2] << 16) | (found[3] << 24)) & DEVICE_MASK;
    if (!SAMD21.includes(device)) throw new Error("the board has another chip than a SAMD21: choose the board that it is");
  }

  async erase() {
    await this.command("X", `${hex(PROGRAM)}#`, ERASES);
  }

  /** Writes a block: into the RAM, and from there into the flash. */
  async write(address, block) {
    await this.send(`S${hex(BUFFER)},${hex(block.length)}#`); // what is sent with it in one packet would be lost
    await this.line.write(block, true);
    await this.command("Y", `${hex(BUFFER)},0#`);
    await this.command("Y", `${hex(address)},${hex(block.length)}#`);
  }

  /** Returns the sum that the chip computes of a part of its flash. */
  async sum(address, size) {
    const answer = await this.command("Z", `${hex(address)},${hex(size)}#`);
    return Number.parseInt(answer.replace("#", ""), 16);
  }

  /** Restarts the chip into its program. */
  async restart() {
    await this.send(`W${hex(RESET)},${hex(RESET_KEY)}#`);
  }

  /** Sends a command whose answer begins with its letter. Returns the rest of the answer. */
  async command(letter, rest, patience = PATIENCE) {
    await this.send(letter + rest);
    const answer = await this.answer("\n\r", patience);
    if (!answer.startsWith(letter)) throw new Error("the board's bootloader answers something else: write it again, with another cable if it happens again");
    return answer.slice(1);
  }

  send(command) {
    return this.line.write(text(command), true);
  }

  /** Returns the text of an answer without what ends it. */
  async answer(end, patience = PATIENCE) {
    const deadline = this.line.deadline(patience);
    let found = "";
    while (!found.endsWith(end)) found += String.fromCharCode(await this.line.byte(deadline));
    return found.slice(0, -end.length);
  }

  async bytes(count) {
    const deadline = this.line.deadline(PATIENCE);
    const found = [];
    while (found.length < count) found.push(await this.line.byte(deadline));
    return found;
  }
}

/** Returns the CRC of bytes as the bootloader computes it: XMODEM's, of 16 bits. */
export function crc(bytes) {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) sum = (sum << 1) ^ (sum & 0x8000 ? 0x11021 : 0);
  }
  return sum;
}

function hex(number) {
  return number.toString(16).toUpperCase().padStart(8, "0");
}

function text(letters) {
  return new TextEncoder().encode(letters);
}
