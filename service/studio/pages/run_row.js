// A training in the list: its state, how far it is, how good it becomes, and what can be done with it.

import { remove, request } from "../api.js";
import { chart } from "../chart.js";
import { button, make, quietly, say, span, sure } from "./make.js";
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
    this.drawing = make("div", {});
    this.epochs = []; // how good the model was after each
    this.actions = {
      pause: this.action("Pause", "pause"),
      resume: this.action("Go on", "resume"),
      cancel: this.action("Cancel", "cancel"),
      remove: button("Delete", () => this.remove(), `Delete training ${run.number}`),
    };
    this.element = make("li", {}, make("div", { class: "line" }, this.title, this.state, ...Object.values(this.actions)), this.bar, this.detail, this.drawing, this.message);
    this.element.dataset.run = run.number;
  }

  path(...parts) {
    return this.project.path("runs", String(this.number), ...parts);
  }

  action(text, name) {
    return button(text, async () => {
      try {
        await request(this.path(name), { method: "POST" });
      } finally { // what is refused is in another state than this page thinks
        await this.onChange();
      }
      this.focus();
    }, `${text} training ${this.number}`);
  }

  /** Keeps the focus in the row when the button that had it goes away. */
  focus() {
    if (this.element.contains(document.activeElement)) return;
    Object.values(this.actions).find((each) => !each.hidden)?.focus();
  }

  async remove() {
    if (!await sure(`Delete training ${this.number}?`, "Its model and report are deleted.")) return;
    await remove(this.path());
    await this.onChange();
    say(`Training ${this.number} is deleted.`);
  }

  show(run) {
    this.run = run;
    const { state, stage, fraction, seconds_left: left, message, progress } = run;
    this.element.dataset.state = state;
    this.state.textContent = STATES[state] ?? state;
    this.state.classList.toggle("bad", state === "failed");
    const going = !hasEnded(state);
    this.bar.hidden = !going;
    this.bar.value = fraction ?? 0;
    this.develop(going, progress);
    const known = [stage, `${Math.round(100 * (fraction ?? 0))} %`, left != null && `about ${span(left)} left`];
    this.detail.textContent = going ? known.filter(Boolean).join(", ") : "";
    this.message.textContent = message || "";
    this.message.hidden = !this.message.textContent;
    this.actions.pause.hidden = state !== "running" && state !== "queued";
    this.actions.resume.hidden = state !== "paused" && state !== "interrupted" && state !== "failed";
    this.actions.cancel.hidden = !going;
    this.actions.remove.hidden = !hasEnded(state);
  }

  /** Draws how good the model becomes. progress: the last line of it, of which some end an epoch. */
  develop(going, progress) {
    if (going && this.asked !== true) {
      this.asked = true;
      quietly(async () => {
        this.epochs = (await request(this.path("progress"))).filter(isMeasured);
        this.draw();
      });
    }
    if (going && isMeasured(progress) && progress.epoch !== this.epochs.at(-1)?.epoch) {
      this.epochs.push(progress);
      this.draw();
    }
    this.drawing.hidden = !going;
  }

  draw() {
    const points = this.epochs.map(({ misses, false_accepts_per_hour: rate }) => ({ misses, per_hour: rate }));
    if (points.length === 0) return;
    const last = points.at(-1);
    const now = `After epoch ${this.epochs.at(-1).epoch + 1} it misses ${(100 * last.misses).toFixed(1)} %, at ${last.per_hour.toFixed(1)} false accepts an hour.`;
    this.drawing.replaceChildren(
      make("p", { class: "faint figure" }, now),
      points.length > 1 ? chart("How misses and false accepts an hour develop", points, last) : "",
    );
  }
}

function isMeasured(line) {
  return line?.epoch != null && line.misses != null && line.false_accepts_per_hour != null;
}
