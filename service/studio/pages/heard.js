// What the model of a training raises in the project's long recordings: heard one by one, and judged into the next training.

import { address, attempt, inTurn, request, single } from "../api.js";
import { ChosenRun } from "./chosen_run.js";
import { button, make, play, say, span, spoken } from "./make.js";

const LOOK = 1000; // milliseconds between two looks at a hearing that goes on
const AGAIN = 5000; // the same after a look that failed
const VERDICTS = [["wrong", "A mistake"], ["right", "It was said"], ["ignored", "Ignore"]];
const TOLD = {
  wrong: "The clip is filed as a mistake, for the next training.",
  right: "The clip is a take of the phrase; this part of the recording is no negative any more.",
  ignored: "It is ignored.",
};

export class Heard {
  constructor(section) {
    const at = (selector) => section.querySelector(selector);
    Object.assign(this, {
      hear: at("#hear"), cancel: at("#cancel-hearing"), judged: at("#with-judged"), progress: at("#hearing"), state: at("#heard-state"),
      problems: at("#heard-problems"), list: at("#heard-list"),
    });
    this.turn = 0;
    this.chosen = new ChosenRun(section, (project, run) => this.open(project, run));
    this.hear.addEventListener("click", single(() => this.ask("")));
    this.cancel.addEventListener("click", single(() => this.ask("/cancel")));
    this.judged.addEventListener("change", () => attempt(() => this.look()));
  }

  show(project) {
    this.leave();
    return this.chosen.show(project);
  }

  /** Looks no more. */
  leave() {
    this.chosen.leave();
    this.turn += 1;
    this.path = null;
  }

  async open(project, run) {
    this.path = project.path("runs", String(run.number), "heard");
    await this.look();
  }

  async ask(what) {
    const { hearing } = await request(this.path + what, { method: "POST" });
    say(what ? "The hearing is cancelled. What was heard whole is listed." : hearing.state === "queued" ? "The recordings will be heard." : "The recordings are heard.");
    await this.look();
    (what ? this.hear : this.cancel).focus();
  }

  /** Shows what the service knows, and goes on as long as the model hears. */
  async look() {
    if (!this.path) return;
    const turn = ++this.turn;
    const found = await request(`${this.path}?${new URLSearchParams({ judged: this.judged.checked })}`);
    if (turn !== this.turn) return;
    this.draw(found);
    if (goesOn(found)) setTimeout(() => this.again(turn), LOOK);
  }

  /** Looks again, also at a service that was away: after a restart it goes on with what it heard. */
  async again(turn) {
    if (turn !== this.turn) return;
    await this.look().catch((error) => {
      const { turn: failed } = this;
      this.state.textContent = error.message;
      setTimeout(() => this.again(failed), AGAIN);
    });
  }

  draw(found) {
    const { hearing, left, recordings, raised, count } = found;
    const going = goesOn(found);
    this.hear.hidden = going || left.length === 0;
    this.hear.textContent = recordings.length ? "Hear the others" : "Hear the recordings";
    this.cancel.hidden = !going;
    this.progress.hidden = !going;
    this.progress.value = hearing?.fraction ?? 0;
    this.more = count > raised.length ? `The ${raised.length} with the highest scores of ${count} are listed.` : "";
    this.tell(found);
    this.problems.replaceChildren(
      ...(hearing?.state === "failed" ? [make("li", { class: "bad" }, hearing.message)] : []),
      ...recordings.filter(({ problem }) => problem).map(({ problem }) => make("li", { class: "bad" }, problem)));
    const key = JSON.stringify([this.path, raised]);
    if (key === this.key) return; // a button that is about to be pressed stays where it is
    this.key = key;
    const focused = this.list.contains(document.activeElement) && document.activeElement.getAttribute("aria-label");
    this.list.replaceChildren(...raised.map((one) => this.row(one)));
    if (focused) [...this.list.querySelectorAll("button")].find((each) => each.getAttribute("aria-label") === focused)?.focus();
  }

  /** Tells what the hours tell. A screen reader hears it when it is another. */
  tell(found) {
    const line = [...told(found), this.more].filter(Boolean).join(" ");
    if (line !== this.state.textContent) this.state.textContent = line;
  }

  row({ id, recording, time, word, score, verdict }) {
    const at = `${word} at ${clock(time)} of ${recording}`;
    const { path } = this;
    const judging = inTurn(); // the last one counts
    const judge = async (which) => {
      await request(`${path}/${encodeURIComponent(id)}/verdict`, { method: "POST", body: { verdict: which } });
      const found = await request(`${path}?limit=0`);
      if (path === this.path) this.tell(found);
      for (const [index, [each]] of VERDICTS.entries()) buttons[index].setAttribute("aria-pressed", String(each === which));
      say(TOLD[which]);
    };
    const buttons = VERDICTS.map(([which, text]) => {
      const pressed = { "aria-label": `${at}: ${text}`, "aria-pressed": String(which === verdict) };
      return make("button", { type: "button", click: () => judging(() => judge(which)), ...pressed }, text);
    });
    return make("li", { class: "line" },
      button("Play", () => play(address(`${path}/${encodeURIComponent(id)}/audio`)), `Play ${at}`),
      make("span", { class: "grow" }, make("strong", {}, spoken(word)), ` ${score.toFixed(2)}, at ${clock(time)} of `, spoken(recording)),
      ...buttons);
  }
}

function goesOn({ hearing }) {
  return hearing?.state === "queued" || hearing?.state === "running";
}

/** Returns what the hours tell. */
function told({ hearing, recordings, left, all, unseen }) {
  const lines = [];
  if (hearing?.state === "queued") lines.push("It waits until another model has heard.");
  if (hearing?.state === "running") lines.push(`${Math.round(100 * hearing.fraction)} % are heard.`);
  if (recordings.length === 0 && left.length === 0) lines.push("There are no recordings yet.");
  if (all.per_hour !== null) {
    lines.push(`${rate(all)}.`);
    const trained = recordings.filter((each) => each.trained).length;
    if (trained === recordings.length) lines.push("It was trained on these recordings, so they tell little of others.");
    else if (trained > 0 && unseen.per_hour !== null) lines.push(`In those that it was not trained on: ${rate(unseen)}.`);
  }
  if (recordings.length && left.length) lines.push(left.length === 1 ? "One recording isn't heard yet." : `${left.length} recordings aren't heard yet.`);
  return lines;
}

function rate({ hours, count, per_hour: perHour, low, high }) {
  const times = count === 1 ? "one false accept" : `${count} false accepts`;
  return `${times} in ${span(3600 * hours)}, ${perHour.toFixed(2)} an hour (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

/** Returns a moment of a recording: 1:02:03.4. */
function clock(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const rest = (seconds % 60).toFixed(1).padStart(4, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
