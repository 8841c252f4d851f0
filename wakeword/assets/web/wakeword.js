// Wake words in a page or under Node: the C core as WebAssembly. wakeword.d.ts describes it.

const SAMPLE_RATE = 16000;
const HOP = 160; // samples from a frame to the next
const WINDOW = 400; // samples of a frame
const FULL_SCALE = 32768; // of samples and of scores
const EVENT_BYTES = 8;

const EXPORT = "wakeword export --format web writes";
const FAULTS = [
  "",
  `these bytes are no model; ${EXPORT} one, a .bin file`,
  `the model is of another version than this module; ${EXPORT} both`,
  `the model was trained on other features than this module computes; ${EXPORT} both`,
  `the model is damaged; ${EXPORT} it again`,
  `the model has a number that can't be; ${EXPORT} it again`,
];

const REFUSALS = {
  NotAllowedError: "the microphone was refused; allow it for this page in the browser",
  NotFoundError: "there is no microphone; connect one",
  NotReadableError: "the microphone can't be opened; is another program using it?",
  OverconstrainedError: "there is no microphone of this deviceId; leave it out, or choose another",
};

export class WakewordError extends Error {
  name = "WakewordError";
}

export class Detector {
  #core;
  #memory;
  #words;

  static async create({ model, wasm, thresholds } = {}) {
    const detector = new Detector(...(await loaded(model, wasm)));
    detector.setThresholds(thresholds);
    return detector;
  }

