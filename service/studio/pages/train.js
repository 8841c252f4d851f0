// The step Train: what a training will take, and the runs, each as it goes on.

import { address, attempt, notify, request } from "../api.js";
import { quietly, say, size, span } from "./make.js";
import { hasEnded } from "./project.js";
import { RunRow } from "./run_row.js";

const TELL = "studio: tell"; // whether the browser tells of the end of a training

export class Train {
  constructor(section) {
    const at = (selector) => section.querySelector(selector);
    Object.assign(this, { size: at("#size"), estimate: at("#estimate"), start: at("#start"), tell: at("#tell"), list: at("#run-list") });
    this.rows = new Map(); // by number
    this.feeds = new Map(); // of the runs that go on
    at("#settings").addEventListener("submit", (event) => event.preventDefault());
    at("#settings").addEventListener("change", () => attempt(() => this.save()));
    this.start.addEventListener("click", () => attempt(() => this.begin()));
    this.tell.addEventListener("click", () => attempt(() => this.toggleTell()));
    this.showTell();
  }

  async show(project) {
    this.project = project;
    this.size.value = project.content.size;
    this.list.replaceChildren();
    this.rows.clear();
    await Promise.all([this.estimated(), this.listRuns()]);
  }

  leave() {
    for (const feed of this.feeds.values()) feed.close();
    this.feeds.clear();
    this.project = null;
  }

  async save() {
    await this.project.save({ size: this.size.value });
    await this.estimated();
  }

  async estimated() {
    this.estimate.textContent = "";
    const { seconds, bytes } = await request(this.project.path("estimate"));
    this.estimate.textContent = `It will take about ${span(seconds)} on this computer, and ${size(bytes)} of disk.`;
  }

  async begin() {
    this.start.disabled = true;
    try {
      const run = await request(this.project.path("runs"), { method: "POST" });
      say(run.state === "queued" ? "The training is queued." : "The training has begun.");
      await this.listRuns();
    } finally {
      this.start.disabled = false;
    }
  }

  /** Lists all runs, and follows those that go on: one connection each, and few, as browsers open only six to a host. */
  async listRuns() {
    const { project } = this;
    const runs = await project.runs();
    if (project !== this.project) return;
    const rows = runs.map((run) => this.row(run));
    if (rows.some((row, index) => this.list.children[index] !== row.element) || this.list.children.length !== rows.length) {
      this.list.replaceChildren(...rows.map((row) => row.element)); // only then, since the focus may be in one
    }
    const going = runs.filter(({ state }) => !hasEnded(state)).slice(-2);
    for (const [number, feed] of this.feeds) {
      if (going.some((run) => run.number === number)) continue;
      feed.close();
      this.feeds.delete(number);
    }
    for (const { number } of going) if (!this.feeds.has(number)) this.follow(number);
  }

  row(run) {
    const row = this.rows.get(run.number) ?? new RunRow(run, this.project, () => this.listRuns());
    this.rows.set(run.number, row);
    row.show(run);
    return row;
  }

  follow(number) {
    const feed = new EventSource(address(`${this.project.path("runs", String(number), "live")}`));
    this.feeds.set(number, feed);
    feed.addEventListener("run", (message) => this.changed(JSON.parse(message.data)));
  }

  changed(run) {
    const before = this.rows.get(run.number)?.run.state;
    this.row(run);
    if (before === run.state) return;
    if (hasEnded(run.state)) this.ended(run);
    quietly(() => this.listRuns());
  }

  ended({ number, state, message }) {
    const line = { done: `Training ${number} of ${this.project.name} is done.`, failed: `Training ${number} failed: ${message}`, cancelled: `Training ${number} is cancelled.` }[state];
    say(line);
    if (localStorage.getItem(TELL) && globalThis.Notification?.permission === "granted") new Notification("wakeword studio", { body: line });
  }

  async toggleTell() {
    if (localStorage.getItem(TELL)) {
      localStorage.removeItem(TELL);
    } else {
      const allowed = await globalThis.Notification?.requestPermission();
      if (allowed === "granted") localStorage.setItem(TELL, "yes");
      else notify("The browser allows this page no notifications; allow them in its settings, or keep the page open.");
    }
    this.showTell();
  }

  showTell() {
    this.tell.setAttribute("aria-pressed", String(localStorage.getItem(TELL) !== null));
  }
}
