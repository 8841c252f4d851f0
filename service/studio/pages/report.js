// The step Report: whether the model is good enough and what would help most, and under it what that is taken from.

import { address, request } from "../api.js";
import { chart } from "../chart.js";
import { ChosenRun } from "./chosen_run.js";
import { button, make, play, span, spoken } from "./make.js";

const ENGINE = "espeak-ng"; // speaks every language
const KINDS = { voice: "Misses by voice", speaker: "Misses by speaker", noise: "Misses by noise" };

export class Report {
  constructor(section) {
    this.body = section.querySelector(".body");
    this.chosen = new ChosenRun(section, (...chosen) => this.open(...chosen));
    section.querySelector("#print").addEventListener("click", () => print());
  }

  show(project) {
    return this.chosen.show(project);
  }

  leave() {
    this.chosen.leave();
  }

  async open(project, run, current) {
    this.body.replaceChildren();
    const report = await request(project.path("runs", String(run.number), "report"));
    if (!current()) return;
    this.project = project;
    const { good, verdict, help, rule, words, negatives, filed, before } = report;
    this.body.replaceChildren(
      make("p", { class: `verdict ${good ? "good" : "bad"}` }, verdict),
      help ? make("p", {}, help) : "",
      make("p", { class: "hint" }, rule),
      ...words.flatMap((word) => this.word(word, report, before?.words.find((each) => each.word === word.word))),
      ...beside(negatives),
      ...ofFiled(filed),
      ...since(before),
    );
  }

  word({ word, threshold, misses, false_accepts: accepts, curve, by, nearest }, { hours, hours_of: of, before }, last) {
    const known = misses.share !== null && accepts.per_hour !== null;
    const own = { misses: misses.share, per_hour: accepts.per_hour };
    return [
      make("h3", {}, spoken(word)),
      make("p", {}, `At the threshold ${threshold.toFixed(2)}: `, missed(misses), "; ", accepts.per_hour === null ? "nothing tells its false accepts" : raised("it", accepts, hours, of), ".",
        last ? ` In training ${before.number}: ${percent(last.misses)} missed, ${rate(last.per_hour)}.` : ""),
      known && curve.length > 1 ? chart(
        `Misses over false accepts an hour, at each threshold. At the chosen one ${percent(own.misses)} and ${rate(own.per_hour)}.`,
        curve, own, last?.curve,
      ) : "",
      ...Object.entries(KINDS).flatMap(([kind, title]) => table(title, by[kind])),
      ...this.near(nearest),
    ];
  }

  /** The words that come nearest, each to be heard. */
  near(nearest) {
    if (nearest.length === 0) return [];
    const query = (text) => new URLSearchParams({ phrase: text, engine: ENGINE, language: this.project.content.language });
    return [
      make("h4", {}, "What comes nearest"),
      make("ul", { class: "rows" }, ...nearest.map(({ text, score }) => make("li", { class: "line" },
        button("Hear", () => play(address(`api/studio/speech?${query(text)}`)), `Hear ${text}`),
        make("span", { class: "grow" }, spoken(text)), make("span", { class: "faint figure" }, score.toFixed(2))))),
    ];
  }
}

function percent(share) {
  return share === null ? "an unknown share" : `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function rate(perHour) {
  return perHour === null ? "no false accepts measured" : `${perHour.toFixed(2)} false accepts an hour`;
}

function missed({ share, count, of, low, high }) {
  if (share === null) return "no clip was kept from training to tell its misses by";
  return `it missed ${count} of ${of} clips, ${percent(share)} (95 % interval ${percent(low)} to ${percent(high)})`;
}

/** Tells how often a phrase was raised by mistake. phrase: what the sentence calls it. perHour: not null. */
function raised(phrase, { count, per_hour: perHour, low, high }, hours, of) {
  const times = count === 1 ? "once" : `${count} times`;
  return `${phrase} was raised ${times} in ${span(3600 * hours)} of ${of}, ${rate(perHour)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

/** What the project's own recordings without the phrase tell. */
function beside(negatives) {
  if (!negatives) return [];
  const { before, hours, hours_of: of, per_hour: perHour } = negatives;
  const told = perHour === null ? "They tell no false accepts: a phrase is said in all of them" : raised("A phrase", negatives, hours, of);
  const then = before && perHour !== null ? ` The model of training ${before.number}, in the same recordings: ${rate(before.per_hour)}.` : "";
  return [make("h3", {}, "Your recordings without the phrase"), make("p", {}, `${told}.${then}`)];
}

/** What has become of false accepts that were filed. */
function ofFiled(filed) {
  if (!filed) return [];
  const { trained, kept, before } = filed;
  const of = ({ count, of: all }) => `${count} of ${all}`;
  const parts = [
    trained.of > 0 && `${of(trained)} that it was trained on`,
    kept.of > 0 && `${of(kept)} that were kept from training (95 % interval ${percent(kept.low)} to ${percent(kept.high)})`,
  ].filter(Boolean);
  const then = [trained.of > 0 && before?.trained, kept.of > 0 && before?.kept].filter((count) => Number.isInteger(count));
  return [
    make("h3", {}, "False accepts that you filed"),
    make("p", {}, `Their clips still wake it: ${parts.join(", ")}.`, before ? ` They woke the model of training ${before.number}: ${then.join(" and ")}.` : ""),
  ];
}

/** What has changed since the training before. */
function since(before) {
  if (!before?.changes?.length) return [];
  return [make("h3", {}, `Since training ${before.number}`), make("ul", {}, ...before.changes.map((line) => make("li", {}, line)))];
}

function table(title, rows) {
  if (rows.length === 0) return [];
  const worst = [...rows].sort((one, other) => other.misses - one.misses);
  const cell = (tag, text, rest = {}) => make(tag, rest, text);
  return [
    make("h4", {}, title),
    make("table", { "aria-label": title },
      make("thead", {}, make("tr", {}, cell("th", "of", { scope: "col" }), cell("th", "missed", { scope: "col" }), cell("th", "clips", { scope: "col" }))),
      make("tbody", {}, ...worst.map(({ name, misses, of }) => make("tr", {},
        cell("td", spoken(name)), cell("td", percent(misses), { class: "figure" }), cell("td", String(of), { class: "figure" }))))),
  ];
}
