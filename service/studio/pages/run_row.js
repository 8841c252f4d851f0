// A training in the list: its state, how far it is, how good it becomes, and what can be done with it.

import { attempt, request } from "../api.js";
import { button, make, say, span, sure } from "./make.js";
import { hasEnded } from "./project.js";

const STATES = { queued: "waits for its turn", running: "runs", paused: "is paused", interrupted: "was interrupted", done: "is done", failed: "failed", cancelled: "was cancelled" };

export class RunRow {
  /** onChange: called when a run may be another or gone. */
  constructor(run, project, onChange) {
    Object.assign(this, { project, onChange, number: run.number });
    this.title = make("strong", {}, `Training ${run.number}`);
    this.state = make("span", { class: "grow" });
    this.bar = make("progress", { max: 1, "aria-label": `Of training ${run.number}` });
    this.detail = make("p", { class: "faint figure" });
    this.message = make("p", {});
    this.actions = {
      pause: this.action("Pause", "pause"),
      resume: this.action("Go on", "resume"),
      cancel: this.action("Cancel", "cancel"),
      remove: button("Delete", () => attempt(() => this.remove()), `Delete training ${run.number}`),
    };
    this.element = make("li", {}, make("div", { class: "line" }, this.title, this.state, ...Object.values(this.actions)), this.bar, this.detail, this.message);
    this.element.dataset.run = run.number;
  }

  path(...parts) {
    return this.project.path("runs", String(this.number), ...parts);
  }

  action(text, name) {
    return button(text, () => attempt(async () => {
      await request(this.path(name), { method: "POST" });
      await this.onChange();
      this.focus();
    }), `${text} training ${this.number}`);
  }

  /** Keeps the focus in the row when the button that had it goes away. */
  focus() {
    if (this.element.contains(document.activeElement)) return;
    Object.values(this.actions).find((each) => !each.hidden)?.focus();
  }

  async remove() {
    if (!await sure(`Delete training ${this.number}?`, "Its model and report are deleted.")) return;
    await request(this.path(), { method: "DELETE" });
    await this.onChange();
    say(`Training ${this.number} is deleted.`);
  }

  show(run) {
    this.run = run;
    const { state, stage, fraction, seconds_left: left, message, verdict, progress } = run;
    this.element.dataset.state = state;
    this.state.textContent = STATES[state] ?? state;
    this.state.classList.toggle("bad", state === "failed");
    const going = !hasEnded(state);
    this.bar.hidden = !going;
    this.bar.value = fraction ?? 0;
    const known = [stage, `${Math.round(100 * (fraction ?? 0))} %`, left != null && `about ${span(left)} left`, ...developing(progress)];
    this.detail.textContent = going ? known.filter(Boolean).join(", ") : "";
    this.message.textContent = message || verdict || "";
    this.message.hidden = !this.message.textContent;
    this.actions.pause.hidden = state !== "running" && state !== "queued";
    this.actions.resume.hidden = state !== "paused" && state !== "interrupted" && state !== "failed";
    this.actions.cancel.hidden = !going;
    this.actions.remove.hidden = !hasEnded(state);
  }
}

/** Returns how good the model is so far, in words. */
function developing(progress) {
  const { misses, false_accepts_per_hour: accepts, accuracy } = progress ?? {};
  return [
    misses != null && `misses ${(100 * misses).toFixed(1)} %`,
    accepts != null && `${accepts.toFixed(1)} false accepts an hour`,
    misses == null && accuracy != null && `accuracy ${(100 * accuracy).toFixed(1)} %`,
  ];
}
