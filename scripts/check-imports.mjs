// Fails on an import cycle in src/ and on an import against the layers. A type-only import is no import here: it is
// gone at run time.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, sep } from "node:path";
import { fileURLToPath } from "node:url";

// A folder imports from itself and from the folders before it. Files of src/ itself import anything and are imported
// only by each other.
const LAYERS = [
  "core",
  "native",
  "ops",
  "random",
  "tensor",
  "autograd",
  "functions",
  "linalg",
  "symbolic",
];

const src = join(dirname(fileURLToPath(import.meta.url)), "..", "src");
const STATEMENT = /^(?:import|export)\s(?!type\s)(?:[\w$\s{},*]*?\sfrom\s*)?["'](\.[^"']*)["']/gm;

/** @type {Map<string, string[]>} */
const imports = new Map(
  readdirSync(src, { recursive: true })
    .map((name) => name.split(sep).join("/"))
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((file) => {
      const text = readFileSync(join(src, file), "utf8");
      const targets = [...text.matchAll(STATEMENT)].map(([, path]) =>
        posix.join(posix.dirname(file), path).replace(/\.js$/, ".ts"),
      );
      return [file, [...new Set(targets)]];
    }),
);

const problems = [];
const rank = (file) => (file.includes("/") ? LAYERS.indexOf(file.split("/")[0]) : LAYERS.length);

for (const [file, targets] of imports) {
  if (rank(file) < 0) problems.push(`${file}: its folder is not among the layers`);
  for (const target of targets) {
    if (!imports.has(target)) problems.push(`${file}: imports ${target}, which is not in src/`);
    else if (rank(target) > rank(file)) problems.push(`${file}: imports ${target}, a later layer`);
  }
}

const done = new Set();
function visit(file, path) {
  const start = path.indexOf(file);
  if (start >= 0) problems.push(`cycle: ${[...path.slice(start), file].join(" -> ")}`);
  if (start >= 0 || done.has(file)) return;
  for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
  done.add(file);
}
for (const file of imports.keys()) visit(file, []);

for (const problem of problems) console.error(problem);
console.log(`${imports.size} files of src/: ${problems.length} problems with imports`);
process.exit(problems.length === 0 ? 0 : 1);
