import { execFileSync, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { ArgumentError, getNumThreads, ones, setNumThreads } from "nabla";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { rawAddon } from "../../src/native/door.js";
import type { Compiled } from "../leak/compiled.ts";
import { compile } from "../leak/compiled.ts";

const packageRoot = fileURLToPath(new URL("../..", import.meta.url));
const { path } = createRequire(import.meta.url)("node-gyp-build") as { path(root: string): string };
const addonFile = path(packageRoot);

// Worker threads of a child know no TypeScript.
let compiled: Compiled;
let index: string;
beforeAll(() => {
  compiled = compile();
  index = JSON.stringify(compiled.url);
});
afterAll(() => compiled?.remove());

const nodeArguments = (program: string, type = "module"): string[] => [
  `--input-type=${type}`,
  "--eval",
  program,
];

const before = getNumThreads();
afterEach(() => setNumThreads(before));

describe("setNumThreads", () => {
  it.each([1, 2, 7, 1024])("sets %d", (n) => {
    setNumThreads(n);
    expect(getNumThreads()).toBe(n);
  });

  it.each([0, -1, 1.5, 1025, Infinity, NaN, "2", null, undefined, 2n])("refuses %s", (n) => {
    expect(() => setNumThreads(n as number)).toThrow(ArgumentError);
    expect(() => rawAddon.setThreadCount(n as number)).toThrow(TypeError);
    expect(getNumThreads()).toBe(before);
  });

  it.each([1, 2, 5])("changes no result: %d threads", (n) => {
    setNumThreads(n);
    const x = ones(1000, 1000);
    expect(x.add(x).sum().item()).toBe(2e6);
    expect(
      x
        .narrow(1, 0, 300)
        .matmul(x.narrow(0, 0, 300))
        .sum()
        .item(),
    ).toBe(3e8);
  });
});

describe("NABLA_NUM_THREADS", () => {
  const shown = (value: string, program: string): string =>
    execFileSync(process.execPath, nodeArguments(program), {
      encoding: "utf8",
      env: { ...process.env, NABLA_NUM_THREADS: value },
    }).trim();

  it("sets the number", () => {
    const program = `
      import { Worker } from "node:worker_threads";
      import { getNumThreads, setNumThreads } from ${index};
      const first = getNumThreads();
      setNumThreads(4);
      const worker = new Worker(
        \`import(${index}).then((nabla) => {
          const there = nabla.getNumThreads();
          nabla.setNumThreads(5);
          import("node:worker_threads").then(({ parentPort }) => parentPort.postMessage(there));
        })\`, { eval: true });
      worker.on("message", (there) => console.log(first, there, getNumThreads()));`;
    expect(shown("3", program)).toBe("3 4 5");
  });

  it("is as good as unset when empty", () => {
    const program = `import { getNumThreads } from ${index}; console.log(getNumThreads());`;
    const count = Number(shown("", program));
    expect(count).toBeGreaterThanOrEqual(1);
    expect(count).toBeLessThanOrEqual(availableParallelism());
  });

  it.each(["0", "-2", "1.5", "many", "1025"])("has to be a whole number: %s", (value) => {
    const program = `
      try { await import(${index}); } catch (error) { console.log(error.name + ": " + error.message); }`;
    const message = shown(value, program);
    expect(message).toContain("NativeError: ");
    expect(message).toContain(`NABLA_NUM_THREADS=${value} is no whole number from 1 to 1024`);
    expect(message).toContain("unset NABLA_NUM_THREADS");
  });
});

describe("threads of the pool", () => {
  // What a worker does until it is stopped. It says when it has begun.
  const work = () => `
    import { parentPort } from "node:worker_threads";
    import { ones } from ${index};
    const x = ones(600, 600);
    for (let round = 0; ; round++) {
      if (x.add(x).sum().item() !== 720000 || x.matmul(x).amax().item() !== 600) process.abort();
      if (round === 0) parentPort.postMessage(0);
    }`;
  const start = () => `
    async function start() {
      const worker = new Worker(${JSON.stringify(work())}, { eval: true });
      await new Promise((done) => worker.once("message", done));
      return worker;
    }`;
  const exitCode = (program: string, type?: string): Promise<number | string | null> =>
    new Promise((done) => {
      const child = spawn(process.execPath, nodeArguments(program, type), {
        env: { ...process.env, NABLA_NUM_THREADS: "3" },
        stdio: "inherit",
        timeout: 50_000,
      });
      child.on("exit", (code, signal) => done(code ?? signal));
    });

  it("do not keep a process, nor crash it when it exits in the midst of work", async () => {
    const program = `
      import { Worker } from "node:worker_threads";
      import { ones } from ${index};
      ${start()}
      await Promise.all([start(), start(), start()]);
      const x = ones(600, 600);
      setTimeout(() => { x.add(x); process.exit(7); }, 100);`;
    expect(await exitCode(program)).toBe(7);
  });

  it.runIf(process.platform === "linux")("start for large work only", async () => {
    const program = `
      import { readdirSync, readFileSync } from "node:fs";
      import { ones } from ${index};
      const name = (task) => readFileSync("/proc/self/task/" + task + "/comm", "utf8").trim();
      const threads = () => readdirSync("/proc/self/task").filter((task) => name(task) === "nabla").length;
      const small = ones(16384), rows = ones(64, 128);
      small.add(small).mul(2).sum().item();
      rows.mT.add(rows.mT).sum(0).amax().item();
      rows.softmax(1).exp().sum().item();
      const before = threads();
      // A thread takes its name when it first runs.
      for (let i = 0; i < 1000 && threads() < 2; i++) ones(2 ** 20).add(1).sum().item();
      process.exit(before === 0 && threads() === 2 ? 0 : 9);`;
    expect(await exitCode(program)).toBe(0);
  });

  it("let a worker thread be stopped while it loads the addon", async () => {
    const file = JSON.stringify(addonFile);
    const load = `require("node:worker_threads").parentPort.postMessage(0); require(${file}); for (;;);`;
    const program = `
      const { Worker } = require("node:worker_threads");
      (async () => {
        for (let round = 0; round < 30; round++) {
          const worker = new Worker(${JSON.stringify(load)}, { eval: true });
          await new Promise((done) => worker.once("message", done));
          for (const end = performance.now() + (round % 10) * 0.06; performance.now() < end; );
          await worker.terminate();
        }
      })();`;
    expect(await exitCode(program, "commonjs")).toBe(0);
  });

  it("outlive the worker threads that load the addon", async () => {
    const program = `
      import { readFileSync } from "node:fs";
      import { Worker } from "node:worker_threads";
      ${start()}
      for (let round = 0; round < 2; round++) {
        const workers = await Promise.all([start(), start()]);
        await new Promise((done) => setTimeout(done, 100));
        await Promise.all(workers.map((worker) => worker.terminate()));
        if (process.platform === "linux" && !readFileSync("/proc/self/maps", "utf8").includes("nabla.node"))
          process.exit(8);
      }`;
    expect(await exitCode(program)).toBe(0);
  });
});
