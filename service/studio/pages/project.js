// The project that the page shows, and its runs: what the service has stored is the truth, so a reload loses nothing.

import { request } from "../api.js";

/** What a recording may be of, beside a phrase, and how people are told. */
export const LABELS = { _unknown_: "something else", _background_noise_: "the room, nobody speaks" };
/** The speaker of clips that a model took for a phrase, as the service files them. */
export const FALSE_ACCEPTS = "false accepts";
const ENDED = new Set(["done", "failed", "cancelled"]);

/** Returns the path of a project's part in the API. */
export function path(id, ...parts) {
  return ["api/studio/projects", id, ...parts].map((part, at) => (at ? encodeURIComponent(part) : part)).join("/");
}

export class Project {
  static async open(id) {
    return new Project(await request(path(id)));
  }

  constructor(content) {
    this.content = content;
    this.saved = Promise.resolve(); // chain of save requests, in order
  }

  get id() {
    return this.content.id;
  }

  get phrases() {
    return this.content.phrases;
  }

  get name() {
    return this.phrases.join(", ");
  }

  path(...parts) {
    return path(this.id, ...parts);
  }

  /** Stores other values of some fields, after what was to be stored before. Resolves when that is done, rejects if they are
      refused.

      changes: returns them when it is their turn. What other pages have added to a list, or taken from it, since this page has
      read it stays so. onOthers: called with that, {added, gone} by field. */
  save(changes, onOthers = () => {}) {
    const save = async () => {
      const stored = await request(this.path());
      const [body, others] = [changes(), {}];
      for (const [name, wanted] of Object.entries(body).filter(([, value]) => Array.isArray(value))) {
        const known = this.content[name];
        const [added, gone] = [without(stored[name], [...known, ...wanted]), without(known, stored[name])];
        body[name] = [...without(wanted, gone), ...added];
        if (added.length || gone.length) others[name] = { added, gone };
      }
      this.content = await request(this.path(), { method: "PUT", body });
      onOthers(others);
    };
    const done = this.saved.then(save);
    this.saved = done.catch(() => {});
    return done;
  }

  async runs() {
    return (await request(this.path("runs"))).sort((one, other) => other.number - one.number);
  }

  /** The runs that left a model, latest first. */
  async models() {
    return (await this.runs()).filter(({ state }) => state === "done");
  }
}

function without(list, others) {
  return list.filter((each) => !others.includes(each));
}

/** Whether nothing more will happen in a run of this state. */
export function hasEnded(state) {
  return ENDED.has(state);
}
