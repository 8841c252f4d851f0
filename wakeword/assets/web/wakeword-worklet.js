// In the audio thread: samples into the C core, events to the page. It imports nothing, so that bundlers can copy it.

const RATE = 16000;
const LEVEL_SAMPLES = RATE / 20; // of a level
const SILENT_DBFS = -96; // one bit of 16
const EVENT_BYTES = 8;
const PIECE = 512; // samples in a call, of which the core takes eight times as many

// The resampler's low-pass, a sinc in a Kaiser window: flat up to 6.9 kHz, and 80 dB down from 8.2 kHz on.
const LOBES = 32; // of the sinc on each side, at the lower of the two rates
const CUTOFF = 0.94; // of half the lower rate
const BETA = 8;

/** Converts the rate of a stream. The cut into blocks changes no sample. */
class Resampler {
  /** most: samples in a call. */
  constructor(from, to, most) {
    const common = divisor(from, to);
    this.up = to / common; // the filter's phases
    this.down = from / common;
    const stretch = Math.max(1, from / to);
    this.taps = 2 * Math.ceil(LOBES * stretch);
    this.phases = Array.from({ length: this.up }, (_, phase) => lowPass(this.taps, phase / this.up, CUTOFF / stretch));
    this.waiting = new Float32Array(this.taps + most);
    this.filled = this.taps / 2; // with silence
    this.phase = 0; // of the next sample
    this.output = new Float32Array(Math.ceil((most * to) / from) + 1);
  }

  /** Return the samples that these complete, until the next call. */
  push(samples) {
    this.waiting.set(samples, this.filled);
    this.filled += samples.length;
    let start = 0;
    let count = 0;
    while (start + this.taps <= this.filled) {
      this.output[count++] = product(this.waiting, start, this.phases[this.phase]);
      this.phase += this.down;
      start += Math.floor(this.phase / this.up);
      this.phase %= this.up;
    }
    this.waiting.copyWithin(0, start, this.filled);
    this.filled -= start;
    return this.output.subarray(0, count);
  }
}

function divisor(a, b) {
  return b === 0 ? a : divisor(b, a % b);
}

function lowPass(taps, phase, cutoff) {
  const filter = Float64Array.from({ length: taps }, (_, tap) => {
    const distance = tap - (taps / 2 - 1) - phase;
    const x = Math.PI * cutoff * distance;
    const place = distance / (taps / 2);
    return (x === 0 ? 1 : Math.sin(x) / x) * bessel(BETA * Math.sqrt(Math.max(0, 1 - place * place)));
  });
  const sum = filter.reduce((total, weight) => total + weight);
  return filter.map((weight) => weight / sum); // a constant stays what it is
}

/** Modified, of the first kind, order zero. */
function bessel(x) {
  let sum = 1;
  for (let n = 1, term = 1; term > 1e-12 * sum; n++) {
    term *= (x / (2 * n)) ** 2;
    sum += term;
  }
  return sum;
}

function product(samples, start, filter) {
  let sum = 0;
  for (let tap = 0; tap < filter.length; tap++) sum += samples[start + tap] * filter[tap];
  return sum;
}

class WakewordProcessor extends AudioWorkletProcessor {
  constructor({ processorOptions: { module, model, thresholds, levels } }) {
    super();
    const core = new WebAssembly.Instance(module).exports;
    const memory = core.memory.buffer;
    new Uint8Array(memory, core.model()).set(model);
    core.load(model.length); // which the page has tried
    new Int16Array(memory, core.thresholds() + 2 * core.firstWord()).set(thresholds);
    this.core = core;
    this.room = new Float32Array(memory, core.floats(), core.chunk());
    this.events = new DataView(memory, core.events());
    this.resampler = sampleRate === RATE ? null : new Resampler(sampleRate, RATE, PIECE);
    this.levels = levels;
    this.power = this.count = 0; // of a level
    this.port.postMessage("ready");
  }

  process([[samples]]) {
    for (let at = 0; at < samples?.length; at += PIECE) {
      const piece = samples.subarray(at, at + PIECE);
      this.take(this.resampler ? this.resampler.push(piece) : piece);
    }
    return true;
  }

  take(samples) {
    this.room.set(samples);
    const events = Array.from({ length: this.core.pushFloats(samples.length) }, (_, index) => this.event(index));
    const level = this.levels ? this.levelWith(samples) : undefined;
    if (events.length || level !== undefined) this.port.postMessage({ events, level });
  }

  /** The level in dBFS if its time is over. */
  levelWith(samples) {
    for (const sample of samples) this.power += sample * sample;
    this.count += samples.length;
    if (this.count < LEVEL_SAMPLES) return undefined;
    const level = Math.max(SILENT_DBFS, 10 * Math.log10(this.power / this.count));
    this.power = this.count = 0;
    return level;
  }

  /** Index among the words, score, frame. */
  event(index) {
    const at = EVENT_BYTES * index;
    const word = this.events.getUint8(at) - this.core.firstWord();
    return [word, this.events.getInt16(at + 2, true), this.events.getUint32(at + 4, true)];
  }
}

registerProcessor("wakeword", WakewordProcessor);
