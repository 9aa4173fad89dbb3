// Compiles scss/site.scss to static/css/site.css. Addresses carry the file's hash, as those in pages do,
// so that a browser keeps each file for good and fetches a preloaded face only once.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static", "css");
const { css } = compile(join(here, "scss", "site.scss"), {
  style: "compressed",
  charset: false,
  quietDeps: true,
  loadPaths: [join(here, "node_modules")],
});
const addressed = css.replace(/url\(["']?(\.\.\/[^"')]+)["']?\)/g, (_, path) => {
  const hash = createHash("sha256").update(readFileSync(join(out, path))).digest("hex").slice(0, 12);
  return `url("${path}?v=${hash}")`;
});
mkdirSync(out, { recursive: true });
writeFileSync(join(out, "site.css"), addressed + "\n");
