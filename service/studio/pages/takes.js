// The step Takes: recordings of the phrase, made here or dropped, each heard, trimmed, or thrown away.

import { attempt, notify, request, single } from "../api.js";
import { FORBIDDEN, allowed } from "../sound.js";
import { option } from "../names.js";
import { button, make, onFiles, play, say, saying } from "./make.js";
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
    this.kept = []; // recordings that the service has not taken yet, each with the reason if it was refused
    this.stored = 0; // counts what has become takes
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
    this.waiting.querySelector(".again").addEventListener("click", single(() => this.sendAgain()));
    at("#invite").addEventListener("click", single(() => this.invite()));
    onFiles(at(".drop-zone"), (files) => attempt(() => this.add(files)));
  }

  /** Whether a reload would lose something. */
  get unsent() {
    return this.kept.length > 0 || this.recorder.state === "recording";
  }

  async show(project) {
    if (project !== this.project) {
      for (const list of [this.list, this.errors]) list.replaceChildren();
      this.count.textContent = "Takes";
    }
    this.project = project;
    this.recall();
    let [takes, stored] = [null, null];
    while (stored !== this.stored) { // else the answer may be without what was stored meanwhile
      ({ stored } = this);
      const asked = this.asked = request(project.path("takes"));
      takes = await asked;
      if (asked !== this.asked) return;
    }
    this.draw(takes);
  }

  async invite() {
    const { project } = this;
    this.telephone.replaceChildren();
    const shown = await invite(project);
    if (project === this.project) this.telephone.replaceChildren(...shown);
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
    this.kept.push({ project: this.project, query: this.query, recording, at: new Date(), problem: null });
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

  /** Sends in turn what was not refused. What is refused stays with the reason, and the next one goes on. */
  async sendKept() {
    if (this.sending) return; // the one that sends takes the later ones too
    this.sending = true;
    let refused = null;
    for (let one; (one = this.kept.find(({ problem }) => problem === null));) {
      try {
        const made = await saying("Sending the recording.", () => send(one.project.path("takes"), one.query, one.recording));
        this.forget(one);
        if (one.project === this.project) this.made(made);
      } catch (error) {
        refused ??= error;
        one.problem = error.message;
      }
    }
    this.sending = false;
    this.showKept();
    if (refused) throw refused;
  }

  async sendAgain() {
    for (const one of this.kept) one.problem = null;
    this.showKept();
    await this.sendKept();
  }

  forget(one) {
    this.kept = this.kept.filter((each) => each !== one);
  }

  /** Lists what was refused, each to be heard or thrown away. */
  showKept() {
    const refused = this.kept.filter(({ problem }) => problem !== null);
    this.waiting.hidden = refused.length === 0;
    this.waiting.querySelector("span").textContent = refused.length === 1 ? "A recording isn't stored yet." : `${refused.length} recordings aren't stored yet.`;
    this.waiting.querySelector("ul").replaceChildren(...refused.map((one) => {
      const at = one.at.toLocaleTimeString();
      return make("li", { class: "line" },
        button("Play", () => play(URL.createObjectURL(one.recording)), `Play that of ${at}`),
        make("span", { class: "grow" }, `${at}: ${one.problem}`),
        button("Throw away", () => this.dropKept(one), `Throw away that of ${at}`));
    }));
  }

  dropKept(one) {
    this.forget(one);
    this.showKept();
    (this.waiting.querySelector("li button") ?? this.button).focus();
  }

  async add(files) {
    const { project, query } = this;
    await sendAll(files, this.errors, async (file) => {
      const made = await send(project.path("takes"), { ...query, name: file.name }, file);
      if (project === this.project) this.made(made);
    });
  }

  /** Shows new takes above the others, and tells what of the recording became none. */
  made({ takes, left_out: leftOut, note = "" }) {
    this.stored += 1;
    this.list.prepend(...takes.map((take) => this.row(take).element));
    this.counted();
    const lines = leftOut.map(({ begin, end, reason }) => `${begin.toFixed(1)} to ${end.toFixed(1)} s: ${reason}`);
    if (note) lines.unshift(note);
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
