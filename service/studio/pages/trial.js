// The step Try: the model of a training hears this microphone or a file, in this browser.

import { answer, attempt, notify, request, single } from "../api.js";
import { option } from "../names.js";
import { openMicrophone } from "../sound.js";
import { ChosenRun } from "./chosen_run.js";
import { HOP, RATE, hearing } from "./hearing.js";
import { button, make, onFiles, play, say, saying, span, spoken } from "./make.js";
import { FALSE_ACCEPTS } from "./project.js";
import { wav } from "./recorder.js";
import { send } from "./upload.js";
import { samplesOf } from "./wave.js";

const KEPT = 600; // seconds of the microphone's sound; then the trial begins anew
const BEFORE = 1.5; // seconds of a clip before what was raised
const AFTER = 0.5;
const STEP = 0.005; // of the slider
const SHOWN = 200; // lines of the list
const DRAWN = 60 * (RATE / HOP); // frames of the trace
const LARGEST = 500e6; // bytes of a file, which the browser decodes as a whole
const DECAY = 0.85; // of the bar per block, so that the eye can follow
const TURN = 20 * RATE; // samples of a file between two looks at what the user does

export class Trial {
  constructor(section) {
    const at = (selector) => section.querySelector(selector);
    Object.assign(this, {
      button: at("#listen"), word: at("#try-word"), slider: at("#threshold"), bar: at(".bar"), score: at(".score"), told: at(".threshold"),
      keep: at("#keep-threshold"), file: at("#try-file"), level: at("#try-level"), trace: at("#trace"), progress: at("#try-progress"), raised: at("#raised"), list: at("#raised-list"), row: at(".word"),
    });
    this.turn = 0; // counts what is heard, so that a later one ends those before
    this.chosen = new ChosenRun(section, (...chosen) => this.open(...chosen));
    this.button.addEventListener("click", () => attempt(() => this.press()));
    this.word.addEventListener("change", () => this.showWord());
    this.slider.addEventListener("input", () => this.moved());
    this.keep.addEventListener("click", single(() => this.keepThreshold()));
    onFiles(at(".drop-zone"), ([file]) => attempt(() => this.hear(file)));
  }

  show(project) {
    return this.chosen.show(project);
  }

  leave() {
    this.chosen.leave();
    this.hush();
  }

  /** Ends what is heard. */
  hush() {
    this.end();
    this.turn += 1;
  }

  async open(project, run, current) {
    this.hush();
    this.enable(false);
    const [model, wasm] = await Promise.all([
      answer(project.path("runs", String(run.number), "download") + "?format=bin"), answer("studio/web/wakeword.wasm"),
    ].map(async (response) => (await response).arrayBuffer()));
    const heard = await hearing(model, wasm);
    if (!current()) return;
    const path = project.path("runs", String(run.number), "thresholds");
    Object.assign(this, { project, path, model: heard, thresholds: [...heard.thresholds], kept: [...heard.thresholds], blocks: [] });
    this.word.replaceChildren(...heard.words.map((word, index) => option(word, index)));
    this.word.parentElement.hidden = heard.words.length === 1;
    this.begin();
    this.showWord();
    this.enable(true);
  }

  /** Without a model nothing can be tried. */
  enable(whether) {
    this.ready = whether;
    for (const each of [this.button, this.word, this.slider, this.file]) each.disabled = !whether;
    if (!whether) this.keep.disabled = true;
  }

  /** Forgets what was heard. */
  begin() {
    this.model.reset();
    this.blocks = [];
    this.found = [];
    this.lines = new Map(); // of what was raised, by its key: what is judged stays so wherever the slider is
    this.list.replaceChildren();
    this.raised.textContent = "";
    this.height = 0;
    this.draw();
  }

  get index() {
    return Number(this.word.value);
  }

  showWord() {
    this.slider.value = this.thresholds[this.index];
    this.moved();
  }

  /** Shows what the slider's threshold would have raised in all that was heard. */
  moved() {
    this.thresholds[this.index] = Math.min(Number(this.slider.value), 0.99999);
    this.told.textContent = `≥ ${Number(this.slider.value).toFixed(2)}`;
    this.keep.disabled = Math.abs(this.thresholds[this.index] - this.kept[this.index]) < STEP / 2;
    this.draw();
    this.count();
  }

  /** Gives the model the slider's threshold, for all that is taken along. */
  async keepThreshold() {
    const { index, path } = this;
    const name = this.model.words[index];
    const threshold = this.thresholds[index];
    await request(path, { method: "PUT", body: { thresholds: { [name]: threshold } } });
    if (path !== this.path) return;
    this.kept[index] = threshold;
    this.keep.disabled = true;
    say(`${name} has the threshold ${threshold.toFixed(2)} now, in all that you take along.`);
  }

  async press() {
    if (this.sound) return this.end();
    this.turn += 1;
    const { turn } = this;
    this.button.disabled = true;
    try {
      const sound = await openMicrophone((block) => this.take(new Int16Array(block)), (reason) => {
        this.end();
        notify(`The microphone was stopped: ${reason}.`);
      }, { sampleRate: RATE });
      if (turn !== this.turn) return sound.close();
      this.begin();
      this.sound = sound;
    } catch (error) {
      throw new Error(`The microphone can't be used: ${error.message}`);
    } finally {
      this.button.disabled = !this.ready;
      this.showListening();
    }
    return undefined;
  }

  end() {
    this.sound?.close();
    this.sound = null;
    this.level.value = this.level.min;
    this.showListening();
  }

