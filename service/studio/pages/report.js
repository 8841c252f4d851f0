// The step Report: whether the model is good enough and what would help most, and under it what that is taken from.

import { address, attempt, request } from "../api.js";
import { chart } from "./chart.js";
import { ChosenRun } from "./chosen_run.js";
import { button, make, play, spoken } from "./make.js";

const ENGINE = "espeak-ng"; // speaks every language
const KINDS = { voice: "Misses by voice", speaker: "Misses by speaker", noise: "Misses by noise" };

export class Report {
  constructor(section) {
    this.body = section.querySelector(".body");
    this.chosen = new ChosenRun(section, (project, run) => this.open(project, run));
    section.querySelector("#print").addEventListener("click", () => print());
  }

  show(project) {
    return this.chosen.show(project);
  }

  async open(project, run) {
    this.body.replaceChildren();
    const report = await request(project.path("runs", String(run.number), "report"));
    this.project = project;
    const { good, verdict, help, rule, words, before } = report;
    this.body.replaceChildren(
      make("p", { class: `verdict ${good ? "good" : "bad"}` }, verdict),
      help ? make("p", {}, help) : "",
      rule ? make("p", { class: "hint" }, rule) : "",
      ...words.flatMap((word) => this.word(word, report, before?.words.find((each) => each.word === word.word))),
    );
  }

  word({ word, threshold, misses, false_accepts: accepts, curve, by, nearest }, { hours, hours_of: of, before }, last) {
    const compared = last ? ` In training ${before.number}: ${percent(last.misses)} and ${rate(last.per_hour)}.` : "";
    return [
      make("h3", {}, spoken(word)),
      make("p", {},
        `At the threshold ${threshold.toFixed(2)} it misses ${percent(misses.share)} of ${misses.of} clips (95 % interval ${percent(misses.low)} to ${percent(misses.high)}), `,
        `and is raised ${accepts.count === 1 ? "once" : `${accepts.count} times`} in ${hours.toFixed(1)} h ${of}: `,
        `${rate(accepts.per_hour)} (${accepts.low.toFixed(2)} to ${accepts.high.toFixed(2)}).${compared}`),
      curve?.length > 1 ? chart(
        `Misses over false accepts an hour, at each threshold. At the chosen one ${percent(misses.share)} and ${accepts.per_hour.toFixed(2)}.`,
        curve, { misses: misses.share, per_hour: accepts.per_hour }, last?.curve,
      ) : "",
      ...Object.entries(KINDS).flatMap(([kind, title]) => table(title, by?.[kind] ?? [])),
      ...this.near(nearest ?? []),
    ];
  }

  /** The words that come nearest, each to be heard. */
  near(nearest) {
    if (nearest.length === 0) return [];
    const query = (text) => new URLSearchParams({ phrase: text, engine: ENGINE, language: this.project.content.language });
    return [
      make("h4", {}, "What comes nearest"),
      make("ul", { class: "rows" }, ...nearest.map(({ text, score }) => make("li", { class: "line" },
        button("Hear", () => attempt(() => play(address(`api/studio/speech?${query(text)}`))), `Hear ${text}`),
        make("span", { class: "grow" }, spoken(text)), make("span", { class: "faint figure" }, score.toFixed(2))))),
    ];
  }
}

function percent(share) {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function rate(perHour) {
  return `${perHour.toFixed(2)} false accepts an hour`;
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
