// A program that is written to a board from this page, by Web Serial, if the browser has it and the board has a loader for it.

import { attempt } from "../api.js";
import { onFiles } from "./make.js";
import { Line, pause } from "./serial_line.js";
import { PROTOCOLS, isOneOf } from "./serial_protocols.js";

const LARGEST = 16 << 20; // bytes of a program
const DOES = { connecting: "Connecting to the board.", erasing: "Erasing.", writing: "Writing.", checking: "Checking what the board holds." };
const APPEARS = 3000; // milliseconds until a bootloader that was chosen before must be there
const LOOK = 100; // between two looks
const STOPPED = "It was stopped. The board may hold a part of the program: write it again before you use it.";

export class OnBoard {
  constructor(section) {
    const at = (selector) => section.querySelector(selector);
    Object.assign(this, {
      choice: at("#board"), how: at("#write-how"), body: at("#writer"), zone: at("#program-zone"), program: at("#program"), button: at("#write"),
      end: at("#write-stop"), again: at("#choose-again"), progress: at("#write-progress"), told: at("#written"), stopping: null, file: null,
    });
    onFiles(this.zone, ([file]) => attempt(() => this.take(file)));
    this.button.addEventListener("click", () => attempt(() => this.write()));
    this.end.addEventListener("click", () => this.stopping?.abort(new Error(STOPPED)));
  }

  /** Whether a board is being written, which a reload would break off. */
  get writing() {
    return this.stopping !== null;
  }

  /** Shows what can be done with a board. name: what people call it. */
  open(board, name) {
    this.protocol = PROTOCOLS[board];
    this.told.textContent = "";
    this.file = null;
    this.program.textContent = "";
    const reason = missing() ?? (this.protocol ? null : `A page can't write a ${name}: its bootloader is not for that. The command below can.`);
    this.body.hidden = reason !== null;
    this.how.textContent = reason ?? `Download the Arduino sketch of the ${name}, and let the Arduino IDE export its compiled binary: `
      + `Sketch, Export Compiled Binary. Of the files beside the sketch, this page writes ${this.protocol.program}.`;
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
    const [protocol, bytes] = [this.protocol, this.file];
    this.stopping = new AbortController();
    const { signal } = this.stopping;
    this.told.textContent = "";
    this.progress.value = 0;
    this.showState();
    try {
      const line = new Line(await this.port(protocol, signal), signal);
      try {
        const restarts = await protocol.write(line, bytes, (what, fraction) => this.does(what, fraction));
        this.told.textContent = `The program is written, and the board holds every byte of it. ${restarts ? "It restarts now." : "Press its reset button."}`;
      } finally {
        await line.close();
      }
    } catch (error) {
      this.told.textContent = "";
      throw error;
    } finally {
      this.stopping = null;
      this.showState();
    }
  }

  /** Lets the user choose a board. Returns its port, of its bootloader if that is another one. */
  async port({ filters, bootloader, touch }, signal) {
    const port = await chosenPort(filters);
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
    this.button.disabled = this.writing || !this.file;
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