  /** Internal: `create` makes a detector. */
  constructor(module, bytes) {
    this.#core = new WebAssembly.Instance(module).exports;
    this.#memory = this.#core.memory.buffer; // it never grows
    if (bytes.length > this.#core.maxModel()) throw new WakewordError(FAULTS[1]);
    new Uint8Array(this.#memory, this.#core.model()).set(bytes);
    const fault = this.#core.load(bytes.length);
    if (fault) throw new WakewordError(FAULTS[fault]);
    this.#words = this.#labels().slice(this.#core.firstWord());
  }

  get words() {
    return [...this.#words];
  }

  get thresholds() {
    return Object.fromEntries(this.#words.map((word, at) => [word, this.#thresholds[at] / FULL_SCALE]));
  }

  setThresholds(thresholds) {
    const same = typeof thresholds === "number" && this.#words.map((word) => [word, thresholds]);
    const chosen = same || Object.entries(thresholds ?? {}).map(([word, own]) => [word.normalize(), own]);
    for (const [word, threshold] of chosen) {
      if (!this.#words.includes(word))
        throw new WakewordError(`the model has no word "${word}"; its words are ${this.#words.join(", ")}`);
      if (!(typeof threshold === "number" && threshold > 0 && threshold < 1))
        throw new WakewordError(`the threshold of ${word}, ${threshold}, is not between 0 and 1; 0.8 is a usual one`);
    }
    for (const [word, threshold] of chosen) this.#thresholds[this.#words.indexOf(word)] = asQ15(threshold);
  }

  push(samples) {
    if (!(samples instanceof Int16Array || samples instanceof Float32Array))
      throw new WakewordError(
        `push takes samples at 16 kHz, an Int16Array or a Float32Array from -1 to 1, not ${kind(samples)}`,
      );
    const core = this.#core;
    const [place, push] = samples instanceof Int16Array ? [core.samples(), core.push] : [core.floats(), core.pushFloats];
    const room = new samples.constructor(this.#memory, place, core.chunk());
    const found = [];
    for (let at = 0; at < samples.length; at += room.length) {
      const piece = samples.subarray(at, at + room.length);
      room.set(piece);
      const count = push(piece.length);
      for (let event = 0; event < count; event++) found.push(this.#event(event));
    }
    return found;
  }

  reset() {
    this.#core.reset();
  }

  #event(index) {
    const event = new DataView(this.#memory, this.#core.events() + EVENT_BYTES * index);
    const word = this.#words[event.getUint8(0) - this.#core.firstWord()];
    return detection(word, event.getInt16(2, true), event.getUint32(4, true));
  }

  /** The words' own, in the model's bytes, where the core reads them. */
  get #thresholds() {
    const first = this.#core.thresholds() + 2 * this.#core.firstWord();
    return new Int16Array(this.#memory, first, this.#words.length);
  }

  #labels() {
    const labels = [];
    const decoder = new TextDecoder();
    for (let at = this.#core.labels(); labels.length < this.#core.labelCount(); ) {
      const [size] = new Uint8Array(this.#memory, at, 1);
      labels.push(decoder.decode(new Uint8Array(this.#memory, at + 1, size)));
      at += 1 + size;
    }
    return labels;
  }
}

export async function listen({ model, wasm, thresholds, worklet, deviceId, onDetection, onLevel, onEnd } = {}) {
  if (typeof onDetection !== "function") throw new WakewordError("onDetection must be a function, which gets each word");
  checkBrowser();
  const [module, bytes] = await loaded(model, wasm);
  const { words, thresholds: chosen } = await Detector.create({ model: bytes, wasm: module, thresholds });
  const stream = await openMicrophone(deviceId);
  let context;
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    for (const track of stream.getTracks()) track.stop();
    await context?.close();
  };
  const end = (message) => {
    if (!stopped) onEnd?.(new WakewordError(message));
    stop();
  };
  try {
    let source;
    [context, source] = await openContext(stream);
    await context.audioWorklet.addModule(worklet ?? new URL("./wakeword-worklet.js", import.meta.url));
    const node = await openProcessor(context, {
      module,
      model: bytes,
      thresholds: words.map((word) => asQ15(chosen[word])),
      levels: onLevel !== undefined,
    });
    node.port.onmessage = ({ data: { events, level } }) => {
      if (stopped) return;
      for (const [at, score, frame] of events ?? []) onDetection(detection(words[at], score, frame));
      if (level !== undefined) onLevel(level);
    };
    node.onprocessorerror = () => end("the detector failed in the audio thread; reload the page");
    stream.getAudioTracks()[0].onended = () => end("the microphone has gone away; connect it again");
    source.connect(node).connect(context.destination); // the node's output is silence
    await begun(context);
  } catch (error) {
    await stop();
    if (error instanceof WakewordError) throw error;
    throw new WakewordError(`the audio thread can't be started: ${error.message}`, { cause: error });
  }
  return stop;
}

function checkBrowser() {
  if (globalThis.isSecureContext === false)
    throw new WakewordError("browsers give the microphone to pages of https and of localhost only");
  if (!globalThis.navigator?.mediaDevices?.getUserMedia || !globalThis.AudioWorkletNode)
    throw new WakewordError("listen needs a browser with AudioWorklet; elsewhere take a Detector");
}

async function openMicrophone(deviceId) {
  // What makes speech pleasant for people changes what the model was trained on.
  const plain = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const device = deviceId === undefined ? {} : { deviceId: { exact: deviceId } };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: { ...plain, ...device } });
  } catch (error) {
    throw new WakewordError(REFUSALS[error.name] ?? `the microphone fails: ${error.message}`, { cause: error });
  }
}

/** At 16 kHz, to which the browser resamples. If it refuses, as older Firefox: at its own, and the worklet resamples. */
async function openContext(stream) {
  for (const settings of [{ sampleRate: SAMPLE_RATE }, {}]) {
    let context;
    try {
      context = new AudioContext(settings);
      return [context, context.createMediaStreamSource(stream)];
    } catch (error) {
      await context?.close();
      if (!settings.sampleRate) throw error;
    }
  }
}

function openProcessor(context, processorOptions) {
  const node = new AudioWorkletNode(context, "wakeword", { numberOfInputs: 1, channelCount: 1, processorOptions });
  return new Promise((resolve, reject) => {
    node.port.onmessage = () => resolve(node);
    node.onprocessorerror = () => reject(new WakewordError("the detector can't be started in the audio thread"));
  });
}

/** Without a click the context never runs. */
async function begun(context) {
  await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, 3000))]);
  if (context.state !== "running")
    throw new WakewordError("the browser starts sound after a click only; call listen when a button is clicked");
}

function detection(word, score, frame) {
  return { word, score: score / FULL_SCALE, time: (HOP * frame + WINDOW) / SAMPLE_RATE, frame };
}

let shipped; // a promise of the module

function compiled(wasm) {
  if (wasm instanceof WebAssembly.Module) return wasm;
  if (wasm !== undefined) return compile(wasm);
  shipped ??= compile(new URL("./wakeword.wasm", import.meta.url));
  shipped.catch(() => (shipped = undefined)); // the next call tries again
  return shipped;
}

async function compile(source) {
  const bytes = await bytesOf(source, "wasm");
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    const hint = "copy it again, or add 'wasm-unsafe-eval' to the script-src of the Content-Security-Policy";
    throw new WakewordError(`wakeword.wasm can't be compiled: ${error.message}; ${hint}`, { cause: error });
  }
}

/** Return the module and the model's bytes. */
function loaded(model, wasm) {
  if (model === undefined) throw new WakewordError(`no model is given; ${EXPORT} one`);
  return Promise.all([compiled(wasm), bytesOf(model, "model")]);
}

/** Bytes as they are given, or from where they are. */
async function bytesOf(source, name) {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  if (typeof source === "string" || source instanceof URL) return read(source);
  throw new WakewordError(`${name} takes bytes (an ArrayBuffer or a Uint8Array) or a URL, not ${kind(source)}`);
}

async function read(url) {
  try {
    if (globalThis.process?.versions?.node && new URL(url).protocol === "file:") return await readFile(url);
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`.trim());
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new WakewordError(`${url} can't be read: ${error.message}`, { cause: error });
  }
}

/** The name is no constant, so that no bundler looks for it. */
async function readFile(url) {
  const name = ["node:fs", "promises"].join("/");
  return (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)).readFile(new URL(url));
}

/** Round to the nearest, half to even, as the Python package. */
function asQ15(fraction) {
  const scaled = fraction * FULL_SCALE;
  const rounded = Math.round(scaled);
  return Math.min(rounded - scaled === 0.5 && rounded % 2 ? rounded - 1 : rounded, FULL_SCALE - 1);
}

function kind(value) {
  return Object.prototype.toString.call(value).slice(8, -1);
}
