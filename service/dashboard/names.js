// Names on the page. Each keeps its own direction: Hebrew and Arabic are written from right to left.

/** Makes an option of a select. */
export function option(text, value = text) {
  const made = new Option(text, value);
  made.dir = "auto";
  return made;
}

/** Chooses a value of a select. One that it doesn't offer is added, so that it stays until another is chosen. */
export function choose(select, value, text = value) {
  if (![...select.options].some((each) => each.value === value)) select.append(option(text, value));
  select.value = value;
}

/** Returns the nodes of a list of names, with commas between. */
export function listed(names) {
  return names.flatMap((name, at) => {
    const made = document.createElement("bdi");
    made.textContent = name;
    return at ? [", ", made] : [made];
  });
}
