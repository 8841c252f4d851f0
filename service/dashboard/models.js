// The models: which listen always, which after a word of those, and which not.

import { attempt, request } from "./api.js";
import { cardOf } from "./card.js";
import { listed } from "./names.js";

export class Models {
  /** onChange: called after other models were chosen. */
  constructor(list, template, onChange) {
    this.list = list;
    this.template = template;
    this.onChange = onChange;
    this.selects = new Map(); // by model
  }

  async load() {
    this.show(await request("api/models"));
  }

  show(models) {
    this.selects.clear();
    this.list.replaceChildren(...models.map((model) => this.row(model)));
  }

  row({ id, active, then, words, problem }) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    const select = row.querySelector("select");
    row.querySelector(".name").textContent = id;
    row.querySelector(".words").replaceChildren(...(problem === null ? listed(words) : [problem]));
    select.setAttribute("aria-label", `When ${id} listens`);
    select.value = (active && "always") || (then && "then") || "off";
    select.disabled = problem !== null && select.value === "off";
    select.addEventListener("change", () => attempt(() => this.choose(id)));
    const [button, card] = [row.querySelector(".show-card"), row.querySelector(".card")];
    button.setAttribute("aria-label", `Card of ${id}`);
    button.hidden = problem !== null;
    button.addEventListener("click", () => attempt(async () => {
      if (card.hidden) card.replaceChildren(...cardOf(await request(`api/models/${encodeURIComponent(id)}/card`)));
      card.hidden = !card.hidden;
      button.setAttribute("aria-expanded", String(!card.hidden));
    }));
    this.selects.set(id, select);
    return row;
  }

  /** Sends the choice. If it is refused, shows the one before. id: of the model that the user has changed. */
  async choose(id) {
    const chosen = (value) => [...this.selects].filter(([, select]) => select.value === value).map(([model]) => model);
    try {
      this.show(await request("api/models/active", {
        method: "PUT", body: { models: chosen("always"), then: chosen("then") },
      }));
    } catch (error) {
      await this.load();
      throw error;
    } finally {
      this.selects.get(id)?.focus(); // the rows are new
    }
    await this.onChange();
  }
}
