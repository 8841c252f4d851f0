// What an attacker's page tries on the service at an origin. Each attempt returns whether it worked.
(origin) => {
  const json = { "Content-Type": "application/json" };
  const open = (source) =>
    new Promise((resolve) => {
      source.onopen = () => { resolve(true); source.close(); };
      source.onerror = () => { resolve(false); source.close(); };
    });
  const load = (tag, attributes) =>
    new Promise((resolve) => {
      const element = document.createElement(tag);
      element.onload = element.onloadedmetadata = () => resolve(true);
      element.onerror = () => resolve(false);
      Object.assign(element, attributes);
      document.body.append(element);
    });
  const told = (start) =>
    new Promise((resolve) => {
      addEventListener("message", ({ data }) => resolve(data), { once: true });
      start();
    });
  // A POST that a browser sends without asking. Its answer is hidden; only the service's state tells whether it worked.
  const post = async (path, body) => {
    await fetch(origin + path, { method: "POST", mode: "no-cors", body });
    return false;
  };
  const get = async (path, options) => (await fetch(origin + path, options)).ok;
  const telling = `fetch("${origin}/api/events").then((answer) => answer.ok, () => false)`;

  // Of a page under a name that is rebound to this computer.
  const rebound = {
    events: () => get("/api/events"),
    clip: () => get("/api/events/1/clip"),
    metrics: () => get("/metrics"),
    page: () => get("/"),
    projects: () => get("/api/studio/projects"),
    project: () => get("/api/studio/projects", { method: "POST", headers: json, body: '{"phrases": ["attack"]}' }),
    threshold: () => get("/api/words", { method: "PATCH", headers: json, body: '{"yes": {"threshold": 0.31}}' }),
    feed: () => open(new EventSource(`${origin}/api/events/live`)),
    stream: () => open(new WebSocket(`${origin.replace("http", "ws")}/api/stream?name=attacker`)),
  };

  // Of a page of another origin.
  const foreign = {
    ...rebound,
    "with cookies": () => get("/api/events", { credentials: "include" }),
    "without CORS": async () => (await (await fetch(`${origin}/api/events`, { mode: "no-cors" })).text()).length > 0,
    "XMLHttpRequest": () =>
      new Promise((resolve) => {
        const request = new XMLHttpRequest();
        request.onload = () => resolve(true);
        request.onerror = () => resolve(false);
        request.open("GET", `${origin}/api/events`);
        request.send();
      }),
    "deletion": () => get("/api/events/1", { method: "DELETE" }),
    "verdict as text": () => post("/api/events/1/verdict", '{"verdict": "wrong"}'),
    "another model": () => post("/api/models/digits10/activate"),
    "project as text": () => post("/api/studio/projects", '{"phrases": ["attack"]}'),
    "training": () => post("/api/studio/projects/hey_lumen/runs"),
    "trained model": () => post("/api/studio/projects/hey_lumen/runs/1/activate"),
    "changed project": () =>
      get("/api/studio/projects/hey_lumen", { method: "PUT", headers: json, body: '{"phrases": ["attack"]}' }),
    "deleted project": () => get("/api/studio/projects/hey_lumen", { method: "DELETE" }),
    "speech": () => load("audio", { src: `${origin}/api/studio/speech?phrase=attack&engine=espeak-ng` }),
    "studio": () => load("script", { type: "module", src: `${origin}/studio/web/wakeword.js` }),
    "missed word as text": () => post("/api/sources/den/missed", '{"word": "yes"}'),
    "login as text": () => post("/api/session", '{"token": "guess"}'),
    "upload": () => post("/api/detect", new FormData()),
    "beacon": () => { navigator.sendBeacon(`${origin}/api/models/digits10/activate`); return false; },
    "image": () => load("img", { src: `${origin}/icon.svg` }),
    "script": () => load("script", { src: `${origin}/app.js` }),
    "module": () => load("script", { type: "module", src: `${origin}/api.js` }),
    "style sheet": () => load("link", { rel: "stylesheet", href: `${origin}/style.css` }),
    "sound": () => load("audio", { src: `${origin}/api/events/1/clip?format=wav` }),
    "object": () => load("object", { data: `${origin}/icon.svg` }),
    "frame": async () => {
      await load("iframe", { id: "frame", src: `${origin}/` });
      return document.querySelector("#frame").contentDocument !== null;
    },
    "frame without an origin": () =>
      told(() => {
        const srcdoc = `<script>${telling}.then((worked) => parent.postMessage(worked, "*"))</script>`;
        load("iframe", { sandbox: "allow-scripts", srcdoc });
      }),
    "worker": () =>
      new Promise((resolve) => {
        const worker = new Worker(URL.createObjectURL(new Blob([`${telling}.then(postMessage)`])));
        worker.onmessage = ({ data }) => resolve(data);
      }),
    "form": async () => {
      const sent = load("iframe", { name: "sink" });
      await load("iframe", { name: "answer", src: "about:blank" });
      const form = document.createElement("form");
      Object.assign(form, { method: "POST", action: `${origin}/api/models/digits10/activate`, target: "answer" });
      document.body.append(form);
      const answered = new Promise((resolve) => { document.querySelector("[name=answer]").onload = resolve; });
      form.submit();
      await Promise.all([sent, answered]);
      return false;
    },
  };

  const attempt = async ([name, run]) => {
    try {
      return [name, await run()];
    } catch {
      return [name, false];
    }
  };
  const all = location.origin === origin ? rebound : foreign;
  return Promise.all(Object.entries(all).map(attempt)).then(Object.fromEntries);
}
