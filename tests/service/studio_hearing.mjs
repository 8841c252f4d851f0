// Lets a model hear samples by the studio's hearing.js: node studio_hearing.mjs FOLDER MODEL SAMPLES THRESHOLDS. Prints the
// scores of each word, and what each of the thresholds would have raised.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, model, file, thresholds] = process.argv.slice(2);
const { hearing } = await import(pathToFileURL(`${folder}/hearing.js`));
const bytes = (path) => new Uint8Array(readFileSync(path)).buffer;

const heard = await hearing(bytes(model), bytes(`${folder}/web/wakeword.wasm`));
const samples = new Int16Array(bytes(file));
for (let at = 0, size = 1; at < samples.length; at += size, size = (7 * size) % 4099) heard.push(samples.subarray(at, at + size));
const raised = JSON.parse(thresholds).map((threshold) => heard.raised(heard.words.map(() => threshold)));
const own = heard.raised(heard.thresholds);
console.log(JSON.stringify({ words: heard.words, scores: heard.scores.map((each) => [...each.slice(0, heard.frames)]), raised, own }));
