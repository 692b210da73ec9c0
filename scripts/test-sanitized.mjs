// Runs the unit tests and the fuzzers on an addon built with a sanitizer, in a build folder of its own:
// node test-sanitized.mjs asan. What follows the name goes to vitest. NABLA_FUZZ_COUNT says how long the fuzzers run.
import { execFileSync, spawnSync } from "node:child_process";
import { resolve } from "node:path";

const KINDS = {
  asan: { sanitizers: "address;undefined", library: "libasan.so" },
  ubsan: { sanitizers: "undefined", library: "libubsan.so" },
  tsan: { sanitizers: "thread", library: "libtsan.so" },
};
// Races need threads: the thread sanitizer is given the tests that start some.
const tests = {
  asan: ["--project", "unit", "--project", "fuzz"],
  ubsan: ["--project", "unit", "--project", "fuzz"],
  tsan: [
    ...["--project", "unit", "--project", "fuzz", "--testNamePattern", "threads"],
    ...["test/native/threads.test.ts", "test/unit/threads.test.ts", "test/unit/program.test.ts"],
    "test/fuzz/calls.fuzz.test.ts",
  ],
};
const [name, ...rest] = process.argv.slice(2);
const kind = KINDS[name];
if (kind === undefined) {
  console.error(`which sanitizer? ${Object.keys(KINDS).join(", ")}`);
  process.exit(2);
}

function run(command, args, env = {}) {
  const { status } = spawnSync(command, args, {
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  if (status !== 0) process.exit(status ?? 1);
}

const folder = `build-${name}`;
// rebuild: an existing configuration would not see the list of sanitizers.
run("cmake-js", [
  "rebuild",
  "--parallel",
  "4",
  "--out",
  `${folder}/build`,
  `--CDNABLA_SANITIZE=${kind.sanitizers}`,
]);
const compiler = process.env.CXX ?? "c++";
const library = execFileSync(compiler, [`-print-file-name=${kind.library}`], { encoding: "utf8" });
run(
  process.execPath,
  [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--pool",
    "threads",
    "--testTimeout=1200000",
    ...(rest.length > 0 ? rest : tests[name]),
  ],
  {
    NABLA_FUZZ_COUNT: process.env.NABLA_FUZZ_COUNT ?? "30000",
    NABLA_PREBUILD: resolve(folder),
    NABLA_SANITIZE: kind.sanitizers,
    LD_PRELOAD: library.trim(),
    // Node keeps what it allocates until it ends, so nothing can be said about leaks. An allocation may fail.
    ASAN_OPTIONS: "detect_leaks=0:allocator_may_return_null=1",
    UBSAN_OPTIONS: "halt_on_error=1:print_stacktrace=1",
    TSAN_OPTIONS: "ignore_noninstrumented_modules=1",
  },
);
