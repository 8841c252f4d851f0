// Elements, made in one expression, and what they have in common.

import { notify, single } from "../api.js";

/** Makes an element. properties: `class`, what has a dash and `role` become attributes, functions listeners of their event,
    all others properties. */
export function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (name === "class") made.className = value;
    else if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Makes a button. action: what a click attempts, once at a time. told: what a screen reader says in place of the text. */
export function button(text, action, told) {
  return make("button", { type: "button", click: single(action), ...(told ? { "aria-label": told } : {}) }, text);
}

/** A word that may be written from right to left. */
export function spoken(word) {
  return make("bdi", {}, word);
}

/** Asks before something is deleted. Resolves with whether it may be. */
export function sure(title, text) {
  const dialog = document.querySelector("#sure");
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector("p").textContent = text;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/** Runs what the user hasn't asked for, and shows its error; the error of what the user has asked for stays till then. */
export function quietly(action) {
  return action().catch((error) => notify(error.message));
}

/** Says in a line that something is done. */
export function say(line) {
  document.querySelector("#done").textContent = line;
}

/** Says in a line that something is being done, and no longer if it fails. Returns what `action` resolves with. */
export async function saying(line, action) {
  say(line);
  try {
    return await action();
  } catch (error) {
    say("");
    throw error;
  }
}

/** Calls `take` with files that are chosen or dropped. zone: a label with an input. */
export function onFiles(zone, take) {
  const input = zone.querySelector("input");
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = ""; // the same file may be chosen again
    if (files.length) take(files);
  });
  const over = (on) => (event) => {
    event.preventDefault();
    zone.classList.toggle("over", on);
  };
  zone.addEventListener("dragover", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", (event) => {
    over(false)(event);
    if (event.dataTransfer.files.length) take([...event.dataTransfer.files]);
  });
}

/** Returns a length of time for people: 40 s, 25 min, 1.5 h. */
export function span(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** Returns a number of bytes for people. */
export function size(bytes) {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} KB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

let playing = null;

/** Plays a sound; the one before ends. Resolves when it plays. address: a URL. */
export async function play(address) {
  playing?.pause();
  playing = new Audio(address);
  await playing.play().catch((error) => {
    if (error.name !== "AbortError") throw new Error("this can't be played; is it still there?");
  });
}
