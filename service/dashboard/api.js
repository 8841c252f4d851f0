// Talking to the service: JSON, problem details, and the token where it asks for one.

const login = document.querySelector("#login");

export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** The JSON of an answer, or null where it has none. Asks for the token first, if the service wants it. */
export async function request(path, { method = "GET", body } = {}) {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 401 && path !== "/api/session") {
    await askForToken();
    return request(path, { method, body });
  }
  if (!response.ok) throw await problem(response);
  return response.status === 204 ? null : response.json();
}

async function problem(response) {
  const body = await response.json().catch(() => ({}));
  return new Problem(response.status, body.detail ?? `the service answered ${response.status}`);
}

let asking = null;

/** Resolves when the service has accepted a token; all requests that wait for one share the question. */
function askForToken() {
  asking ??= new Promise((resolve) => {
    const form = login.querySelector("form");
    form.addEventListener("submit", async function submit(event) {
      event.preventDefault();
      try {
        await request("/api/session", { method: "POST", body: { token: login.querySelector("#token").value } });
      } catch (error) {
        login.querySelector(".problem").textContent = error.message;
        return;
      }
      form.removeEventListener("submit", submit);
      login.close();
      asking = null;
      resolve();
    });
    login.addEventListener("cancel", (event) => event.preventDefault());
    login.showModal();
  });
  return asking;
}

const notice = document.querySelector("#notice");

/** Shows a line that somebody should read; null takes it away. */
export function tell(line) {
  notice.hidden = line === null;
  notice.textContent = line ?? "";
}

/** Runs what a button or slider does, and shows what went wrong. */
export async function attempt(action) {
  try {
    tell(null);
    return await action();
  } catch (error) {
    tell(error.message);
    return undefined;
  }
}
