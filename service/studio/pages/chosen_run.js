// Which training a step is about: the latest that is done, or another one that is chosen.

import { attempt } from "../api.js";
import { make } from "./make.js";

export class ChosenRun {
  /** section: of the step, with a place for the choice, and a body that is hidden as long as there is no model. onChosen: called
      with the project, the run, and a function that tells whether they are still what the step is about. */
  constructor(section, onChosen) {
    this.place = section.querySelector(".of-run");
    this.body = section.querySelector(".body");
    this.onChosen = onChosen;
    this.turn = 0;
  }

  /** Shows the choice, and calls `onChosen`. */
  async show(project) {
    const current = this.next();
    this.body.hidden = true;
    this.place.textContent = "";
    const runs = await project.models();
    if (!current()) return;
    if (runs.length === 0) {
      this.place.textContent = "There is no model yet. Train one first.";
      return;
    }
    const key = `studio: run of ${project.id}`;
    const kept = Number(sessionStorage.getItem(key));
    const select = make("select", {}, ...runs.map(({ number }) => new Option(`training ${number}`, number)));
    select.value = runs.some(({ number }) => number === kept) ? kept : runs[0].number;
    const choose = async () => {
      sessionStorage.setItem(key, select.value);
      await this.onChosen(project, runs.find(({ number }) => number === Number(select.value)), this.next());
    };
    select.addEventListener("change", () => attempt(choose));
    this.place.replaceChildren(make("label", {}, "Of ", select));
    this.body.hidden = false;
    await choose();
  }

  /** The step is left: what is still awaited is dropped. */
  leave() {
    this.turn += 1;
  }

  /** Returns a function that tells whether nothing else was chosen since. */
  next() {
    const turn = ++this.turn;
    return () => turn === this.turn;
  }
}
