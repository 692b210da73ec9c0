// The tarball as a user gets it: installed from a registry's cache into an empty folder, on a machine without a compiler.
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const temporary = mkdtempSync(join(tmpdir(), "nabla-pack-"));
const source = join(temporary, "source");
const bare = join(temporary, "bin");
let withPrebuild: string;
let withoutPrebuild: string;

function run(command: string, args: string[], cwd: string, env = process.env): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  if (status !== 0)
    throw new Error(`${command} ${args.join(" ")}: ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

const pack = () =>
  join(source, run("npm", ["pack", "--silent"], source).trim().split("\n").at(-1)!);

beforeAll(() => {
  // A copy, since prebuildify takes the addon out of the build folder.
  const left = ["node_modules", "build", "dist", "prebuilds", ".git"];
  cpSync(root, source, {
    recursive: true,
    filter: (path) => dirname(path) !== root || !left.includes(basename(path)),
  });
  symlinkSync(join(root, "node_modules"), join(source, "node_modules"));
  withoutPrebuild = pack();
  cpSync(withoutPrebuild, join(temporary, "plain.tgz"));
  withoutPrebuild = join(temporary, "plain.tgz");
  run("npm", ["run", "prebuildify"], source);
  withPrebuild = pack();

  // A PATH that holds Node and npm, and the shell that npm needs for scripts.
  mkdirSync(bare);
  const where = (name: string) => execFileSync("which", [name], { encoding: "utf8" }).trim();
  for (const name of ["npm", "npx", "sh"]) symlinkSync(where(name), join(bare, name));
  symlinkSync(process.execPath, join(bare, "node"));
});

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** Installs a tarball into an empty folder. */
function install(name: string, tarball: string, args: string[], env: NodeJS.ProcessEnv): string {
  const folder = join(temporary, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  run("npm", ["install", "--no-audit", "--no-fund", ...args, tarball], folder, env);
  return folder;
}

const show = "console.log(String(tensor([1, 2, 3]).mul(2).sum()))";
const programs = {
  "an import": ["--input-type=module", "--eval", `import { tensor } from "nabla"; ${show}`],
  "an import of a part": [
    "--input-type=module",
    "--eval",
    `import { sym, tensor } from "nabla"; import { lambdify, symbol } from "nabla/symbolic"; const x = symbol("x"); if (!(x instanceof sym.Expr)) throw new Error("two copies"); console.log(String(lambdify(x, x.mul(2))(tensor([1, 2, 3])).sum()))`,
  ],
  "a require of a part": [
    "--input-type=commonjs",
    "--eval",
    `const { lambdify, symbol } = require("nabla/symbolic"); const x = symbol("x"); console.log(String(lambdify(x, x.mul(2))([1, 2, 3]).sum()))`,
  ],
  "a require": ["--input-type=commonjs", "--eval", `const { tensor } = require("nabla"); ${show}`],
};

describe.each([
  { name: "a prebuilt tarball, no compiler", prebuilt: true, compiler: false, args: [] },
  { name: "the same without scripts", prebuilt: true, compiler: false, args: ["--ignore-scripts"] },
  { name: "a tarball of sources, a compiler", prebuilt: false, compiler: true, args: [] },
])("$name", ({ name, prebuilt, compiler, args }) => {
  const env = compiler ? process.env : { HOME: process.env.HOME, PATH: bare };
  let folder: string;
  beforeAll(() => {
    folder = install(name, prebuilt ? withPrebuild : withoutPrebuild, args, env);
  });

  it.each(Object.entries(programs))("runs a first program by %s", (_, program) => {
    expect(run("node", program, folder, env)).toBe("tensor(12.)\n");
  });

  it("compiled only if it had to", () => {
    expect(readdirSync(join(folder, "node_modules", "nabla")).includes("build")).toBe(!prebuilt);
  });
});

it("says what is missing where there is neither a prebuilt addon nor a compiler", () => {
  const env = { HOME: process.env.HOME, PATH: bare };
  const folder = install("neither", withoutPrebuild, ["--ignore-scripts"], env);
  expect(() => run("node", programs["an import"], folder, env)).toThrow(
    /NativeError: nabla: there is no native addon.*npm rebuild nabla/s,
  );
});

it("holds what it needs and no more", () => {
  const listed = run("tar", ["-tzf", withPrebuild], temporary).trim().split("\n");
  const outer = new Set(listed.map((path) => path.split("/")[1]));
  expect([...outer].sort()).toEqual([
    "CMakeLists.txt",
    "LICENSE",
    "README.md",
    "binding.gyp",
    "dist",
    "docs",
    "examples",
    "native",
    "package.json",
    "prebuilds",
    "src",
  ]);
  const prebuilds = listed.filter((path) => path.startsWith("package/prebuilds/"));
  expect(prebuilds.every((path) => path.endsWith(".node"))).toBe(true);
});
