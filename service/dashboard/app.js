// The page: chooses the source, and connects the parts.

import { attempt, notify, request, single } from "./api.js";
import { Feed } from "./feed.js";
import { Microphone } from "./microphone.js";
import { Models } from "./models.js";
import { option } from "./names.js";
import { Spectrogram } from "./spectrogram.js";
import { Words } from "./words.js";

const SOURCES_EVERY = 2000; // milliseconds
const at = (selector) => document.querySelector(selector);

const words = new Words(at("#words"), at("#word-row"));
const models = new Models(at("#models"), at("#model-row"), async () => {
  await listWords();
  await feed.open();
});
const spectrogram = new Spectrogram(at("#spectrogram"));
const feed = new Feed(
  { list: at("#feed"), template: at("#event-row"), empty: at("#feed-empty"), older: at("#older") },
  (event) => { if (event.source === watched.name) spectrogram.mark(event.frame, event.word); },
);
new Microphone(at("#microphone"), async (name) => {
  watched.chosen = name;
  await attempt(listSources);
});

feed.onConnection = (state) => {
  at("#connection").dataset.state = state;
  at("#connection").textContent = state === "live" ? "connected" : "connection lost, trying again";
};

// The source that is drawn: the chosen one, else the first without trouble.
const watched = { name: null, chosen: null, stream: null };

function watch(name) {
  if (name === watched.name && watched.stream?.readyState !== EventSource.CLOSED) return; // which a restarted service refused
  watched.name = name;
  follow();
}

/** Draws the source from now on. A hidden page draws nothing and frees its connection, as browsers open only six to a
    host. */
function follow() {
  watched.stream?.close();
  watched.stream = null;
  spectrogram.clear();
  showBlock({ level: -96, bands: [], scores: {} });
  if (watched.name === null || document.hidden) return;
  watched.stream = new EventSource(`api/sources/${encodeURIComponent(watched.name)}/live`);
  watched.stream.addEventListener("heard", (message) => showBlock(JSON.parse(message.data)));
}

document.addEventListener("visibilitychange", follow);

/** Shows the level, scores and bands of a block. */
function showBlock({ level, bands, seconds, ...scores }) {
  at("#level").value = level;
  at("#level-text").textContent = level > -96 ? `${level.toFixed(0)} dBFS` : "silent";
  words.show(scores);
  if (bands.length) spectrogram.push(bands, Math.floor((seconds * 16000 - 400) / 160));
}

async function listSources() {
  const sources = await request("api/sources");
  const names = sources.map((source) => source.name);
  const picker = at("#source");
  if ([...picker.options].map((option) => option.value).join() !== names.join()) {
    picker.replaceChildren(...(names.length ? names : [""]).map((name) => option(name || "none", name)));
    picker.disabled = names.length === 0;
  }
  const name = names.includes(watched.chosen) ? watched.chosen : firstWorking(sources);
  picker.value = name ?? "";
  const trouble = sources.find((source) => source.name === name)?.trouble;
  at("#live-title").textContent = title(name, trouble);
  watch(name);
}

function title(name, trouble) {
  if (name === null) return "No audio yet: use this microphone, or open a stream";
  return trouble ? `No audio: ${trouble}` : "Live audio";
}

/** Returns the first source without trouble, else the first, or null if there is none. */
function firstWorking(sources) {
  return (sources.find((source) => !source.trouble) ?? sources[0])?.name ?? null;
}

async function listWords() {
  await words.load();
  feed.namesModels = words.severalModels;
  at("#missed-word").replaceChildren(...words.distinct.map((word) => option(word)));
  at("#feed-word").replaceChildren(new Option("every word", ""), ...words.all.map(({ name, word, model, shared }) => {
    const choice = option(name);
    choice.dataset.word = word;
    choice.dataset.model = shared ? model : "";
    return choice;
  }));
}

at("#source").addEventListener("change", ({ target }) => {
  watched.chosen = target.value;
  watch(target.value);
});

at("#feed-word").addEventListener("change", ({ target }) => {
  const { word, model } = target.selectedOptions[0].dataset;
  attempt(() => feed.open(word, model));
});

at("#missed").addEventListener("submit", (event) => event.preventDefault());
at("#missed").addEventListener("submit", single(async () => {
  if (!watched.name) throw new Error("There is no source at present. Use this microphone, or open a stream.");
  const path = `api/sources/${encodeURIComponent(watched.name)}/missed`;
  const { file } = await request(path, { method: "POST", body: { word: at("#missed-word").value } });
  at("#missed output").textContent = `Filed as ${file}, for wakeword train --extra.`;
}));

async function start() {
  feed.clips = (await request("api/about")).clips;
  await Promise.all([models.load(), listWords(), listSources(), feed.open()]);
  setInterval(() => listSources().catch(() => {}), SOURCES_EVERY);
}

start().catch((error) => notify(error.message));
