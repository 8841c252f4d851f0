// The step Take along: the model in this service, as files, or on a board.

import { answer, attempt, request, single } from "../api.js";
import { Beside } from "./beside.js";
import { ChosenRun } from "./chosen_run.js";
import { button, make, say, saying } from "./make.js";
import { OnBoard } from "./on_board.js";

const FORMATS = [
  ["model", "Model", "for this package: wakeword listen --model"],
  ["arduino", "Arduino sketch", "a folder, ready to be flashed"],
  ["c", "C header", "for a program of your own"],
  ["esphome", "ESPHome", "a configuration with its files"],
  ["web", "Web page", "that hears the phrase in a browser"],
  ["onnx", "ONNX", "one graph from the samples to the events"],
];

const BOARDS = {
  esp32s3: "ESP32-S3", esp32c3: "ESP32-C3", pico: "Raspberry Pi Pico", pico2: "Raspberry Pi Pico 2", nano33ble: "Nano 33 BLE Sense",
  "xiao-sense": "XIAO nRF52840 Sense", nanorp2040: "Nano RP2040 Connect", mkr1000: "MKR1000",
  zero: "Zero, at its native port", due: "Due",
};
const REMEMBERED = "studio: board"; // which was chosen last

export class Along {
  constructor(section) {
    const at = (selector) => section.querySelector(selector);
    this.flash = at("#flash");
    this.board = at("#board");
    this.board.append(...Object.entries(BOARDS).map(([board, name]) => new Option(name, board)));
    if (BOARDS[localStorage.getItem(REMEMBERED)]) this.board.value = localStorage.getItem(REMEMBERED);
    this.board.addEventListener("change", () => {
      localStorage.setItem(REMEMBERED, this.board.value);
      attempt(() => this.showBoard());
    });
    this.onBoard = new OnBoard(section);
    this.beside = new Beside(at("#beside"));
    this.chosen = new ChosenRun(section, (project, run) => this.open(project, run));
    at("#activate").addEventListener("click", single(() => this.activate()));
    at("#downloads").append(...FORMATS.map(([format, name, use]) => make("li", { class: "line" },
      button("Download", () => this.download(format, name), `Download ${name}`),
      make("span", { class: "grow" }, make("strong", {}, name), " ", make("span", { class: "hint" }, use)))));
  }

  show(project) {
    return this.chosen.show(project);
  }

  async open(project, run) {
    this.path = project.path("runs", String(run.number));
    this.file = `${project.id}.safetensors`;
    await Promise.all([this.showBoard(), this.beside.open(this.path)]);
  }

  leave() {
    this.chosen.leave();
  }

  /** Whether a reload would break something off. */
  get unsent() {
    return this.onBoard.writing;
  }

  async showBoard() {
    this.flash.textContent = `wakeword flash --board ${this.board.value} --model "${this.file}"`;
    await this.onBoard.open(this.board.value, BOARDS[this.board.value], this.path);
  }

  async activate() {
    await request(`${this.path}/activate`, { method: "POST" });
    await this.beside.open(this.path); // a candidate that is activated ends
    say("This service now listens with the model.");
  }

  /** Fetches a file, so that an error is shown here, and hands it to the browser. */
  async download(format, name) {
    const asked = `${this.path}/download?${new URLSearchParams({ format, board: this.board.value })}`;
    const response = await saying(`Making ${name}.`, () => answer(asked));
    const named = /filename\*=UTF-8''([^;]+)|filename="([^"]+)"/i.exec(response.headers.get("content-disposition") ?? "");
    const link = make("a", { href: URL.createObjectURL(await response.blob()), download: named ? decodeURIComponent(named[1] ?? named[2]) : `model.${format}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    say(`${link.download} is among your downloads.`);
  }
}
