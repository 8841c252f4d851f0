// Phrases of a project that are typed, a row for each. Each is stored as it is typed, beside those of other pages.

import { attempt } from "../api.js";
import { PhraseRow } from "./phrase_row.js";

export class PhraseRows {
  /** list: the element that gets the rows. field: of the project, the list of the phrases. said: returns the pronunciations of
      a phrase; null: they have none. changes: returns what is stored of rows. onStored: called after that. */
  constructor(list, project, field, { said = null, changes, onStored = () => {} }) {
    Object.assign(this, { list, project, field, said, changes, onStored, all: [] });
    list.replaceChildren();
    for (const phrase of project.content[field]) this.add(phrase);
  }

  /** Whether something that is typed isn't stored. */
  get unsent() {
    return this.all.some((row) => row.unsent);
  }

  add(phrase) {
    const row = new PhraseRow(phrase, {
      said: this.said?.(phrase) ?? null,
      language: () => this.project.content.language,
      onChange: () => this.store(),
      onRemove: () => this.remove(row),
    });
    this.all.push(row);
    this.list.append(row.element);
    return row;
  }

  /** Takes a row away. If that is refused, it comes back. */
  async remove(row) {
    const at = this.all.indexOf(row);
    this.takeAway(row);
    (this.all[at] ?? this.all[at - 1])?.focus();
    try {
      await this.store();
    } catch (error) {
      this.all.splice(at, 0, row);
      this.list.insertBefore(row.element, this.all[at + 1]?.element ?? null);
      row.focus();
      throw error;
    }
  }

  takeAway(row) {
    this.all.splice(this.all.indexOf(row), 1);
    row.element.remove();
  }

  /** Stores now what was to be stored when nobody types any more. */
  flush() {
    if (this.unsent) attempt(() => this.store());
  }

  async store() {
    let given;
    await this.project.save(() => {
      given = this.all.map((row) => [row, row.typed]);
      return this.changes(this.all.filter(({ phrase }) => phrase));
    }, (others) => {
      for (const [row, typed] of given) row.stored = typed;
      this.follow(others);
    });
    await Promise.all([this.advise(), this.onStored()]);
  }

  advise() {
    return Promise.all(this.all.map((row) => row.advise()));
  }

  /** Shows what other pages have changed. */
  follow(others) {
    const { added, gone } = others[this.field] ?? { added: [], gone: [] };
    for (const row of this.all.filter(({ phrase }) => gone.includes(phrase))) this.takeAway(row);
    for (const phrase of added) this.add(phrase);
    if (others.say) for (const row of this.all) row.tell(this.said(row.phrase));
  }
}
