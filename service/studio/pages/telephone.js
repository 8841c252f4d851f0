// A telephone records too: its camera reads an address that logs it in, once, and leads to the takes of the project.

import { request } from "../api.js";
import { make } from "./make.js";

/** Makes an invitation for a telephone. Returns its picture and its text. */
export async function invite(project) {
  const { url, qr } = await request(`api/session/invitation?${new URLSearchParams({ project: project.id })}`, { method: "POST" });
  return [
    make("img", { src: qr, alt: url }),
    make("p", {}, "Point the camera of the telephone at it, or type the address there. It is good for one telephone and ten minutes."),
    make("p", {}, make("code", {}, url)),
  ];
}

/** Uses the invitation up that the page's address may have, takes it out of there, and leads to the takes of its project.

    Rejects if it is too old. href: makes the address of a step of a project. */
export async function accept(href) {
  const given = new URLSearchParams(location.hash.slice(1));
  const [invitation, project] = [given.get("invitation"), given.get("project")];
  if (invitation === null) return;
  history.replaceState(null, "", project ? href(project, "takes") : "#");
  await request("api/session", { method: "POST", body: { invitation } });
}
