// The words: the score and threshold of each, and the effect of another threshold on the last hour.

import { attempt, request } from "./api.js";

const DECAY = 0.85; // of a bar per block, so that the eye can follow a short word
const DEBOUNCE = 120; // milliseconds that a slider must rest before a request

export class Words {
  constructor(list, template) {
    this.list = list;
    this.template = template;
    this.rows = [];
    this.all = []; // the words, each with the name that tells it from other models' words
  }

  /** The words, each once, however many models have it. */
  get distinct() {
    return [...new Set(this.all.map(({ word }) => word))];
  }

  get severalModels() {
    return new Set(this.all.map(({ model }) => model)).size > 1;
  }

  async load() {
    this.all = named(await request("api/words"));
    this.rows = this.all.map((word) => new Row(this.template, word, this.severalModels));
    this.list.replaceChildren(...this.rows.map((row) => row.element));
  }

  /** scores: the highest of each word in a block, 0 to 1. model_scores: the same by model, if there are several. */
  show({ scores, model_scores: byModel }) {
    for (const row of this.rows) row.show((byModel ? byModel[row.model] : scores)?.[row.word] ?? 0);
  }
}

/** Adds to each word its name and whether several models have it. */
function named(words) {
  return words.map((word) => {
    const shared = words.filter((other) => other.word === word.word).length > 1;
    return { ...word, shared, name: shared ? `${word.word} (${word.model})` : word.word };
  });
}

class Row {
  /** showModel: whether other models listen too. */
  constructor(template, word, showModel) {
    this.word = word.word;
    this.model = word.model;
    this.which = showModel ? { model: word.model } : {}; // parameters of requests
    this.settings = word;
    this.height = 0;
    this.moves = 0; // of the slider; the response to an earlier one doesn't move it back
    this.saved = Promise.resolve(); // chain of save requests, in order
    this.element = template.content.firstElementChild.cloneNode(true);
    this.bar = this.element.querySelector(".bar");
    this.slider = this.element.querySelector("input");
    this.whatIf = this.element.querySelector(".what-if");
    this.reset = this.element.querySelector(".reset");
    this.element.querySelector(".spoken").textContent = word.word;
    if (showModel) this.element.querySelector(".of").textContent = word.then ? `${word.model}, after a word` : word.model;
    this.slider.setAttribute("aria-label", `Threshold of ${word.name}`);
    this.slider.addEventListener("input", () => this.preview());
    this.slider.addEventListener("change", () => this.save(Number(this.slider.value)));
    this.reset.addEventListener("click", () => this.save(null));
    this.settle(word);
  }

  settle(word) {
    this.settings = word;
    this.slider.value = word.threshold;
    this.reset.hidden = word.threshold === word.model_threshold;
    this.describe(word.threshold);
  }

  describe(threshold) {
    this.element.querySelector(".threshold").textContent = `≥ ${threshold.toFixed(2)}`;
  }

  show(score) {
    this.height = Math.max(score, this.height * DECAY);
    this.bar.style.width = `${(100 * this.height).toFixed(1)}%`;
    this.element.querySelector(".score").textContent = score.toFixed(2);
    this.element.classList.toggle("above", this.height >= Number(this.slider.value));
  }

  /** Shows the effect of the slider's threshold on the last hour. */
  preview() {
    const threshold = Number(this.slider.value);
    this.moves += 1;
    this.describe(threshold);
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => attempt(async () => {
      const query = new URLSearchParams({ threshold, ...this.which });
      const answer = await request(`api/words/${encodeURIComponent(this.word)}/what-if?${query}`);
      if (threshold !== Number(this.slider.value)) return;
      const events = answer.events === 1 ? "1 event" : `${answer.events} events`;
      this.whatIf.textContent = `${events} in the last ${span(answer.seconds)}; ${answer.now} at the present threshold`;
    }), DEBOUNCE);
  }

  save(threshold) {
    this.moves += 1;
    const { moves } = this;
    this.saved = this.saved.then(() => attempt(async () => {
      const query = String(new URLSearchParams(this.which));
      const path = query ? `api/words?${query}` : "api/words";
      const words = await request(path, { method: "PATCH", body: { [this.word]: { threshold } } });
      const mine = words.find(({ word, model }) => word === this.word && model === this.model);
      if (mine && moves === this.moves) this.settle(mine);
    }));
    return this.saved;
  }
}

function span(seconds) {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
