// The list of events: new ones as they come, older ones page by page. Each can be played, and judged right or wrong.

import { attempt, inTurn, request } from "./api.js";

const MAX_ROWS = 300; // older events are on the next pages

export class Feed {
  /** First argument: the list, its row template, the note of an empty list, the button for older events. onEvent: called
      with each new event. */
  constructor({ list, template, empty, older }, onEvent) {
    this.list = list;
    this.template = template;
    this.empty = empty;
    this.older = older;
    this.onEvent = onEvent;
    this.clips = false; // whether the service keeps clips
    this.namesModels = false; // whether events show the model that raised them
    this.word = this.model = "";
    this.latest = 0;
    this.generation = 0; // counts `open`; responses to requests of an earlier generation are dropped
    older.addEventListener("click", () => attempt(() => this.page()));
  }

  /** Restarts the list with the events of one word, or of all words if it is empty; the same of the model. */
  async open(word = "", model = "") {
    this.word = word;
    this.model = model;
    this.cursor = null;
    this.generation += 1;
    const { generation } = this;
    this.stream?.close();
    this.list.replaceChildren();
    try {
      await this.page();
    } finally { // new events come also if the service was away just then
      if (generation === this.generation) this.follow();
    }
  }

  /** Appends the next page of older events. */
  async page() {
    const { generation } = this;
    this.older.disabled = true;
    const query = new URLSearchParams({ limit: 30 });
    if (this.word) query.set("word", this.word);
    if (this.model) query.set("model", this.model);
    if (this.cursor) query.set("cursor", this.cursor);
    const { events, next } = await request(`api/events?${query}`).finally(() => { this.older.disabled = false; });
    if (generation !== this.generation) return;
    if (!this.cursor) this.latest = events[0]?.id ?? 0;
    this.list.append(...events.map((event) => this.row(event)));
    this.cursor = next;
    this.older.hidden = next === null;
    this.empty.hidden = this.list.children.length > 0;
  }

  /** Follows new events. After a lost connection the browser requests those that it missed. */
  follow() {
    this.stream?.close();
    const query = new URLSearchParams({ after: this.latest });
    if (this.word) query.set("word", this.word);
    if (this.model) query.set("model", this.model);
    this.stream = new EventSource(`api/events/live?${query}`);
    this.stream.addEventListener("detection", (message) => this.arrived(JSON.parse(message.data)));
    this.stream.addEventListener("open", () => this.onConnection?.("live"));
    this.stream.addEventListener("error", () => this.onConnection?.("lost"));
  }

  arrived(event) {
    const row = this.row(event);
    row.classList.add("new");
    this.list.prepend(row);
    while (this.list.children.length > MAX_ROWS) this.list.lastElementChild.remove();
    this.empty.hidden = true;
    this.onEvent(event);
  }

  row(event) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    const at = new Date(event.at * 1000);
    row.dataset.id = event.id;
    row.querySelector("time").dateTime = at.toISOString();
    row.querySelector("time").textContent = short(at);
    row.querySelector("time").title = at.toLocaleString();
    row.querySelector("strong").textContent = event.word;
    row.querySelector(".score").textContent = event.score.toFixed(2);
    row.querySelector(".source").textContent = event.source;
    if (this.namesModels) row.querySelector(".of").textContent = event.model;
    this.addButtons(row, event);
    return row;
  }

  addButtons(row, event) {
    const play = row.querySelector(".play");
    play.setAttribute("aria-label", `Play ${event.word}`);
    play.addEventListener("click", () => attempt(() => this.play(event)));
    const judging = inTurn(); // the last one counts
    for (const verdict of ["right", "wrong"]) {
      const button = row.querySelector(`.${verdict}`);
      button.setAttribute("aria-label", `${event.word} was ${verdict}`);
      button.setAttribute("aria-pressed", String(event.verdict === verdict));
      button.addEventListener("click", () => judging(() => this.judge(row, event, verdict)));
    }
    for (const button of row.querySelectorAll("button")) {
      button.disabled = !this.clips && !event.clip;
      if (button.disabled) button.title = "wakeword serve --clips keeps the audio";
    }
  }

  async play(event) {
    this.player?.pause();
    this.player = new Audio(`api/events/${event.id}/clip?format=wav`);
    await this.player.play().catch(() => { throw new Error("This event has no audio, or not yet."); });
  }

  async judge(row, event, verdict) {
    await request(`api/events/${event.id}/verdict`, { method: "POST", body: { verdict } });
    for (const other of ["right", "wrong"]) {
      row.querySelector(`.${other}`).setAttribute("aria-pressed", String(other === verdict));
    }
  }
}

/** Formats a time, with its date unless it is today. */
function short(at) {
  if (at.toDateString() === new Date().toDateString()) return at.toLocaleTimeString();
  return at.toLocaleString([], { dateStyle: "short", timeStyle: "short" });
}
