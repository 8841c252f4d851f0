// Names on the page. Each keeps its own direction: Hebrew and Arabic are written from right to left.

/** Makes an option of a select. */
export function option(text, value = text) {
  const made = new Option(text, value);
  made.dir = "auto";
  return made;
}

/** Returns the nodes of a list of names, with commas between. */
export function listed(names) {
  return names.flatMap((name, at) => {
    const made = document.createElement("bdi");
    made.textContent = name;
    return at ? [", ", made] : [made];
  });
}
