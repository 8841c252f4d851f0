// The step Takes: recordings of the phrase, made here or dropped, each heard, trimmed, or thrown away.

import { attempt, notify, request } from "../api.js";
import { FORBIDDEN, allowed } from "../sound.js";
import { option } from "../names.js";
import { make, onFiles, say } from "./make.js";
import { LABELS } from "./project.js";
import { Recorder } from "./recorder.js";
import { TakeRow } from "./take_row.js";
import { invite } from "./telephone.js";
import { send, sendAll } from "./upload.js";

const REMEMBERED = "studio: takes"; // who spoke last, and from where

export class Takes {
  constructor(section) {
    const at = (selector) => section.querySelector(selector);
    Object.assign(this, {
      list: at("#take-list"), count: at("#take-count"), label: at("#take-label"), speaker: at("#take-speaker"),
      distance: at("#take-distance"), button: at("#record"), time: at("#recorded"), level: at("#take-level"),
      facts: at("#take-facts"), errors: at("#take-errors"), waiting: at("#unsent"), telephone: at("#telephone"),
    });
    this.kept = []; // recordings that the service has not taken yet
    this.recorder = new Recorder({
      onState: (state) => this.become(state),
      onHeard: (heard) => this.heard(heard),
      onDone: (recording, reason) => this.recorded(recording, reason),
    });
    this.button.disabled = !allowed;
    at("#no-microphone").hidden = allowed;
    at("#no-microphone").textContent = `This page gets no microphone: ${FORBIDDEN}. Files can be dropped below.`;
    this.button.addEventListener("click", () => this.press());
    at("#take-of").addEventListener("submit", (event) => event.preventDefault());
    at("#take-of").addEventListener("change", () => this.remember());
    this.waiting.querySelector(".again").addEventListener("click", () => attempt(() => this.sendKept()));
    this.waiting.querySelector(".drop").addEventListener("click", () => this.dropKept());
    at("#invite").addEventListener("click", () => attempt(() => invite(this.project, this.telephone)));
    onFiles(at(".drop-zone"), (files) => attempt(() => this.add(files)));
  }

  /** Whether a reload would lose something. */
  get unsent() {
    return this.kept.length > 0 || this.recorder.state === "recording";
  }

  async show(project) {
    this.project = project;
    this.recall();
    const takes = await request(project.path("takes"));
    if (project === this.project) this.draw(takes);
  }

  leave() {
    this.telephone.replaceChildren();
    this.recorder.stop();
  }

  remember() {
    localStorage.setItem(REMEMBERED, JSON.stringify({ speaker: this.speaker.value, distance: this.distance.value }));
  }

  recall() {
    const { speaker = "", distance = "near" } = JSON.parse(localStorage.getItem(REMEMBERED) ?? "{}");
    this.speaker.value = speaker;
    this.distance.value = distance;
    const chosen = this.label.value;
    this.label.replaceChildren(...this.project.phrases.map((phrase) => option(phrase)), ...Object.entries(LABELS).map(([label, text]) => option(text, label)));
    if ([...this.label.options].some(({ value }) => value === chosen)) this.label.value = chosen;
  }

  press() {
    notify(null);
    if (this.recorder.state === "idle") this.recorder.start();
    else this.recorder.stop();
  }

  become(state) {
    this.button.dataset.state = state;
    this.button.textContent = { idle: "Record", opening: "Cancel", recording: "Stop" }[state];
    this.time.textContent = { idle: "", opening: "waiting for the microphone; allow it in the browser", recording: "0 s" }[state];
    if (state !== "idle") return;
    this.level.value = this.level.min;
    this.facts.textContent = "";
  }

  heard({ level, seconds, noise, clipped }) {
    this.level.value = level;
    this.time.textContent = `${Math.floor(seconds)} s`;
    if (Math.round(20 * seconds) % 20) return; // once a second is enough to be read
    const noisy = noise > -40 ? "; it is loud here, go nearer" : "";
    const facts = clipped ? "Too loud: it clips. Go farther away, or speak more softly" : `Noise ${noise.toFixed(0)} dBFS${noisy}`;
    if (facts !== this.facts.textContent) this.facts.textContent = facts;
  }

  /** Takes what the recorder has made. reason: why it ended by itself, or null. */
  recorded(recording, reason) {
    if (reason) notify(reason);
    if (recording === null) return;
    this.errors.replaceChildren();
    this.kept.push({ project: this.project, query: this.query, recording });
    attempt(async () => {
      await this.sendKept();
      if (reason) notify(reason);
    });
  }

  get query() {
    const { label, speaker, distance } = this;
    const by = speaker.value.trim();
    return { label: label.value, ...(by ? { speaker: by } : {}), distance: distance.value, cut: label.value !== "_background_noise_" };
  }

  async sendKept() {
    if (this.sending) return; // the one that sends takes the later ones too
    this.sending = true;
    this.waiting.hidden = true;
    try {
      while (this.kept.length) {
        const { project, query, recording } = this.kept[0];
        say("Sending the recording.");
        const made = await send(project.path("takes"), query, recording);
        this.kept.shift();
        if (project === this.project) this.made(made);
      }
    } finally {
      this.sending = false;
      this.waiting.hidden = this.kept.length === 0;
      this.waiting.querySelector("span").textContent = this.kept.length === 1 ? "A recording isn't stored yet." : `${this.kept.length} recordings aren't stored yet.`;
    }
  }

  dropKept() {
    this.kept = [];
    this.waiting.hidden = true;
    notify(null);
    this.button.focus();
  }

  async add(files) {
    const { project, query } = this;
    await sendAll(files, this.errors, async (file) => {
      const made = await send(project.path("takes"), { ...query, name: file.name }, file);
      if (project === this.project) this.made(made);
    });
  }

  /** Shows new takes above the others, and tells what of the recording became none. */
  made({ takes, left_out: leftOut }) {
    this.list.prepend(...takes.map((take) => this.row(take).element));
    this.counted();
    const lines = leftOut.map(({ begin, end, reason }) => `${begin.toFixed(1)} to ${end.toFixed(1)} s: ${reason}`);
    this.errors.append(...lines.map((line) => make("li", {}, line)));
    say(takes.length === 1 ? "One take is stored." : `${takes.length} takes are stored.`);
  }

  draw(takes) {
    this.list.replaceChildren(...takes.map((take) => this.row(take).element));
    this.counted();
  }

  row(take) {
    return new TakeRow(take, this.project, (row) => {
      const next = row.element.nextElementSibling ?? row.element.previousElementSibling;
      row.element.remove();
      (next?.querySelector("button") ?? this.button).focus();
      this.counted();
    });
  }

  counted() {
    const count = this.list.children.length;
    this.count.textContent = count === 0 ? "No takes yet" : count === 1 ? "One take" : `${count} takes`;
  }
}
