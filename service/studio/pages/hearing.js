// A model that hears in this browser: the C core as WebAssembly, with the score of each word in each frame. From the scores
// it is known at once what another threshold would have raised.

import { Detector } from "./web/wakeword.js";

export const RATE = 16000;
export const HOP = 160; // samples from a frame to the next
const WINDOW = 400; // samples of a frame
const FULL_SCALE = 32768; // of samples and of scores

/** Returns a model that hears. model: its bytes as `export --format web` writes them. wasm: the bytes of the module. */
export async function hearing(model, wasm) {
  const module = await WebAssembly.compile(wasm);
  const detector = await Detector.create({ model, wasm: module }); // which checks the model, and says what is wrong
  return new Hearing(module, model, detector);
}

class Hearing {
  constructor(module, model, { words, thresholds }) {
    this.words = words;
    this.thresholds = words.map((word) => thresholds[word]);
    this.core = new WebAssembly.Instance(module).exports;
    const { buffer } = this.core.memory; // it never grows
    new Uint8Array(buffer, this.core.model()).set(new Uint8Array(model));
    this.core.load(model.byteLength);
    this.room = new Int16Array(buffer, this.core.samples(), HOP);
    this.refractory = this.core.refractory(); // frames after a detection without another
    this.waiting = new Int16Array(HOP);
    this.reset();
  }

  /** Begins a new stream. */
  reset() {
    this.core.reset();
    this.filled = this.samples = this.frames = 0;
    this.scores = this.words.map(() => new Int16Array(1 << 14)); // by word and frame
  }

  /** Takes the next samples, an Int16Array at 16 kHz. */
  push(samples) {
    for (let at = 0; at < samples.length;) {
      const piece = samples.subarray(at, at + HOP - this.filled);
      this.waiting.set(piece, this.filled);
      this.filled += piece.length;
      at += piece.length;
      if (this.filled === HOP) this.hop();
    }
  }

  hop() {
    this.room.set(this.waiting);
    this.core.push(HOP);
    this.filled = 0;
    this.samples += HOP;
    if (this.samples < WINDOW) return; // no frame yet
    const first = this.core.firstWord();
    if (this.frames === this.scores[0].length) this.scores = this.scores.map(twice);
    this.scores.forEach((scores, word) => { scores[this.frames] = this.core.score(first + word); });
    this.frames += 1;
  }

  /** The score of a word in a frame, a fraction of one. */
  score(word, frame = this.frames - 1) {
    return frame < 0 ? 0 : this.scores[word][frame] / FULL_SCALE;
  }

  /** Returns what these thresholds, fractions of one by word, raise in all frames so far: as the detector of the core. */
  raised(thresholds) {
    const bounds = thresholds.map(asQ15);
    const fired = bounds.map(() => false);
    const found = [];
    for (let frame = 0, pause = 0; frame < this.frames; frame++) {
      let best = 0;
      for (let word = 0; word < bounds.length; word++) {
        if (this.scores[word][frame] < bounds[word]) fired[word] = false;
        if (this.scores[word][frame] > this.scores[best][frame]) best = word;
      }
      if (pause > 0) {
        pause -= 1;
      } else if (!fired[best] && this.scores[best][frame] >= bounds[best]) {
        fired[best] = true;
        pause = this.refractory;
        found.push({ word: best, score: this.score(best, frame), frame, time: (HOP * frame + WINDOW) / RATE });
      }
    }
    return found;
  }
}

function twice(scores) {
  const longer = new Int16Array(2 * scores.length);
  longer.set(scores);
  return longer;
}

/** Rounds to the nearest, half to even, as the package does. */
function asQ15(fraction) {
  const scaled = fraction * FULL_SCALE;
  const rounded = Math.round(scaled);
  return Math.min(rounded - scaled === 0.5 && rounded % 2 ? rounded - 1 : rounded, FULL_SCALE - 1);
}
