// Copies the module, which the Python package ships too, and the licence beside package.json: npm packs no file from
// elsewhere.
import { copyFileSync, readFileSync } from "node:fs";

const { files } = JSON.parse(readFileSync(new URL("package.json", import.meta.url)));
for (const source of [...files.map((file) => `wakeword/assets/web/${file}`), "LICENSE"])
  copyFileSync(new URL(`../../${source}`, import.meta.url), new URL(source.split("/").at(-1), import.meta.url));
