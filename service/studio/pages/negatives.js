// The step Negatives: phrases that voices speak and the model refuses, long recordings, verdicts of the service, and clips
// that wait in the inbox.

import { address, attempt, remove, request } from "../api.js";
import { option } from "../names.js";
import { Heard } from "./heard.js";
import { button, make, onFiles, play, say, size, span, sure } from "./make.js";
import { PhraseRows } from "./phrase_rows.js";
import { send, sendAll } from "./upload.js";
import { Verdicts } from "./verdicts.js";

export class Negatives {
  constructor(section) {
    const at = (selector) => section.querySelector(selector);
    Object.assign(this, {
      refused: at("#refused"), list: at("#negative-list"), errors: at("#negative-errors"), inbox: at("#inbox"), empty: at("#inbox-empty"),
    });
    this.heard = new Heard(at("#heard"));
    this.verdicts = new Verdicts(section);
    at(".another").addEventListener("click", () => this.rows.add("").focus());
    onFiles(at(".drop-zone"), (files) => attempt(() => this.add(files)));
  }

  async show(project) {
    if (this.project !== project) for (const list of [this.list, this.inbox, this.errors]) list.replaceChildren();
    if (this.project !== project || !this.unsent) { // what could not be stored is still there to be sent again
      this.project = project;
      this.rows = new PhraseRows(this.refused, project, "refused", { changes: (rows) => ({ refused: rows.map(({ phrase }) => phrase) }) });
    }
    await Promise.all([this.listRecordings(), this.heard.show(project), this.verdicts.show(project), this.listInbox()]);
  }

  /** Whether a reload would lose something. */
  get unsent() {
    return Boolean(this.rows?.unsent);
  }

  leave() {
    this.rows.flush();
    this.heard.leave();
  }

  async listRecordings() {
    const { project } = this;
    const asked = this.recordings = request(project.path("negatives"));
    const recordings = await asked;
    if (asked === this.recordings) this.list.replaceChildren(...recordings.map((recording) => this.recording(recording, project)));
  }

  recording({ name, seconds, bytes }, project) {
    const gone = async () => {
      if (!await sure(`Delete ${name}?`, "The recording is deleted on this computer.")) return;
      await remove(project.path("negatives", name));
      await Promise.all([this.listRecordings(), this.heard.look()]);
      say(`${name} is deleted.`);
    };
    const facts = [seconds != null && span(seconds), bytes != null && size(bytes)].filter(Boolean).join(", ");
    return make("li", { class: "line" },
      make("span", { class: "grow", dir: "auto" }, name), make("span", { class: "faint figure" }, facts),
      button("Delete", gone, `Delete ${name}`));
  }

  async add(files) {
    const { project } = this;
    await sendAll(files, this.errors, (file) => send(project.path("negatives"), { name: file.name }, file));
    if (project === this.project) await Promise.all([this.listRecordings(), this.heard.look()]);
  }

  async listInbox() {
    const { project } = this;
    const asked = this.clips = request("api/studio/inbox");
    const clips = await asked;
    if (asked !== this.clips) return;
    this.inbox.replaceChildren(...clips.map((clip) => this.clip(clip, project)));
    this.empty.hidden = clips.length > 0;
  }

  clip({ id, name, seconds, source, at }, project) {
    const path = `api/studio/inbox/${encodeURIComponent(id)}`;
    const told = [source || name || id, at && new Date(1000 * at).toLocaleString(), seconds != null && span(seconds)].filter(Boolean).join(", ");
    const file = async (label) => {
      await request(`${path}/file`, { method: "POST", body: { project: project.id, label } });
      gone("The clip is among the takes.");
    };
    const gone = (told) => {
      const next = line.nextElementSibling ?? line.previousElementSibling;
      const focused = line.contains(document.activeElement);
      line.remove();
      this.empty.hidden = this.inbox.children.length > 0;
      if (focused) (next?.querySelector("button") ?? document.querySelector("#negatives-title")).focus();
      say(told);
    };
    const which = make("select", { "aria-label": `The phrase of ${told}` }, ...project.phrases.map((phrase) => option(phrase)));
    const line = make("li", { class: "line" },
      button("Play", () => play(address(`${path}/audio`)), `Play ${told}`),
      make("span", { class: "grow", dir: "auto" }, told),
      which,
      button("It is the phrase", () => file(which.value), `${told} is the phrase`),
      button("It isn't", () => file("_unknown_"), `${told} isn't the phrase`),
      button("Throw away", async () => {
        await remove(path);
        gone("The clip is thrown away.");
      }, `Throw away ${told}`));
    return line;
  }
}
