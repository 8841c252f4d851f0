// Verdicts of the service in the step Negatives: clips of events that were wrong, and of words that were missed, each
// heard and filed into the project.

import { address, notify, remove, request, single } from "../api.js";
import { button, make, play, say, spoken } from "./make.js";

const PAGE = 50;

export class Verdicts {
  constructor(section) {
    const at = (selector) => section.querySelector(selector);
    Object.assign(this, { list: at("#verdict-list"), empty: at("#verdicts-empty"), all: at("#file-verdicts"), more: at("#more-verdicts") });
    this.turn = 0; // counts the lists; the answer to a question for an earlier one is dropped
    this.all.addEventListener("click", single(() => this.fileAll()));
    this.more.addEventListener("click", single(() => this.another()));
  }

  async show(project) {
    this.project = project;
    this.turn += 1;
    this.list.replaceChildren();
    for (const each of [this.empty, this.all, this.more]) each.hidden = true;
    await this.load(null);
  }

  async load(cursor) {
    const query = new URLSearchParams({ limit: PAGE, ...(cursor ? { cursor } : {}) });
    const { project, turn } = this;
    const { verdicts, count, next } = await request(`${project.path("verdicts")}?${query}`);
    if (turn !== this.turn) return;
    Object.assign(this, { count, next });
    this.list.append(...verdicts.map((verdict) => this.row(verdict)));
    this.counted();
  }

  async another() {
    const last = this.list.lastElementChild;
    await this.load(this.next);
    (last?.nextElementSibling ?? this.list.lastElementChild)?.querySelector("button").focus();
  }

  counted() {
    const shown = this.list.children.length;
    this.empty.hidden = shown > 0;
    this.all.hidden = shown < 2;
    this.all.textContent = `File these ${shown}`;
    this.more.hidden = !this.next;
    this.more.textContent = `Show more of ${this.count}`;
  }

  row(verdict) {
    const { id, at, word, source, score, verdict: kind } = verdict;
    const time = new Date(1000 * at);
    const told = `${word}, ${kind}, ${time.toLocaleTimeString()}`;
    const path = this.project.path("verdicts", id);
    const line = make("li", { class: "line" },
      button("Play", () => play(address(`${path}/audio`)), `Play ${told}`),
      make("span", { class: "grow" }, make("strong", {}, spoken(word)), kind === "wrong" ? ` raised by mistake, ${score.toFixed(2)}, ` : " was missed, ",
        make("time", { dateTime: time.toISOString() }, time.toLocaleString([], { dateStyle: "short", timeStyle: "medium" })), ", ", spoken(source)),
      button(kind === "wrong" ? "File as a mistake" : "File as a take", () => this.one(line, "POST", kind), `File ${told}`),
      button("Leave out", () => this.one(line, "DELETE", kind), `Leave out ${told}`));
    Object.assign(line, { path, told, turn: this.turn });
    return line;
  }

  /** Files a clip, or leaves it out. */
  async one(line, method, kind) {
    await this.done(line, method);
    say(method === "DELETE" ? "The clip is left out." : kind === "wrong" ? "The clip is among the takes, as something else." : "The clip is among the takes of the phrase.");
  }

  async done(line, method) {
    await (method === "POST" ? request(`${line.path}/file`, { method }) : remove(line.path));
    if (line.turn !== this.turn) return; // another list is shown by now
    const next = line.nextElementSibling ?? line.previousElementSibling;
    const focused = line.contains(document.activeElement);
    line.remove();
    this.count -= 1;
    this.counted();
    if (focused) (next?.querySelector("button") ?? document.querySelector("#negatives-title")).focus();
    if (this.list.children.length === 0 && this.next) await this.load(this.next);
  }

  /** Files what is listed. What can't be filed stays, and the first reason is told. */
  async fileAll() {
    notify(null);
    const lines = [...this.list.children];
    let reason = null;
    let filed = 0;
    for (const [index, line] of lines.entries()) {
      say(`Filing ${index + 1} of ${lines.length}.`);
      try {
        await this.done(line, "POST");
        filed += 1;
      } catch (error) {
        reason ??= `${line.told}: ${error.message}`;
      }
    }
    say(`${filed} of ${lines.length} are filed.`);
    if (reason) notify(reason);
  }
}
