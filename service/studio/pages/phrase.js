// The step Phrase: what wakes the model, how it is said, and what is to be known before an hour is spent.

import { attempt, request } from "../api.js";
import { choose, option } from "../names.js";
import { make } from "./make.js";
import { PhraseRows } from "./phrase_rows.js";

export class Phrase {
  constructor(section) {
    this.list = section.querySelector("#phrases");
    this.language = section.querySelector("#language");
    this.advice = section.querySelector("#phrase-advice");
    section.querySelector(".another").addEventListener("click", () => this.rows.add("").focus());
    this.language.addEventListener("change", () => attempt(() => this.saveLanguage()));
  }

  /** Whether a reload would lose something. */
  get unsent() {
    return Boolean(this.rows?.unsent);
  }

  async show(project) {
    if (this.project !== project || !this.unsent) { // what could not be stored is still there to be sent again
      this.project = project;
      this.rows = new PhraseRows(this.list, project, "phrases", {
        said: (phrase) => pronunciations(project, phrase),
        changes: (rows) => changes(project, rows),
        onStored: () => this.stored(project),
      });
    }
    await Promise.all([this.showLanguage(), this.adviseTogether()]);
  }

  leave() {
    this.rows.flush();
  }

  async showLanguage() {
    const { project } = this;
    this.languages ??= await request("api/studio/languages");
    if (project !== this.project) return;
    const kept = this.language.options[0];
    this.language.replaceChildren(kept, ...this.languages.map(({ code, name }) => option(name, code)));
    choose(this.language, project.content.language);
  }

  async saveLanguage() {
    const { project, rows, language: { value: language } } = this;
    try {
      await project.save(() => ({ language }));
    } catch (error) {
      if (project === this.project) choose(this.language, project.content.language);
      throw error;
    }
    await Promise.all([rows.advise(), this.adviseTogether()]);
  }

  async stored(project) {
    if (project !== this.project) return;
    document.querySelector("#project-name").textContent = project.name;
    await this.adviseTogether();
  }

  /** Shows what speaks against these phrases beside each other; what speaks against one alone is in its row. */
  async adviseTogether() {
    const { content: { phrases, language } } = this.project;
    const query = new URLSearchParams(phrases.map((phrase) => ["phrase", phrase]));
    query.set("language", language);
    this.asked = String(query);
    const { warnings, problem } = phrases.length > 1 ? await request(`api/studio/advice?${query}`) : { warnings: [] };
    if (this.asked !== String(query)) return;
    const lines = [problem, ...warnings.filter(({ kind }) => kind === "holds").map(({ text }) => text)].filter(Boolean);
    this.advice.replaceChildren(...lines.map((line) => make("li", {}, line)));
  }
}

function pronunciations({ content: { say } }, phrase) {
  return say.filter((pair) => pair.startsWith(`${phrase}=`)).map((pair) => pair.slice(phrase.length + 1));
}

function changes({ content }, rows) {
  const phrases = rows.map(({ phrase }) => phrase);
  const whole = (pair) => phrases.some((phrase) => pair.startsWith(`${phrase}=`));
  // Words of a phrase may have a pronunciation of their own, which the terminal gives; they stay while their word does.
  const words = phrases.flatMap((phrase) => phrase.split(" "));
  const others = content.say.filter((pair) => !whole(pair) && words.some((word) => pair.startsWith(`${word}=`)));
  return { phrases, say: [...rows.flatMap(({ phrase, said }) => said.map((how) => `${phrase}=${how}`)), ...others] };
}
