// A phrase that is typed: its phonemes, how it sounds in each voice, and advice on it.

import { address, attempt, request } from "../api.js";
import { button, make, play, quietly } from "./make.js";

const REST = 600; // milliseconds without a key, after which what is typed is stored
const LANGUAGES = new Intl.DisplayNames(["en"], { type: "language" });
let rows = 0;

export class PhraseRow {
  /** said: pronunciations, or null if the row has none to give. language: returns a code, or "". onChange: stores what was
      typed. onRemove: takes the row away. */
  constructor(phrase, { said, language, onChange, onRemove }) {
    this.language = language;
    this.onChange = onChange;
    const id = `phrase-${++rows}`;
    const entered = ({ key, isComposing }) => { if (key === "Enter" && !isComposing) this.store(); };
    const typed = {
      autocomplete: "off", spellcheck: false, dir: "auto", maxLength: 200, input: () => this.rest(), change: () => this.store(), keydown: entered,
    };
    this.text = make("input", { ...typed, id, value: phrase });
    this.how = said && make("input", { ...typed, id: `${id}-how`, value: said.join(", ") });
    this.phonemes = make("span", { class: "phonemes", lang: "und-fonipa" });
    this.taken = make("span", { class: "hint" });
    this.voices = make("span", { class: "line" });
    this.advice = make("ul", { class: "warnings", role: "list" });
    this.element = make("li", {},
      make("div", { class: "line" },
        make("label", { htmlFor: id }, "Phrase"), this.text, this.phonemes, this.taken,
        button("Remove", onRemove, `Remove this phrase`)),
      this.how && make("div", { class: "line" },
        make("label", { htmlFor: `${id}-how` }, "Said as"), this.how,
        make("span", { class: "hint" }, "if not as it is spelt: “win”, or phonemes, “/wɪn/”")),
      this.voices, this.advice);
    this.stored = this.typed; // what was typed when it was stored
    quietly(() => this.advise());
  }

  get phrase() {
    return this.text.value.trim().replace(/\s+/g, " ");
  }

  get said() {
    return this.how ? this.how.value.split(",").map((how) => how.trim()).filter(Boolean) : [];
  }

  get typed() {
    return [this.phrase, ...this.said].join("\n");
  }

  /** Whether what is typed isn't stored. */
  get unsent() {
    return this.typed !== this.stored;
  }

  /** Shows how it is said by another page, unless it is being typed here. */
  tell(said) {
    if (this.unsent) return;
    this.how.value = said.join(", ");
    this.stored = this.typed;
  }

  focus() {
    this.text.focus();
  }

  rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.store(), REST);
  }

  store() {
    clearTimeout(this.resting);
    if (this.unsent) attempt(this.onChange);
  }

  get query() {
    const query = new URLSearchParams({ phrase: this.phrase });
    if (this.language()) query.set("language", this.language());
    for (const how of this.said) query.append("say", `${this.phrase}=${how}`);
    return query;
  }

  /** Shows the advice on what is typed; that on what was typed before is dropped. */
  async advise() {
    const asked = String(this.query);
    if (!this.phrase) return this.show({});
    const advice = await request(`api/studio/advice?${asked}`);
    if (asked === String(this.query)) this.show(advice);
    return undefined;
  }

  show({ phonemes = "", language = "", engines = [], warnings = [], problem = null }) {
    this.phonemes.textContent = phonemes ? `/${phonemes.replaceAll("/", "")}/` : "";
    // Of a phrase whose language nobody has chosen.
    this.taken.textContent = language && !this.language() ? `in ${LANGUAGES.of(language)}` : "";
    this.voices.replaceChildren(...engines.map((engine) => button(`Hear ${engine}`, () => this.hear(engine), `Hear ${this.phrase} by ${engine}`)));
    const lines = warnings.map(({ text }) => make("li", {}, text));
    if (problem) lines.unshift(make("li", { class: "bad" }, problem));
    this.advice.replaceChildren(...lines);
    this.advice.hidden = lines.length === 0;
  }

  hear(engine) {
    const { query } = this;
    query.set("engine", engine);
    return play(address(`api/studio/speech?${query}`));
  }
}
