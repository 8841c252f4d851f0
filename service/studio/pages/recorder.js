// Records the microphone into a WAV file. It begins by a click, and always ends: by the user, at its longest, or if no
// sound comes. What was heard until then is kept.

import { openMicrophone } from "../sound.js";

const SILENT = 5000; // milliseconds without a block, after which the microphone is given up
const LOOK = 500; // milliseconds between two looks
const LONGEST = 180; // seconds of one recording
const FLOOR = -96; // dBFS
const NOISE_OF = 0.1; // the level that is exceeded by all but so many of the blocks is the noise

export class Recorder {
  /** onState: called with `idle`, `opening` or `recording`. onHeard: called with what a block tells. onDone: called with
      a recording, a Blob, and a line that says why it ended, if it wasn't the user; the recording is null if nothing was
      heard. */
  constructor({ onState, onHeard, onDone }) {
    Object.assign(this, { onState, onHeard, onDone, state: "idle", turn: 0 });
  }

  async start() {
    if (this.state !== "idle") return;
    const turn = ++this.turn;
    this.blocks = [];
    this.samples = this.clipped = 0;
    this.levels = [];
    this.become("opening"); // until the user has allowed it, which may take any time; `stop` ends that too
    try {
      const sound = await openMicrophone((block) => this.take(block, turn), (reason) => this.finish(`The microphone was stopped: ${reason}.`, turn));
      if (turn !== this.turn) return sound.close();
      this.sound = sound;
    } catch (error) {
      if (turn === this.turn) this.finish(`The microphone can't be used: ${error.message}`, turn);
      return undefined;
    }
    this.heardAt = performance.now();
    this.looking = setInterval(() => this.look(turn), LOOK);
    this.become("recording");
    return undefined;
  }

  /** Ends the recording, or the wait for the microphone. */
  stop() {
    this.finish(null, this.turn);
  }

  become(state) {
    this.state = state;
    this.onState(state);
  }

  look(turn) {
    if (performance.now() - this.heardAt > SILENT) {
      this.finish("No sound came from the microphone for 5 seconds; choose another in the browser, or connect it again.", turn);
    }
  }

  take(block, turn) {
    if (turn !== this.turn || this.state === "idle") return;
    const samples = new Int16Array(block);
    this.heardAt = performance.now();
    this.blocks.push(samples);
    this.samples += samples.length;
    let power = 0;
    for (const sample of samples) {
      power += sample * sample;
      if (sample >= 32767 || sample <= -32768) this.clipped += 1;
    }
    const level = Math.max(FLOOR, 10 * Math.log10(power / samples.length / 2 ** 30));
    this.levels.push(level);
    const seconds = this.levels.length / 20;
    this.onHeard({ level, seconds, noise: this.noise, clipped: this.clipped > 0 });
    if (seconds >= LONGEST) this.finish(`${LONGEST / 60} minutes are recorded, as long as one recording may be.`, turn);
  }

  get noise() {
    const sorted = this.levels.slice(-400).sort((one, other) => one - other);
    return sorted[Math.floor(NOISE_OF * sorted.length)];
  }

  finish(reason, turn) {
    if (turn !== this.turn || this.state === "idle") return;
    this.turn += 1;
    clearInterval(this.looking);
    const rate = this.sound?.rate;
    this.sound?.close();
    this.sound = null;
    this.become("idle");
    const recording = this.blocks.length && rate ? wav(this.blocks, rate) : null;
    this.blocks = [];
    this.onDone(recording, reason);
  }
}

/** Returns a WAV file of blocks of int16, mono. */
export function wav(blocks, rate) {
  const bytes = blocks.reduce((sum, block) => sum + 2 * block.length, 0);
  const head = new DataView(new ArrayBuffer(44));
  const text = (at, letters) => [...letters].forEach((letter, index) => head.setUint8(at + index, letter.charCodeAt(0)));
  text(0, "RIFF");
  head.setUint32(4, 36 + bytes, true);
  text(8, "WAVEfmt ");
  head.setUint32(16, 16, true);
  head.setUint16(20, 1, true); // whole numbers
  head.setUint16(22, 1, true); // mono
  head.setUint32(24, rate, true);
  head.setUint32(28, 2 * rate, true);
  head.setUint16(32, 2, true);
  head.setUint16(34, 16, true);
  text(36, "data");
  head.setUint32(40, bytes, true);
  return new Blob([head, ...blocks], { type: "audio/wav" });
}
