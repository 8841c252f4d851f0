// A take in the list: heard, trimmed on its waveform, or thrown away.

import { address, answer, attempt, request } from "../api.js";
import { option } from "../names.js";
import { button, make, play, say, spoken } from "./make.js";
import { LABELS } from "./project.js";
import { drawWave, samplesOf } from "./wave.js";

const STEP = 0.01; // seconds of a slider

export class TakeRow {
  /** onGone: called with the row after the take was thrown away. */
  constructor(take, project, onGone) {
    Object.assign(this, { take, project, onGone });
    this.who = make("span", { class: "grow" });
    this.facts = make("span", { class: "faint figure" });
    this.playing = button("Play", () => attempt(() => play(address(`${this.path}/audio`))));
    this.trim = button("Trim", () => attempt(() => this.toggle()));
    this.trim.setAttribute("aria-expanded", "false");
    this.gone = button("Throw away", () => attempt(() => this.throwAway()));
    this.advice = make("p", { class: "hint" });
    this.element = make("li", { class: "take" },
      make("div", { class: "line" }, this.playing, this.who, this.facts, this.trim, this.gone), this.advice);
    this.describe();
  }

  get path() {
    return this.project.path("takes", this.take.id);
  }

  describe() {
    const { id, label, speaker, distance, seconds, peak_dbfs: peak, noise_dbfs: noise, clipped, advice } = this.take;
    this.element.dataset.id = id;
    const what = LABELS[label] ?? label;
    this.who.replaceChildren(spoken(what), ...(speaker ? [" by ", spoken(speaker)] : []), ...(distance ? [`, ${distance}`] : []));
    const known = [`${seconds.toFixed(1)} s`, peak != null && `peak ${peak.toFixed(0)}`, noise != null && `noise ${noise.toFixed(0)} dBFS`];
    this.facts.replaceChildren(known.filter(Boolean).join(", "), ...(clipped ? [" ", make("strong", { class: "bad" }, "clipped")] : []));
    this.advice.textContent = advice ?? "";
    this.advice.hidden = !advice;
    const told = `${what}${speaker ? ` by ${speaker}` : ""}, ${seconds.toFixed(1)} s`;
    this.playing.setAttribute("aria-label", `Play ${told}`);
    this.trim.setAttribute("aria-label", `Trim ${told}`);
    this.gone.setAttribute("aria-label", `Throw away ${told}`);
  }

  async throwAway() {
    await request(this.path, { method: "DELETE" });
    say("The take is thrown away.");
    this.onGone(this);
  }

  async toggle() {
    if (this.panel) {
      this.panel.remove();
      this.panel = null;
    } else {
      this.panel = await this.opened();
      this.element.append(this.panel);
      this.moved();
    }
    this.trim.setAttribute("aria-expanded", String(Boolean(this.panel)));
  }

  /** Returns the panel, with the whole recording and what is kept of it. */
  async opened() {
    const response = await answer(`${this.path}/audio?whole=true`);
    this.samples = await samplesOf(await response.arrayBuffer());
    const { begin, end, speaker, label, whole_seconds: whole } = this.take;
    const store = () => attempt(() => this.store());
    this.canvas = make("canvas", { class: "wave", width: 900, height: 160, role: "img", "aria-label": "The waveform of the recording" });
    [this.from, this.to] = [begin, end].map((value) => {
      const slider = make("input", { type: "range", min: 0, step: STEP, input: () => this.moved(), change: store });
      slider.max = Math.ceil(whole / STEP) * STEP; // before the value, which it would cut
      slider.value = value;
      return slider;
    });
    this.shown = [make("output", { class: "figure" }), make("output", { class: "figure" })];
    this.speaker = make("input", { value: speaker ?? "", autocomplete: "off", dir: "auto", maxLength: 60, change: store });
    this.label = make("select", { change: store },
      ...this.project.phrases.map((phrase) => option(phrase)), ...Object.entries(LABELS).map(([value, text]) => option(text, value)));
    this.label.value = label;
    return make("div", { class: "trim" },
      this.canvas,
      ...this.bounded("Begins", this.from, this.shown[0]), ...this.bounded("Ends", this.to, this.shown[1]),
      make("div", { class: "controls" },
        button("As suggested", () => attempt(() => this.suggested())),
        make("label", {}, "What is said ", this.label), make("label", {}, "By ", this.speaker)));
  }

  bounded(text, input, output) {
    input.id = `${text}-${this.take.id}`;
    return [make("label", { htmlFor: input.id }, text), input, output];
  }

  moved() {
    const whole = this.take.whole_seconds;
    const [from, to] = [Number(this.from.value), Number(this.to.value)];
    this.shown[0].textContent = `${from.toFixed(2)} s`;
    this.shown[1].textContent = `${to.toFixed(2)} s`;
    drawWave(this.canvas, this.samples, from / whole, to / whole);
  }

  async suggested() {
    this.from.value = this.take.suggested_begin;
    this.to.value = this.take.suggested_end;
    await this.store();
  }

  async store() {
    const { whole_seconds: whole } = this.take;
    const body = { begin: Number(this.from.value), end: Math.min(whole, Number(this.to.value)), label: this.label.value };
    if (this.speaker.value.trim()) body.speaker = this.speaker.value.trim();
    try {
      this.take = await request(this.path, { method: "PATCH", body });
    } finally { // what was refused goes back to what is stored
      this.from.value = this.take.begin;
      this.to.value = this.take.end;
      this.speaker.value = this.take.speaker;
      this.label.value = this.take.label;
      this.moved();
    }
    this.describe();
  }
}
