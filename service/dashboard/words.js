// The words: the score and threshold of each, and the effect of another threshold on the last hour.

import { attempt, request } from "./api.js";

const DECAY = 0.85; // of a bar per block, so that the eye can follow a short word
const DEBOUNCE = 120; // milliseconds that a slider must rest before a request

export class Words {
  constructor(list, template) {
    this.list = list;
    this.template = template;
    this.rows = new Map();
  }

  get names() {
    return [...this.rows.keys()];
  }

  async load() {
    this.list.replaceChildren();
    this.rows.clear();
    for (const word of await request("api/words")) {
      const row = new Row(this.template, word);
      this.rows.set(word.word, row);
      this.list.append(row.element);
    }
  }

  /** scores: the highest of each word in a block, 0 to 1. */
  show(scores) {
    for (const [word, row] of this.rows) row.show(scores[word] ?? 0);
  }
}

class Row {
  constructor(template, word) {
    this.word = word.word;
    this.settings = word;
    this.height = 0;
    this.moves = 0; // of the slider; the response to an earlier one doesn't move it back
    this.saved = Promise.resolve(); // chain of save requests, in order
    this.element = template.content.firstElementChild.cloneNode(true);
    this.bar = this.element.querySelector(".bar");
    this.slider = this.element.querySelector("input");
    this.whatIf = this.element.querySelector(".what-if");
    this.reset = this.element.querySelector(".reset");
    this.element.querySelector(".name").textContent = word.word;
    this.slider.setAttribute("aria-label", `Threshold of ${word.word}`);
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
      const path = `api/words/${encodeURIComponent(this.word)}/what-if?threshold=${threshold}`;
      const answer = await request(path);
      if (threshold !== Number(this.slider.value)) return;
      const events = answer.events === 1 ? "1 event" : `${answer.events} events`;
      this.whatIf.textContent = `${events} in the last ${span(answer.seconds)}; ${answer.now} at the present threshold`;
    }), DEBOUNCE);
  }

  save(threshold) {
    this.moves += 1;
    const { moves } = this;
    this.saved = this.saved.then(() => attempt(async () => {
      const words = await request("api/words", { method: "PATCH", body: { [this.word]: { threshold } } });
      if (moves === this.moves) this.settle(words.find((word) => word.word === this.word));
    }));
    return this.saved;
  }
}

function span(seconds) {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
