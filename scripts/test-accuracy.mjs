// Measures the functions of native/simd against higher precision, or with --speed times them, by the programs of
// test/accuracy: node test-accuracy.mjs [f32 | f64] [--write] [options and function names for the program].
//
// Without f32 or f64 both run. --write keeps the table of errors as test/accuracy/results-*.md.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

const OPTIONS = ["-std=c++20", "-Wall", "-Wextra"];
// As CMakeLists.txt has them for the kernels.
const KERNEL_OPTIONS = [
  "-O3",
  "-fwrapv",
  "-fno-strict-aliasing",
  "-ffp-contract=off",
  "-fno-exceptions",
];
// The programs run where they are compiled.
const PROGRAM_OPTIONS = ["-O3", "-march=native", "-ffp-contract=off"];
const SETS = {
  x64: {
    v2: ["-march=x86-64-v2"],
    v3: ["-march=x86-64-v3"],
    v4: ["-march=x86-64-v4", "-mprefer-vector-width=512"],
  },
  arm64: { neon: ["-march=armv8-a"] },
}[process.arch] ?? { baseline: [] };

const TEXT = {
  f32:
    "Arguments: all 2^32 floats for functions of one argument, or one in every n by `--stride n`; 2^28 pairs at random " +
    "for those of two, or as many as `--count` says.",
  f64:
    "Arguments: 1,500,000 at random for each function, or as many as `--count` says. Where lgamma and digamma are below " +
    "1 the unit is that of 1.",
};
const ERRORS =
  "Errors are the worst found, in units in the last place of the exact result, and the argument is the worst of all " +
  "sets. Special values, which were right, are not in the table.";

const folder = "build-accuracy";
const source = join("test", "accuracy");
const compiler = process.env.CXX ?? "c++";

function run(command, args, options = { stdio: "inherit" }) {
  const result = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28, ...options });
  if (result.error) throw result.error;
  return result;
}

function compile(args) {
  const { status } = run(compiler, [...OPTIONS, ...args]);
  if (status !== 0) process.exit(status ?? 1);
}

function buildSets() {
  mkdirSync(folder, { recursive: true });
  return Object.entries(SETS).map(([set, options]) => {
    const object = join(folder, `${set}.o`);
    const input = join(source, "set.cc");
    compile([...KERNEL_OPTIONS, ...options, `-DNABLA_ISA=${set}`, "-c", input, "-o", object]);
    return object;
  });
}

function build(name, objects) {
  const sets = Object.keys(SETS).map((set) => `SET(${set})`);
  const program = join(folder, name);
  const input = join(source, `${name}.cc`);
  const libraries = ["-pthread", ...(process.arch === "x64" ? ["-lquadmath"] : [])];
  compile([
    ...PROGRAM_OPTIONS,
    `-DNABLA_SETS=${sets.join(" ")}`,
    input,
    ...objects,
    "-o",
    program,
    ...libraries,
  ]);
  return program;
}

const args = process.argv.slice(2);
const write = args.includes("--write");
const known = ["f32", "f64"];
const chosen = known.filter((name) => args.includes(name));
const rest = args.filter((word) => word !== "--write" && !known.includes(word));

let failed = false;
const objects = buildSets();
for (const name of chosen.length > 0 ? chosen : known) {
  const program = build(name, objects);
  const output = write ? "pipe" : "inherit";
  const { status, stdout } = run(program, rest, { stdio: ["ignore", output, "inherit"] });
  failed ||= status !== 0;
  if (!write) continue;
  process.stdout.write(stdout);
  const version = run(compiler, ["--version"], { stdio: "pipe" }).stdout.split("\n")[0];
  const title = `# Errors of native/simd/math_${name}.h`;
  const command = `\`npm run test:accuracy -- ${[name, "--write", ...rest].join(" ")}\``;
  const machine = `${cpus()[0]?.model.trim()}, ${version}`;
  writeFileSync(
    join(source, `results-${name}.md`),
    [title, `${command} on ${machine}.`, `${TEXT[name]} ${ERRORS}`, stdout.trim(), ""].join("\n\n"),
  );
}
process.exit(failed ? 1 : 0);
