// The step Negatives: phrases that voices speak and the model refuses, long recordings, verdicts of the service, and clips
// that wait in the inbox.

import { address, attempt, request } from "../api.js";
import { option } from "../names.js";
import { Heard } from "./heard.js";
import { button, make, onFiles, play, say, size, span, sure } from "./make.js";
import { PhraseRow } from "./phrase_row.js";
import { send, sendAll } from "./upload.js";
import { Verdicts } from "./verdicts.js";

export class Negatives {
  constructor(section) {
    const at = (selector) => section.querySelector(selector);
    Object.assign(this, {
      refused: at("#refused"), list: at("#negative-list"), errors: at("#negative-errors"), inbox: at("#inbox"), empty: at("#inbox-empty"),
    });
    this.rows = [];
    this.heard = new Heard(at("#heard"));
    this.verdicts = new Verdicts(section);
    at(".another").addEventListener("click", () => this.addPhrase("").focus());
    onFiles(at(".drop-zone"), (files) => attempt(() => this.add(files)));
  }

  async show(project) {
    this.project = project;
    this.rows = [];
    this.refused.replaceChildren();
    for (const phrase of project.content.refused) this.addPhrase(phrase);
    await Promise.all([this.listRecordings(), this.heard.show(project), this.verdicts.show(project), this.listInbox()]);
  }

  leave() {
    this.heard.leave();
  }

  addPhrase(phrase) {
    const row = new PhraseRow(phrase, {
      said: null,
      language: () => this.project.content.language,
      onChange: () => this.save(),
      onRemove: () => {
        this.rows = this.rows.filter((each) => each !== row);
        row.element.remove();
        return this.save();
      },
    });
    this.rows.push(row);
    this.refused.append(row.element);
    return row;
  }

  async save() {
    await this.project.save({ refused: this.rows.map((row) => row.phrase).filter(Boolean) });
    await Promise.all(this.rows.map((row) => row.advise()));
  }

  async listRecordings() {
    const recordings = await request(this.project.path("negatives"));
    this.list.replaceChildren(...recordings.map((recording) => this.recording(recording)));
  }

  recording({ name, seconds, bytes }) {
    const remove = async () => {
      if (!await sure(`Delete ${name}?`, "The recording is deleted on this computer.")) return;
      await request(this.project.path("negatives", name), { method: "DELETE" });
      await Promise.all([this.listRecordings(), this.heard.look()]);
      say(`${name} is deleted.`);
    };
    const facts = [seconds != null && span(seconds), bytes != null && size(bytes)].filter(Boolean).join(", ");
    return make("li", { class: "line" },
      make("span", { class: "grow", dir: "auto" }, name), make("span", { class: "faint figure" }, facts),
      button("Delete", () => attempt(remove), `Delete ${name}`));
  }

  async add(files) {
    const { project } = this;
    await sendAll(files, this.errors, (file) => send(project.path("negatives"), { name: file.name }, file));
    if (project === this.project) await Promise.all([this.listRecordings(), this.heard.look()]);
  }

  async listInbox() {
    const clips = await request("api/studio/inbox");
    this.inbox.replaceChildren(...clips.map((clip) => this.clip(clip)));
    this.empty.hidden = clips.length > 0;
  }

  clip({ id, name, seconds, source, at }) {
    const path = `api/studio/inbox/${encodeURIComponent(id)}`;
    const told = [source ?? name ?? id, at && new Date(1000 * at).toLocaleString(), seconds != null && span(seconds)].filter(Boolean).join(", ");
    const gone = async (line) => {
      await this.listInbox();
      say(line);
    };
    const file = async (label) => {
      await request(`${path}/file`, { method: "POST", body: { project: this.project.id, label } });
      await gone("The clip is among the takes.");
    };
    const which = make("select", { "aria-label": `The phrase of ${told}` }, ...this.project.phrases.map((phrase) => option(phrase)));
    return make("li", { class: "line" },
      button("Play", () => attempt(() => play(address(`${path}/audio`))), `Play ${told}`),
      make("span", { class: "grow", dir: "auto" }, told),
      which,
      button("It is the phrase", () => attempt(() => file(which.value)), `${told} is the phrase`),
      button("It isn't", () => attempt(() => file("_unknown_")), `${told} isn't the phrase`),
      button("Throw away", () => attempt(async () => {
        await request(path, { method: "DELETE" });
        await gone("The clip is thrown away.");
      }), `Throw away ${told}`));
  }
}
