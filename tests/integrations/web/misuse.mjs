// Uses the module wrongly: node misuse.mjs MODULE MODEL. Prints the messages of the errors.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, model] = process.argv.slice(2);
const { Detector, WakewordError, listen } = await import(pathToFileURL(`${folder}/wakeword.js`));
const detector = await Detector.create({ model: readFileSync(model) });

/** The engine's own reason differs from version to version. */
function withoutReason(error) {
  throw new WakewordError(error.message.replace(/(compiled: ).*(; copy)/, "$1...$2"));
}

const wrong = [
  () => Detector.create(),
  () => Detector.create({}),
  () => Detector.create({ model: 7 }),
  () => Detector.create({ model: new URL("file:///nowhere.bin") }),
  () => Detector.create({ model: readFileSync(model), wasm: new Uint8Array(8) }).catch(withoutReason),
  () => detector.push([1, 2, 3]),
  () => detector.push(new Float64Array(3)),
  () => detector.push(),
  () => listen({ model: readFileSync(model) }),
  () => listen({ model: readFileSync(model), onDetection: () => {} }),
];

const messages = [];
for (const use of wrong)
  try {
    await use();
    messages.push("no error");
  } catch (error) {
    if (!(error instanceof WakewordError)) throw error;
    messages.push(error.message);
  }
console.log(JSON.stringify(messages));
