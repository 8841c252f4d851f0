// The step Report: whether the model is good enough, and what would help most.
import { ChosenRun } from "./chosen_run.js";
export class Report { constructor(section) { this.section = section; this.chosen = new ChosenRun(section, () => {}); } show(project) { return this.chosen.show(project); } }
