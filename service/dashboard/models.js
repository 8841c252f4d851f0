// The models: which listen always, which after a word of those, and which not.

import { inTurn, request, single } from "./api.js";
import { cardOf } from "./card.js";
import { listed } from "./names.js";

export class Models {
  /** onChange: called after other models were chosen. */
  constructor(list, template, onChange) {
    this.list = list;
    this.template = template;
    this.onChange = onChange;
    this.selects = new Map(); // by model
    this.choosing = inTurn();
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
    select.value = when({ active, then });
    select.disabled = problem !== null && select.value === "off";
    select.addEventListener("change", () => {
      const { value } = select;
      this.choosing(() => this.choose(id, value));
    });
    const [button, card] = [row.querySelector(".show-card"), row.querySelector(".card")];
    button.setAttribute("aria-label", `Card of ${id}`);
    button.hidden = problem !== null;
    button.addEventListener("click", single(async () => {
      if (card.hidden) card.replaceChildren(...cardOf(await request(`api/models/${encodeURIComponent(id)}/card`)));
      card.hidden = !card.hidden;
      button.setAttribute("aria-expanded", String(!card.hidden));
    }));
    this.selects.set(id, select);
    return row;
  }

  /** Sends the choice for a model; the others stay as they are, whoever has chosen that. If it is refused, shows the one before. */
  async choose(id, value) {
    try {
      const models = await request("api/models");
      const chosen = (wanted) => models.filter((model) => (model.id === id ? value : when(model)) === wanted).map((model) => model.id);
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

/** Returns when a model listens, as its select has it. */
function when({ active, then }) {
  return (active && "always") || (then && "then") || "off";
}
