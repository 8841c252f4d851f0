// Requests to the service: JSON, problem details, and the login dialog.

const login = document.querySelector("#login");

export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** Returns the address of a path of the service. This module lies at the service's root, whichever page uses it. */
export function address(path) {
  return new URL(path, import.meta.url);
}

/** Returns the JSON of the response, or null if it has none. If the service requires a token, shows the login first. */
export async function request(path, { method = "GET", body } = {}) {
  const json = body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await answer(path, { method, ...json });
  return response.status === 204 ? null : response.json();
}

/** Returns the response to a request of any body, as `request`. options: of fetch. */
export async function answer(path, options = {}) {
  const response = await fetch(address(path), options).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "the service can't be reached; is it running?");
  });
  if (response.status === 401 && path !== "api/session") {
    await logIn();
    return answer(path, options);
  }
  if (!response.ok) throw await problem(response);
  return response;
}

async function problem(response) {
  const body = await response.json().catch(() => ({}));
  return new Problem(response.status, body.detail ?? `the service answered ${response.status}; its log says why`);
}

let loggedIn = null;

/** Resolves when the service has accepted a token. All waiting requests share one dialog. */
function logIn() {
  loggedIn ??= new Promise((resolve) => {
    const form = login.querySelector("form");
    form.addEventListener("submit", async function submit(event) {
      event.preventDefault();
      try {
        await request("api/session", { method: "POST", body: { token: login.querySelector("#token").value } });
      } catch (error) {
        login.querySelector(".problem").textContent = error.message;
        return;
      }
      form.removeEventListener("submit", submit);
      login.close();
      loggedIn = null;
      resolve();
    });
    login.addEventListener("cancel", (event) => event.preventDefault());
    login.showModal();
  });
  return loggedIn;
}

const notice = document.querySelector("#notice");

/** Shows a line at the top of the page; null hides it. */
export function notify(line) {
  notice.hidden = line === null;
  notice.textContent = line ?? "";
}

/** Returns a listener that attempts an action. As long as it runs, it isn't begun again: who clicks twice wants it once. */
export function single(action) {
  let running = false;
  return async (event) => {
    if (running) return;
    running = true;
    try {
      await attempt(() => action(event));
    } finally {
      running = false;
    }
  };
}

/** Returns a function that attempts actions in their order, each when the one before has ended. */
export function inTurn() {
  let last = Promise.resolve();
  return (action) => {
    last = last.then(() => attempt(action));
    return last;
  };
}

/** Deletes something. What is gone already, by another page say, is no error. */
export async function remove(path) {
  await request(path, { method: "DELETE" }).catch((error) => {
    if (error.status !== 404) throw error;
  });
}

/** Runs an action of the user, and shows its error. */
export async function attempt(action) {
  try {
    notify(null);
    return await action();
  } catch (error) {
    notify(error.message);
    return undefined;
  }
}
