// The step Train: what a training will take, and the runs, each as it goes on.

import { address, attempt, notify, request, single } from "../api.js";
import { choose } from "../names.js";
import { quietly, say, size, span } from "./make.js";
import { hasEnded } from "./project.js";
import { RunRow } from "./run_row.js";

const AGAIN = 5000; // milliseconds after which a connection that was refused is tried again
const TELL = "studio: tell"; // whether the browser tells of the end of a training

export class Train {
  constructor(section) {
    const at = (selector) => section.querySelector(selector);
    Object.assign(this, { size: at("#size"), estimate: at("#estimate"), start: at("#start"), tell: at("#tell"), list: at("#run-list") });
    this.rows = new Map(); // by number
    this.feed = null; // of the run that is trained or comes next
    at("#settings").addEventListener("submit", (event) => event.preventDefault());
    at("#settings").addEventListener("change", () => attempt(() => this.save()));
    this.start.addEventListener("click", () => attempt(() => this.begin()));
    this.tell.addEventListener("click", single(() => this.toggleTell()));
    this.showTell();
  }

  /** Follows the trainings of a project, whichever step is shown; null follows none. */
  async watch(project) {
    this.project = project;
    this.follow(null);
    this.list.replaceChildren();
    this.rows.clear();
    if (project) await this.listRuns();
  }

  async show(project) {
    this.showSize();
    await Promise.all([this.estimated(), this.listRuns()]);
  }

  async save() {
    const { project, size: { value: size } } = this;
    try {
      await project.save(() => ({ size }));
    } catch (error) { // what was refused goes back to what is stored
      if (project === this.project) this.showSize();
      throw error;
    }
    await this.estimated();
  }

  showSize() {
    const { content: { size } } = this.project;
    choose(this.size, size, `${size} KB`);
  }

  async estimated() {
    this.estimate.textContent = "";
    const asked = this.estimating = request(this.project.path("estimate"));
    const { seconds, bytes } = await asked;
    if (asked !== this.estimating) return;
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

  /** Lists all runs, and follows the one that is trained or comes next. */
  async listRuns() {
    const { project } = this;
    const asked = this.listing = project.runs();
    const runs = await asked;
    if (project !== this.project || asked !== this.listing) return;
    const rows = runs.map((run) => this.row(run));
    if (rows.some((row, index) => this.list.children[index] !== row.element) || this.list.children.length !== rows.length) {
      this.list.replaceChildren(...rows.map((row) => row.element)); // only then, since the focus may be in one
    }
    const earliest = [...runs].reverse();
    this.follow(["running", "interrupted", "queued"].map((state) => earliest.find((run) => run.state === state)).find(Boolean)?.number ?? null);
  }

  row(run) {
    const row = this.rows.get(run.number) ?? new RunRow(run, this.project, () => this.listRuns());
    this.rows.set(run.number, row);
    row.show(run);
    return row;
  }

  /** Follows one run: by one connection, as browsers open only six to a host for all their pages. */
  follow(number) {
    if (number === this.followed && this.feed?.readyState !== EventSource.CLOSED) return;
    this.feed?.close();
    this.feed = null;
    this.followed = number;
    if (number === null) return;
    const { project } = this;
    const feed = new EventSource(address(project.path("runs", String(number), "live")));
    feed.addEventListener("run", (message) => this.changed(JSON.parse(message.data)));
    feed.addEventListener("error", () => { // the browser tries again, unless it was refused
      if (feed.readyState !== EventSource.CLOSED) return;
      setTimeout(() => { if (feed === this.feed) this.listRuns().catch(() => {}); }, AGAIN);
    });
    this.feed = feed;
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