  showListening() {
    this.button.setAttribute("aria-pressed", String(Boolean(this.sound)));
    this.button.textContent = this.sound ? "Stop listening" : "Listen at this microphone";
  }

  take(samples) {
    if (!this.sound) return;
    if (this.model.frames * HOP > KEPT * RATE) this.begin();
    const before = this.model.frames;
    this.blocks.push(samples);
    this.model.push(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    this.level.value = Math.max(-96, 10 * Math.log10(power / 2 ** 30));
    let score = 0;
    for (let frame = before; frame < this.model.frames; frame++) score = Math.max(score, this.model.score(this.index, frame));
    this.showScore(score);
    this.draw();
    this.count();
  }

  showScore(score) {
    this.height = Math.max(score, this.height * DECAY);
    this.bar.style.width = `${(100 * this.height).toFixed(1)}%`;
    this.score.textContent = score.toFixed(2);
    this.row.classList.toggle("above", this.height >= this.thresholds[this.index]);
  }

  /** Hears a file, in turns, so that the page stays alive. */
  async hear(file) {
    if (!this.ready) throw new Error("Wait until the model is here, then drop the file again.");
    if (file.size > LARGEST) throw new Error(`${file.name} is larger than 500 MB; wakeword listen --input takes any`);
    this.hush();
    const { turn } = this;
    const floats = await saying(`Reading ${file.name}.`, async () => samplesOf(await file.arrayBuffer()));
    if (turn !== this.turn) return;
    this.begin();
    this.progress.hidden = false;
    for (let at = 0; at < floats.length; at += TURN) {
      const block = Int16Array.from(floats.subarray(at, at + TURN), (sample) => Math.max(-32768, Math.min(32767, Math.round(sample * 32768))));
      this.blocks.push(block);
      this.model.push(block);
      this.progress.value = at / floats.length;
      await new Promise((resolve) => setTimeout(resolve));
      if (turn !== this.turn) break;
    }
    this.progress.hidden = true;
    if (turn !== this.turn) return;
    this.draw();
    this.count();
    say(`${file.name} is heard: ${span(floats.length / RATE)}.`);
  }

  /** Lists what is raised in all that was heard. */
  count() {
    const heard = (this.model.frames * HOP) / RATE;
    if (heard === 0) return;
    const found = this.model.raised(this.thresholds);
    const key = ({ word, frame }) => `${word}:${frame}`;
    if (found.map(key).join() !== this.found.map(key).join()) {
      const shown = found.slice(-SHOWN).reverse();
      for (const one of shown) if (!this.lines.has(key(one))) this.lines.set(key(one), this.line(one));
      this.list.replaceChildren(...shown.map((one) => this.lines.get(key(one))));
    }
    this.found = found;
    const [times, length] = [found.length === 1 ? "once" : `${found.length} times`, span(heard)];
    const line = found.length ? `Raised ${times} in ${length}.` : `Nothing raised in ${length}.`;
    // A screen reader need not hear each second of silence.
    if (found.length || this.raised.textContent === "" || !this.sound) this.raised.textContent = line;
  }

  line({ word, score, time }) {
    const { project } = this;
    const name = this.model.words[word];
    const at = `${name} at ${time.toFixed(1)} s`;
    const disable = (whether) => { for (const each of [right, wrong]) each.disabled = whether; };
    const judge = async (label, told) => {
      disable(true);
      await send(project.path("takes"), { label, cut: false, name: "try.wav", ...(label === "_unknown_" ? { speaker: FALSE_ACCEPTS } : {}) }, this.clip(time)).catch((error) => {
        disable(false);
        throw error;
      });
      say(told);
    };
    const right = button("Right", () => judge(name, "The clip is a take of the phrase, for the next training."), `${at} was right`);
    const wrong = button("Wrong", () => judge("_unknown_", "The clip is filed as something else, for the next training."), `${at} was wrong`);
    return make("li", { class: "line" },
      button("Play", () => play(URL.createObjectURL(this.clip(time))), `Play ${at}`),
      make("span", { class: "grow" }, make("strong", {}, spoken(name)), ` ${score.toFixed(2)}, at ${time.toFixed(1)} s`), right, wrong);
  }

  /** Returns the sound around a moment, as a WAV file. */
  clip(time) {
    const [from, to] = [Math.max(0, time - BEFORE) * RATE, (time + AFTER) * RATE].map(Math.round);
    const parts = [];
    let at = 0;
    for (const block of this.blocks) {
      const part = block.subarray(Math.max(0, from - at), Math.max(0, to - at));
      if (part.length) parts.push(part);
      at += block.length;
    }
    return wav(parts, RATE);
  }

  /** Draws the last minute's scores of the chosen word, and its threshold. */
  draw() {
    const pen = this.trace.getContext("2d");
    const { width, height } = this.trace;
    const y = (score) => height - 4 - score * (height - 8);
    const colours = getComputedStyle(this.trace); // as studio.css has them
    pen.clearRect(0, 0, width, height);
    pen.strokeStyle = colours.color;
    pen.lineWidth = 2;
    pen.beginPath();
    const first = Math.max(0, this.model.frames - DRAWN);
    for (let frame = first; frame < this.model.frames; frame++) pen.lineTo(((frame - first) * width) / DRAWN, y(this.model.score(this.index, frame)));
    pen.stroke();
    pen.strokeStyle = colours.textDecorationColor;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(0, y(this.thresholds[this.index]));
    pen.lineTo(width, y(this.thresholds[this.index]));
    pen.stroke();
  }
}
