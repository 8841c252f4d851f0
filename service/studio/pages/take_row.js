// A take in the list: heard, trimmed on its waveform, or thrown away.

import { address, answer, inTurn, remove, request } from "../api.js";
import { choose, option } from "../names.js";
import { button, make, play, say, spoken } from "./make.js";
import { LABELS } from "./project.js";
import { drawWave, samplesOf } from "./wave.js";

const STEP = 0.01; // seconds of a slider

export class TakeRow {
  /** onGone: called with the row after the take was thrown away. */
  constructor(take, project, onGone) {
    Object.assign(this, { take, project, onGone, storing: inTurn() });
    this.who = make("span", { class: "grow" });
    this.facts = make("span", { class: "faint figure" });
    this.playing = button("Play", () => play(address(`${this.path}/audio`)));
    this.trim = button("Trim", () => this.toggle());
    this.trim.setAttribute("aria-expanded", "false");
    this.gone = button("Throw away", () => this.throwAway());
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
    await remove(this.path);
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
    const { whole_seconds: whole } = this.take;
    const store = () => this.store();
    this.canvas = make("canvas", { class: "wave", width: 900, height: 160, role: "img", "aria-label": "The waveform of the recording" });
    const max = Math.ceil(whole / STEP) * STEP;
    [this.from, this.to] = [1, 2].map(() => make("input", { type: "range", min: 0, max, step: STEP, input: () => this.moved(), change: store }));
    this.shown = [make("output", { class: "figure" }), make("output", { class: "figure" })];
    this.speaker = make("input", { autocomplete: "off", dir: "auto", maxLength: 60, change: store });
    this.label = make("select", { change: store },
      ...this.project.phrases.map((phrase) => option(phrase)), ...Object.entries(LABELS).map(([value, text]) => option(text, value)));
    this.settle();
    return make("div", { class: "trim" },
      this.canvas,
      ...this.bounded("Begins", this.from, this.shown[0]), ...this.bounded("Ends", this.to, this.shown[1]),
      make("div", { class: "controls" },
        button("As suggested", () => this.suggested()),
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

  suggested() {
    this.from.value = this.take.suggested_begin;
    this.to.value = this.take.suggested_end;
    return this.store();
  }

  /** Shows what is stored. */
  settle() {
    this.from.value = this.take.begin;
    this.to.value = this.take.end;
    this.speaker.value = this.take.speaker ?? "";
    choose(this.label, this.take.label); // which may be a word that is no phrase
    this.settled = this.chosen;
  }

  get chosen() {
    return {
      begin: Number(this.from.value), end: Math.min(this.take.whole_seconds, Number(this.to.value)), label: this.label.value,
      speaker: this.speaker.value.trim(),
    };
  }

  /** Stores what is another than it was. What is changed meanwhile is stored after it. */
  store() {
    return this.storing(async () => {
      const { chosen, settled } = this;
      const body = changed(settled, chosen);
      if (body.speaker === "") delete body.speaker;
      try {
        if (Object.keys(body).length) this.take = await request(this.path, { method: "PATCH", body });
        this.settled = chosen;
      } finally { // what was refused goes back to what is stored, unless it is being changed again
        if (Object.keys(changed(chosen, this.chosen)).length === 0) this.settle();
        this.moved();
      }
      this.describe();
    });
  }
}

/** Returns the fields of `after` that differ from `before`. */
function changed(before, after) {
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => value !== before[name]));
}
