// The page: the list of projects, and the steps of one. The address after # names project and step, so a reload and the
// browser's own way back lead where they should.

import { attempt, remove, request, single } from "../api.js";
import { Along } from "./along.js";
import { button, make, quietly, say, spoken, sure } from "./make.js";
import { Negatives } from "./negatives.js";
import { Phrase } from "./phrase.js";
import { Project, path } from "./project.js";
import { Report } from "./report.js";
import { Takes } from "./takes.js";
import { accept } from "./telephone.js";
import { Train } from "./train.js";
import { Trial } from "./trial.js";
import { isSending } from "./upload.js";

const at = (selector) => document.querySelector(selector);
const STEPS = [
  ["phrase", "Phrase", Phrase],
  ["takes", "Takes", Takes],
  ["negatives", "Negatives", Negatives],
  ["train", "Train", Train],
  ["report", "Report", Report],
  ["try", "Try", Trial],
  ["along", "Take along", Along],
].map(([name, title, Step], index, all) => ({ name, title, step: new Step(at(`#${name}`)), after: all[index + 1]?.[0] }));
const trainings = STEPS.find(({ step }) => step instanceof Train).step;
const DRAFT = "studio: new phrase";

const shown = { project: null, step: null, turn: 0 };

function href(id, step) {
  return `#${encodeURIComponent(id)}/${step}`;
}

/** Shows what the address names. A later change of the address overtakes an earlier one that still loads. */
async function follow() {
  const turn = ++shown.turn;
  const [id, name = "phrase"] = location.hash.slice(1).split("/").map(decodeURIComponent);
  say("");
  if (!id) return list(turn);
  const project = shown.project?.id === id ? shown.project : await opened(id, turn);
  if (turn !== shown.turn) return undefined;
  leave();
  const step = STEPS.find((each) => each.name === name) ?? STEPS[0];
  if (project !== shown.project) quietly(() => trainings.watch(project));
  Object.assign(shown, { project, step });
  at("#project-name").textContent = project.name;
  at("#steps ol").replaceChildren(...STEPS.map((each) => make("li", {}, make("a", {
    href: href(id, each.name), ...(each === step ? { "aria-current": "step" } : {}),
  }, each.title))));
  const next = at(`#${step.name} .next a`);
  if (next) next.href = href(id, step.after);
  open(step.name, `${step.title}, ${project.name}`);
  await step.step.show(project);
}

/** Returns a project. If there is none of the id, the list shows which there are. */
async function opened(id, turn) {
  try {
    return await Project.open(id);
  } catch (error) {
    if (error.status === 404) await list(turn);
    throw error;
  }
}

/** Leaves the step that is shown, once another one is there: until then it works. */
function leave() {
  shown.step?.step.leave?.();
  shown.step = null;
}

/** Shows one section, and lets a screen reader begin at its title. */
function open(name, title) {
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== name;
  at("#steps").hidden = name === "projects";
  document.title = `${title} – wakeword studio`;
  if (shown.turn > 1) at(`#${name}-title`).focus();
}

async function list(turn) {
  const projects = await request("api/studio/projects");
  if (turn !== shown.turn) return;
  leave();
  shown.project = null;
  trainings.watch(null);
  at("#project-name").textContent = "";
  open("projects", "Your wake words");
  at("#no-projects").hidden = projects.length > 0;
  at("#project-list").replaceChildren(...projects.map(row));
}

function row({ id, phrases, problem }) {
  const name = phrases?.length ? phrases.join(", ") : id;
  const gone = async () => {
    const { turn } = shown;
    if (!await sure(`Delete ${name}?`, "All its recordings and models are deleted.")) return;
    await remove(path(id));
    if (turn !== shown.turn) return; // another page is shown by now
    await list(turn);
    say(`${name} is deleted.`);
    at("#projects-title").focus();
  };
  return make("li", { class: "line" },
    problem ? make("span", { class: "grow" }, spoken(name), ": ", make("span", { class: "bad" }, problem))
      : make("a", { class: "grow", href: href(id, "phrase") }, spoken(name)),
    button("Delete", gone, `Delete ${name}`));
}

at("#new-phrase").value = localStorage.getItem(DRAFT) ?? "";
at("#new-phrase").addEventListener("input", ({ target }) => localStorage.setItem(DRAFT, target.value));
at("#new").addEventListener("submit", (event) => event.preventDefault());
at("#new").addEventListener("submit", single(async () => {
  const { turn } = shown;
  const phrases = at("#new-phrase").value.split(",").map((phrase) => phrase.trim()).filter(Boolean);
  const { id } = await request("api/studio/projects", { method: "POST", body: { phrases } });
  localStorage.removeItem(DRAFT);
  at("#new-phrase").value = "";
  if (turn === shown.turn) location.hash = href(id, "phrase");
}));

// A file that is dropped beside its place would replace the page.
for (const event of ["dragover", "drop"]) window.addEventListener(event, (dropped) => dropped.preventDefault());

const go = () => attempt(follow);
window.addEventListener("hashchange", go);
// A link to what is shown already loads it anew: what could not be loaded before may be there now.
document.addEventListener("click", ({ target }) => {
  const link = target.closest("a[href^='#']");
  if (link && link.hash === location.hash) go();
});
window.addEventListener("beforeunload", (event) => {
  if (isSending() || STEPS.some(({ step }) => step.unsent)) event.preventDefault();
});
async function begin() {
  // Before any other request, which would ask for the token. Of an invitation that is too old, the dialog that asks tells.
  await accept(href).catch((error) => { at("#login .problem").textContent = error.message; });
  await go();
  document.body.dataset.ready = "true";
}

begin();
