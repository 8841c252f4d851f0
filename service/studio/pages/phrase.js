// The step Phrase: what wakes the model, how it is said, and what is to be known before an hour is spent.

import { attempt, request } from "../api.js";
import { option } from "../names.js";
import { make } from "./make.js";
import { PhraseRow } from "./phrase_row.js";

export class Phrase {
  constructor(section) {
    this.list = section.querySelector("#phrases");
    this.language = section.querySelector("#language");
    this.advice = section.querySelector("#phrase-advice");
    this.rows = [];
    section.querySelector(".another").addEventListener("click", () => this.add("").focus());
    this.language.addEventListener("change", () => attempt(() => this.save()));
  }

  async show(project) {
    if (this.language.options.length === 1) {
      const languages = await request("api/studio/languages");
      this.language.append(...languages.map(({ code, name }) => option(name, code)));
    }
    this.project = project;
    this.language.value = project.content.language;
    this.rows = [];
    this.list.replaceChildren();
    for (const phrase of project.phrases) this.add(phrase);
    await this.adviseTogether();
  }

  add(phrase) {
    const said = this.project.content.say.filter((pair) => pair.startsWith(`${phrase}=`)).map((pair) => pair.slice(phrase.length + 1));
    const row = new PhraseRow(phrase, {
      said,
      language: () => this.language.value,
      onChange: () => this.save(),
      onRemove: () => this.remove(row),
    });
    this.rows.push(row);
    this.list.append(row.element);
    return row;
  }

  async remove(row) {
    this.rows = this.rows.filter((each) => each !== row);
    row.element.remove();
    await this.save();
  }

  async save() {
    const rows = this.rows.filter((row) => row.phrase);
    const phrases = rows.map((row) => row.phrase);
    const whole = (pair) => phrases.some((phrase) => pair.startsWith(`${phrase}=`));
    // Words of a phrase may have a pronunciation of their own, which the terminal gives; they stay while their word does.
    const words = phrases.flatMap((phrase) => phrase.split(" "));
    const others = this.project.content.say.filter((pair) => !whole(pair) && words.some((word) => pair.startsWith(`${word}=`)));
    await this.project.save({
      phrases,
      language: this.language.value,
      say: [...rows.flatMap((row) => row.said.map((how) => `${row.phrase}=${how}`)), ...others],
    });
    document.querySelector("#project-name").textContent = this.project.name;
    await Promise.all([...this.rows.map((row) => row.advise()), this.adviseTogether()]);
  }

  /** Shows what speaks against these phrases beside each other; what speaks against one alone is in its row. */
  async adviseTogether() {
    const { project, language } = this;
    const query = new URLSearchParams(project.phrases.map((phrase) => ["phrase", phrase]));
    query.set("language", language.value);
    const { warnings, problem } = project.phrases.length > 1 ? await request(`api/studio/advice?${query}`) : { warnings: [] };
    if (project !== this.project) return;
    const lines = [problem, ...warnings.filter(({ kind }) => kind === "holds").map(({ text }) => text)].filter(Boolean);
    this.advice.replaceChildren(...lines.map((line) => make("li", {}, line)));
  }
}
