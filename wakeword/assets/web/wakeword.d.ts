// The types of wakeword.js.

export interface Detection {
  word: string;
  /** The smoothed posterior at detection, a fraction of one. */
  score: number;
  /** Seconds from the start of the stream. */
  time: number;
  /** Of 10 ms each, counted from 0. */
  frame: number;
}

/** Bytes, or an address to fetch; under Node a file: URL too. */
export type Bytes = ArrayBuffer | ArrayBufferView | URL | string;

/** One for all words, or some by word: fractions of one. */
export type Thresholds = number | Readonly<Record<string, number>>;

export interface DetectorOptions {
  /** What `wakeword export --format web` writes, a .bin file. */
  model: Bytes;
  /** The scores from which words are detected. Without them, the model's own. */
  thresholds?: Thresholds;
  /** wakeword.wasm, if it isn't beside the module. */
  wasm?: Bytes | WebAssembly.Module;
}

/** Detects the words of one stream, in 128 KB of memory. */
export class Detector {
  private constructor();
  /** Rejects with a WakewordError if the model is broken or can't be read. */
  static create(options: DetectorOptions): Promise<Detector>;
  readonly words: string[];
  readonly thresholds: Record<string, number>;
  /** Throws a WakewordError, and changes none, if one can't be. */
  setThresholds(thresholds: Thresholds): void;
  /**
   * Take the next samples of the stream, mono at 16 kHz; return the detections that they complete. The size of a chunk
   * changes no detection. Floats, of which 1 is full scale, are rounded to 16 bits.
   */
  push(samples: Int16Array | Float32Array): Detection[];
  /** Begin a new stream: forget all samples, and count time from zero. */
  reset(): void;
}

export interface ListenOptions extends DetectorOptions {
  /** Called for each word at once. */
  onDetection: (detection: Detection) => void;
  /** Called twenty times a second with the level in dBFS: the root mean square, at least -96. */
  onLevel?: (dbfs: number) => void;
  /** Called once if the microphone goes away or the audio thread fails. */
  onEnd?: (error: WakewordError) => void;
  /** The microphone, as enumerateDevices() names it. */
  deviceId?: string;
  /** wakeword-worklet.js, if it isn't beside the module. */
  worklet?: URL | string;
}

/**
 * Detect words at the microphone, in the audio thread. Call it when a button is clicked. Resolves, once it listens, with a
 * function that ends that. Rejects with a WakewordError if it can't listen: the message is for the user.
 */
export function listen(options: ListenOptions): Promise<() => Promise<void>>;

/** The message is one line that names the way out. */
export class WakewordError extends Error {}
