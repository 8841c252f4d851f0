// The events: as they come, and older ones page by page; each can be heard, and called right or wrong.

import { attempt, request } from "./api.js";

const SHOWN = 300; // rows; older ones are a page away

export class Feed {
  /** parts: list, template, empty, older. onEvent: is told of each new event. clips: whether any are kept. */
  constructor({ list, template, empty, older }, onEvent) {
    this.list = list;
    this.template = template;
    this.empty = empty;
    this.older = older;
    this.onEvent = onEvent;
    this.clips = false;
    this.word = "";
    this.latest = 0;
    this.begun = 0; // how often the list was; an answer to what was asked before the last time is for nobody
    older.addEventListener("click", () => attempt(() => this.page()));
  }

  /** Begins anew, with events of one word or, by an empty one, of all. */
  async open(word = "") {
    this.word = word;
    this.cursor = null;
    this.begun += 1;
    const { begun } = this;
    this.stream?.close();
    this.list.replaceChildren();
    await this.page();
    if (begun === this.begun) this.follow();
  }

  async page() {
    const { begun } = this;
    this.older.disabled = true;
    const query = new URLSearchParams({ limit: 30 });
    if (this.word) query.set("word", this.word);
    if (this.cursor) query.set("cursor", this.cursor);
    const { events, next } = await request(`/api/events?${query}`).finally(() => { this.older.disabled = false; });
    if (begun !== this.begun) return;
    if (!this.cursor) this.latest = events[0]?.id ?? 0;
    this.list.append(...events.map((event) => this.row(event)));
    this.cursor = next;
    this.older.hidden = next === null;
    this.empty.hidden = this.list.children.length > 0;
  }

  /** New events from here on; the browser asks again for those that it missed. */
  follow() {
    this.stream?.close();
    const query = new URLSearchParams({ after: this.latest });
    if (this.word) query.set("word", this.word);
    this.stream = new EventSource(`/api/events/live?${query}`);
    this.stream.addEventListener("detection", (message) => this.arrived(JSON.parse(message.data)));
    this.stream.addEventListener("open", () => this.onConnection?.("live"));
    this.stream.addEventListener("error", () => this.onConnection?.("lost"));
  }

  arrived(event) {
    const row = this.row(event);
    row.classList.add("new");
    this.list.prepend(row);
    while (this.list.children.length > SHOWN) this.list.lastElementChild.remove();
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
    row.querySelector(".from").textContent = event.source;
    this.equip(row, event);
    return row;
  }

  equip(row, event) {
    const play = row.querySelector(".play");
    play.setAttribute("aria-label", `Play ${event.word}`);
    play.addEventListener("click", () => attempt(() => this.play(event)));
    for (const verdict of ["right", "wrong"]) {
      const button = row.querySelector(`.${verdict}`);
      button.setAttribute("aria-label", `${event.word} was ${verdict}`);
      button.setAttribute("aria-pressed", String(event.verdict === verdict));
      button.addEventListener("click", () => attempt(() => this.judge(row, event, verdict)));
    }
    for (const button of row.querySelectorAll("button")) {
      button.disabled = !this.clips && !event.clip;
      if (button.disabled) button.title = "wakeword serve --clips keeps the audio";
    }
  }

  async play(event) {
    this.player?.pause();
    this.player = new Audio(`/api/events/${event.id}/clip?format=wav`);
    await this.player.play().catch(() => { throw new Error("The audio of this event isn't kept, or not yet."); });
  }

  async judge(row, event, verdict) {
    await request(`/api/events/${event.id}/verdict`, { method: "POST", body: { verdict } });
    for (const other of ["right", "wrong"]) {
      row.querySelector(`.${other}`).setAttribute("aria-pressed", String(other === verdict));
    }
  }
}

/** The time alone for what was today. */
function short(at) {
  if (at.toDateString() === new Date().toDateString()) return at.toLocaleTimeString();
  return at.toLocaleString([], { dateStyle: "short", timeStyle: "short" });
}
