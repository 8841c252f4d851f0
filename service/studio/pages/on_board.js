// A program that is written to a board from this page, by Web Serial, if the browser has it and the board has a loader for it.

import { answer, attempt, request } from "../api.js";
import { onFiles, quietly, say } from "./make.js";
import { Line, pause } from "./serial_line.js";
import { PROTOCOLS, isOneOf } from "./serial_protocols.js";

const LARGEST = 16 << 20; // bytes of a program
const DOES = {
  compiling: "Compiling the program; the first time takes minutes.", connecting: "Connecting to the board.", erasing: "Erasing.",
  writing: "Writing.", checking: "Checking what the board holds.",
};
const APPEARS = 3000; // milliseconds until a bootloader that was chosen before must be there
const ESPRESSIF = 0x303a; // the vendor of an ESP32's own USB
const LOOK = 100; // between two looks
const STOPPED = "It was stopped. The board may hold a part of the program: write it again before you use it.";

export class OnBoard {
  constructor(section) {
    const at = (selector) => section.querySelector(selector);
    Object.assign(this, {
      choice: at("#board"), how: at("#write-how"), body: at("#writer"), zone: at("#program-zone"), program: at("#program"), button: at("#write"),
      end: at("#write-stop"), again: at("#choose-again"), progress: at("#write-progress"), told: at("#written"), stopping: null, file: null, next: null,
    });
    onFiles(this.zone, ([file]) => attempt(() => this.take(file)));
    this.button.addEventListener("click", () => attempt(() => this.write()));
    this.end.addEventListener("click", () => this.stopping?.abort(new Error(STOPPED)));
  }

  /** Whether a board is being written, which a reload would break off. */
  get writing() {
    return this.stopping !== null;
  }

  /** Shows what can be done with a board, once none is being written. name: what people call it. path: of the training whose
      model it gets. */
  async open(board, name, path) {
    this.next = this.writing ? [board, name, path] : null;
    if (this.next) return;
    Object.assign(this, { board, path, protocol: PROTOCOLS[board], file: null, compiles: false });
    this.told.textContent = this.program.textContent = "";
    const reason = missing() ?? (this.protocol ? null : `A page can't write a ${name}: its bootloader is not for that. The command below can.`);
    this.body.hidden = reason !== null;
    this.how.textContent = reason ?? "";
    this.showState();
    if (reason) return;
    const { ready } = await request("api/studio/compiler");
    if (this.board !== board || this.path !== path) return;
    const exported = `the Arduino IDE exports it from the sketch above (Sketch, Export Compiled Binary), as a ${this.protocol.program} file`;
    this.how.textContent = ready ? `This service compiles the program, the same that the command below writes. Or choose another one: ${exported}.`
      : `The service's computer has no arduino-cli to compile the program, so choose it: ${exported}.`;
    this.compiles = ready;
    this.showState();
  }

  async take(file) {
    if (file.size > LARGEST) throw new Error(`${file.name} is larger than any program; choose the ${this.protocol.program} file`);
    const bytes = new Uint8Array(await file.arrayBuffer());
    this.protocol.check(bytes);
    this.file = bytes;
    this.program.textContent = `Program: ${file.name}`;
    this.told.textContent = "";
    this.showState();
  }

  async write() {
    const { protocol, file } = this;
    this.stopping = new AbortController();
    const { signal } = this.stopping;
    this.told.textContent = "";
    this.progress.value = 0;
    this.showState();
    try {
      const chosen = await chosenPort(protocol.filters);
      const bytes = file ?? await this.compiled(chosen, signal);
      const line = new Line(await this.loader(chosen, protocol, signal), signal);
      try {
        const restarts = await protocol.write(line, bytes, (what, fraction) => this.does(what, fraction));
        const done = `The program is written, and the board holds every byte of it. ${restarts ? "It restarts now." : "Press its reset button."}`;
        this.told.textContent = done;
        if (this.next) say(done);
      } finally {
        await line.close();
      }
    } catch (error) {
      this.told.textContent = "";
      throw error;
    } finally {
      this.stopping = null;
      this.showState();
      if (this.next) quietly(() => this.open(...this.next));
    }
  }

  /** Returns the program that the service compiles for the board at a port. */
  async compiled(port, signal) {
    this.does("compiling", 0);
    const asked = new URLSearchParams({ board: this.board, own_usb: port.getInfo().usbVendorId === ESPRESSIF });
    try {
      const response = await answer(`${this.path}/program?${asked}`, { method: "POST", signal });
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }

  /** Returns the port at which the board's loader is: the one that was chosen, or that of its bootloader. */
  async loader(port, { bootloader, touch }, signal) {
    if (!bootloader || isOneOf(port, bootloader)) return port;
    await touch(new Line(port, signal));
    for (let waited = 0; waited < APPEARS; waited += LOOK) {
      const known = (await navigator.serial.getPorts()).find((each) => isOneOf(each, bootloader));
      if (known) return known;
      await pause(LOOK);
      signal.throwIfAborted();
    }
    this.told.textContent = "The board is in its bootloader now, which the browser takes for another device. Choose it once more; if it isn't "
      + "listed, press the board's reset button twice, quickly.";
    this.again.hidden = false;
    this.again.focus();
    try {
      await pressed(this.again, signal);
      return await chosenPort(bootloader);
    } finally {
      this.again.hidden = true;
    }
  }

  does(what, fraction) {
    this.progress.value = fraction;
    if (this.told.textContent !== DOES[what]) this.told.textContent = DOES[what];
  }

  showState() {
    this.button.disabled = this.writing || !(this.file || this.compiles);
    this.choice.disabled = this.zone.querySelector("input").disabled = this.writing;
    this.end.hidden = this.progress.hidden = !this.writing;
  }
}

/** Returns why no page can write a board here, or null. */
function missing() {
  if (!window.isSecureContext) return "Browsers give serial ports only to pages at https: or on localhost. Open the studio there, or use the command below.";
  if (!navigator.serial) return "This browser has no Web Serial; Chrome, Edge and Chromium on a computer have it. The command below needs no browser.";
  if (document.featurePolicy?.allowsFeature("serial") === false) {
    return "This page is in a frame that may not use serial ports, as in Home Assistant. Open the studio at its own address, or use the command below.";
  }
  return null;
}

/** Lets the user choose a port. */
async function chosenPort(filters) {
  try {
    return await navigator.serial.requestPort({ filters });
  } catch (error) {
    throw new Error(error.name === "NotFoundError" ? "No board was chosen. If it isn't listed, plug it in by a cable that carries data."
      : `The browser gives no port (${error.message}): use the command below.`);
  }
}

/** Resolves when a button is pressed. */
function pressed(button, signal) {
  return new Promise((resolve, reject) => {
    button.addEventListener("click", resolve, { once: true, signal });
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}
