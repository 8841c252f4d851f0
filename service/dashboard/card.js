// The card of a model: what it is, how it was made, and how well it hears.

import { chart } from "./chart.js";

function make(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  made.dir = "auto";
  return made;
}

/** Returns the nodes of a card, as the service tells it. */
export function cardOf({ rows, words }) {
  const list = document.createElement("dl");
  list.append(...rows.flatMap(({ title, text }) => [make("dt", title), make("dd", text)]));
  return [list, ...words.flatMap(drawn)];
}

/** The trade-off of a word, if there is one. */
function drawn({ word, misses, per_hour: rate, curve }) {
  if (misses === null || rate === null || curve.length < 2) return [];
  const told = `Misses of ${word} over false accepts an hour, at each threshold. At the one that it was measured at `
    + `${(100 * misses).toFixed(1)} % and ${rate.toFixed(2)} an hour.`;
  return [make("h3", word), chart(told, curve, { misses, per_hour: rate })];
}
