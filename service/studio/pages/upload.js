// Files to the service, one after another, each with the line of its error.

import { answer } from "../api.js";
import { make, say } from "./make.js";

let going = 0;

/** Whether a recording is on its way. */
export function isSending() {
  return going > 0;
}

/** Sends a recording as the body of a request. Returns the JSON of the answer. */
export async function send(path, query, blob) {
  going += 1;
  try {
    const response = await answer(`${path}?${new URLSearchParams(query)}`, {
      method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: blob,
    });
    return response.status === 204 ? null : await response.json();
  } finally {
    going -= 1;
  }
}

/** Sends files in turn. A file that is refused is named in a line, and the others go on.

    errors: the list for these lines. one: sends a file. */
export async function sendAll(files, errors, one) {
  if (!isSending()) errors.replaceChildren(); // else they are of files that were dropped just before
  let refused = 0;
  for (const [index, file] of files.entries()) {
    say(`Sending ${index + 1} of ${files.length}: ${file.name}`);
    try {
      await one(file);
    } catch (error) {
      refused += 1;
      errors.append(make("li", { class: "bad" }, `${file.name}: ${error.message}`));
    }
  }
  say(refused ? `${files.length - refused} of ${files.length} are taken; the others are named here.` : `${files.length} taken.`);
}
