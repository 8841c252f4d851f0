// Runs detectors: node detect.mjs MODULE CASES. Prints the events of each case, or the message of its error.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, file] = process.argv.slice(2);
const { Detector, WakewordError } = await import(pathToFileURL(`${folder}/wakeword.js`));

function samplesOf({ samples, floats }) {
  const bytes = readFileSync(samples);
  return new (floats ? Float32Array : Int16Array)(new Uint8Array(bytes).buffer);
}

async function detect(it) {
  const given = it.compiled ? { wasm } : {};
  const detector = await Detector.create({ model: readFileSync(it.model), thresholds: it.thresholds, ...given });
  const samples = samplesOf(it);
  const streams = [];
  for (let stream = 0; stream < (it.streams ?? 1); stream++) {
    const found = [];
    for (let at = 0, turn = 0; at < samples.length; turn++) {
      const size = it.chunks[turn % it.chunks.length];
      found.push(...detector.push(samples.subarray(at, at + size)));
      at += size;
    }
    streams.push(found);
    detector.reset();
  }
  return { streams, words: detector.words, thresholds: detector.thresholds };
}

/** A page of many detectors may compile the module itself. */
const wasm = await WebAssembly.compile(readFileSync(`${folder}/wakeword.wasm`));

const results = [];
for (const it of JSON.parse(readFileSync(file)))
  results.push(
    await detect(it).catch((error) => {
      if (!(error instanceof WakewordError)) throw error;
      return error.message;
    }),
  );
console.log(JSON.stringify(results));
