import { execFileSync, spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { ArgumentError, getNumThreads, ones, setNumThreads } from "nabla";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { rawAddon } from "../../src/native/door.js";
import type { Compiled } from "../leak/compiled.ts";
import { compile } from "../leak/compiled.ts";

// Worker threads of a child know no TypeScript.
let compiled: Compiled;
let index: string;
beforeAll(() => {
  compiled = compile();
  index = JSON.stringify(compiled.url);
});
afterAll(() => compiled?.remove());

const nodeArguments = (program: string): string[] => ["--input-type=module", "--eval", program];

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
  // What a worker does while it is stopped, over and over.
  const work = () => `
    import(${index}).then((nabla) => {
      const x = nabla.ones(600, 600);
      for (;;) if (x.add(x).sum().item() !== 720000 || x.matmul(x).amax().item() !== 600) process.abort();
    });`;
  const exitCode = (program: string): Promise<number | string | null> =>
    new Promise((done) => {
      const child = spawn(process.execPath, nodeArguments(program), {
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
      for (let i = 0; i < 3; i++) new Worker(${JSON.stringify(work())}, { eval: true });
      const x = ones(600, 600);
      setTimeout(() => { x.add(x); process.exit(7); }, 700);`;
    expect(await exitCode(program)).toBe(7);
  });

  it("outlive the worker threads that load the addon", async () => {
    const program = `
      import { readFileSync } from "node:fs";
      import { Worker } from "node:worker_threads";
      for (let round = 0; round < 2; round++) {
        const workers = [0, 1].map(() => new Worker(${JSON.stringify(work())}, { eval: true }));
        await new Promise((done) => setTimeout(done, 500));
        await Promise.all(workers.map((worker) => worker.terminate()));
        if (process.platform === "linux" && !readFileSync("/proc/self/maps", "utf8").includes("nabla.node"))
          process.exit(8);
      }`;
    expect(await exitCode(program)).toBe(0);
  });
});
