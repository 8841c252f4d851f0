// Writes a program by the studio's modules: node serial_writing.mjs FOLDER CHIP PROGRAM OPTIONS. OPTIONS: JSON, of the port's
// `info`, of the `patience`, of `stopAt`, what is done when the user stops it, and of `silentFrom`, after which waits are short, and of `touch`:
// the board is only asked for its bootloader. The port's requests go to standard output, a line each, as what is done does and the outcome; answers come from standard input.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import "./fake_serial.js";

const [folder, chip, program, options] = process.argv.slice(2);
const { info, patience, stopAt, silentFrom, touch } = JSON.parse(options);
const module = (name) => import(pathToFileURL(`${folder}/${name}`));
const [{ Line }, { PROTOCOLS }] = await Promise.all([module("serial_line.js"), module("serial_protocols.js")]);

const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const waiting = [];
createInterface({ input: process.stdin }).on("line", (line) => waiting.shift()(JSON.parse(line)));
const ask = (request) => new Promise((resolve) => {
  waiting.push(resolve);
  tell(request);
});

const stopping = new AbortController();
const line = new Line(fakePort(ask, info), stopping.signal, patience);
const done = (what, fraction) => {
  tell({ does: what, fraction });
  if (what === stopAt) stopping.abort(new Error("stopped"));
  if (what === silentFrom) line.patience = 0.01;
};
let outcome;
try {
  const protocol = PROTOCOLS[chip];
  if (touch) outcome = { restarts: await protocol.touch(line) };
  else outcome = { restarts: await protocol.write(line, new Uint8Array(readFileSync(program)), done) };
} catch (error) {
  outcome = { error: error.message };
} finally {
  await line.close();
}
tell(outcome);
process.exit();
