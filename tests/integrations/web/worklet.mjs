// Runs the processor of the audio thread: node worklet.mjs MODULE CASES. Prints what it posts to the page.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, file] = process.argv.slice(2);
const module = await WebAssembly.compile(readFileSync(`${folder}/wakeword.wasm`));
let Processor;
globalThis.AudioWorkletProcessor = class {
  port = { posted: [], postMessage: (message) => this.port.posted.push(message) };
};
globalThis.registerProcessor = (name, processor) => (Processor = processor);
await import(pathToFileURL(`${folder}/wakeword-worklet.js`));

function processed({ model, samples, rate, block, thresholds }) {
  globalThis.sampleRate = rate;
  const processorOptions = { module, model: readFileSync(model), thresholds, levels: true };
  const processor = new Processor({ processorOptions });
  const all = new Float32Array(new Uint8Array(readFileSync(samples)).buffer);
  for (let at = 0; at < all.length; at += block) processor.process([[all.subarray(at, at + block)]]);
  processor.process([[]]); // the microphone is muted
  return processor.port.posted;
}

console.log(JSON.stringify(JSON.parse(readFileSync(file)).map(processed)));
