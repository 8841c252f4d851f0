// A day side by side: the model of a training listens beside the active one, and where the two differ is heard and judged.

import { address, inTurn, request } from "../api.js";
import { button, make, play, say, span, spoken, sure } from "./make.js";

const PATH = "api/studio/candidate";
const SHOWN = 100; // differences that are listed, the latest

export class Beside {
  constructor(place) {
    this.place = place;
  }

  /** Shows how it stands. path: of the training that may be tried. */
  async open(path) {
    this.path = path;
    const candidate = await request(PATH);
    const found = candidate && await request(`${PATH}/differences?limit=${SHOWN}`);
    if (path === this.path) this.place.replaceChildren(...(found ? this.trial(found) : this.none()));
  }

  none() {
    return [
      make("p", { class: "hint" }, "For a day or so it listens to all that this service hears, as a candidate: nobody is told "
        + "what it raises. Here you see where it differs from the model that listens now. “wakeword studio --clips” keeps the audio."),
      this.controls(button("Try it beside", () => this.begin())),
    ];
  }

  async begin() {
    const { model } = await request(`${this.path}/candidate`, { method: "POST" });
    await this.open(this.path);
    say(`${model} listens as the candidate.`);
  }

  trial({ candidate, both, candidate_only: own, rival_only: rivals, events }) {
    const { model, rival, hours } = candidate;
    return [
      make("p", {}, make("strong", {}, spoken(model)), " has listened", ...(rival ? [" beside ", spoken(rival)] : []), ` for ${span(3600 * hours)} of audio.`),
      make("p", {}, rival ? `Both raised ${times(both)}; the candidate alone ${times(own)}, ${rival} alone ${times(rivals)}.` : `It raised ${times(own)}.`),
      make("ul", { class: "rows", "aria-label": "Where they differ" }, ...events.map((event) => row(event, rival))),
      this.controls(
        button("Look again", () => this.open(this.path)),
        button(rival ? `Take it in place of ${rival}` : "Take it beside the others", () => this.take(model)),
        button("Don't take it", () => this.end(model)),
        button("Try this training instead", () => this.begin()),
      ),
    ];
  }

  controls(...buttons) {
    return make("div", { class: "controls" }, ...buttons);
  }

  async take(model) {
    await request(`${PATH}/take`, { method: "POST" });
    await this.open(this.path);
    say(`${model} listens for good.`);
  }

  async end(model) {
    if (!await sure(`End the trial of ${model}?`, "The list of differences goes; the model stays.")) return;
    await request(PATH, { method: "DELETE" });
    await this.open(this.path);
    say(`${model} is no candidate any more.`);
  }
}

/** An event that one of the two has raised alone. */
function row({ id, at, source, word, score, by, clip, verdict }, rival) {
  const time = new Date(1000 * at);
  const told = `${word}, ${time.toLocaleTimeString()}`;
  const judging = inTurn(); // the last one counts
  const judged = ["right", "wrong"].map((each) => make("button", {
    type: "button", "aria-label": `${told}, was ${each}`, "aria-pressed": String(each === verdict), click: () => judging(() => judge(each)),
  }, each === "right" ? "Right" : "Wrong"));
  const judge = async (each) => {
    await request(`api/events/${id}/verdict`, { method: "POST", body: { verdict: each } });
    for (const [index, other] of ["right", "wrong"].entries()) judged[index].setAttribute("aria-pressed", String(other === each));
    say("The clip is filed for the next training.");
  };
  return make("li", { class: "line" },
    clip ? button("Play", () => play(address(`api/events/${id}/clip?format=wav`)), `Play ${told}`) : "",
    make("span", { class: "grow" }, make("strong", {}, spoken(word)), ` ${score.toFixed(2)}, `,
      make("time", { dateTime: time.toISOString() }, time.toLocaleString([], { dateStyle: "short", timeStyle: "medium" })), ", ", spoken(source)),
    make("span", { class: "faint" }, by === "candidate" ? "the candidate alone" : `${rival ?? "the other"} alone`),
    ...(clip ? judged : [make("span", { class: "faint" }, "no clip")]));
}

function times(count) {
  return count === 1 ? "one word" : `${count} words`;
}
