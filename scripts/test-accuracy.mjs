// Measures the functions of native/simd against higher precision, or with --speed times them, by the programs of
// test/accuracy: node test-accuracy.mjs [f32 | f64] [--write] [options and function names for the program].
//
// Without f32 or f64 both run. --write keeps the tables of errors and times as test/accuracy/results-*.md. All of the
// 2^32 floats take hours; --stride 64 takes one in 64.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
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
const SETS = {
  x64: {
    v2: ["-march=x86-64-v2"],
    v3: ["-march=x86-64-v3"],
    v4: ["-march=x86-64-v4", "-mprefer-vector-width=512"],
  },
  arm64: { neon: ["-march=armv8-a"] },
}[process.arch] ?? { baseline: [] };

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

function build(name) {
  mkdirSync(folder, { recursive: true });
  const objects = Object.entries(SETS).map(([set, options]) => {
    const object = join(folder, `${name}_${set}.o`);
    const input = join(source, `${name}_set.cc`);
    compile([...KERNEL_OPTIONS, ...options, `-DNABLA_ISA=${set}`, "-c", input, "-o", object]);
    return object;
  });
  const sets = Object.keys(SETS).map((set) => `SET(${set})`);
  const program = join(folder, name);
  const input = join(source, `${name}.cc`);
  compile(["-O2", `-DNABLA_SETS=${sets.join(" ")}`, input, ...objects, "-o", program, "-pthread"]);
  return program;
}

const args = process.argv.slice(2);
const write = args.includes("--write");
const known = ["f32", "f64"].filter((name) => existsSync(join(source, `${name}.cc`)));
const chosen = known.filter((name) => args.includes(name));
const rest = args.filter((word) => word !== "--write" && !known.includes(word));

let failed = false;
for (const name of chosen.length > 0 ? chosen : known) {
  const program = build(name);
  if (!write) {
    failed ||= run(program, rest).status !== 0;
    continue;
  }
  const tables = [rest, ["--speed", ...rest]].map((words) => {
    const { status, stdout } = run(program, words, { stdio: ["ignore", "pipe", "inherit"] });
    failed ||= status !== 0;
    process.stdout.write(stdout);
    return stdout;
  });
  const version = run(compiler, ["--version"], { stdio: "pipe" }).stdout.split("\n")[0];
  const file = join(source, `results-${name}.md`);
  const title = `# Errors and times of native/simd/math_${name}.h`;
  const command = `\`npm run test:accuracy -- ${[name, "--write", ...rest].join(" ")}\``;
  const machine = `${cpus()[0]?.model.trim()}, ${version}`;
  const text =
    "Errors are in units of the last place of the exact result, the worst found with the argument it was found at; " +
    "one argument of every n is taken under `--stride n`, and all without it. Times are nanoseconds per element " +
    "over 2048 elements.";
  writeFileSync(
    file,
    [title, `${command} on ${machine}.`, text, ...tables.map((t) => t.trim()), ""].join("\n\n"),
  );
}
process.exit(failed ? 1 : 0);
