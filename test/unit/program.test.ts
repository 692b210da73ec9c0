import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { rawAddon } from "../../src/native/door.ts";
import { dtypeNames, mapOps, ops } from "../fuzz/interpreter.ts";
import { fuzz, fuzzReductions } from "../fuzz/programs.ts";

describe("programs", () => {
  it("have the ops and dtypes that the interpreter reads from ops.def", () => {
    const { ops: described, dtypes } = rawAddon.describe();
    expect(dtypes).toEqual(dtypeNames);
    const bits = (types: readonly number[]): number => types.reduce((set, t) => set | (1 << t), 0);
    const plain = (name: string): string => name.toLowerCase().replace("_", "");
    expect(
      described.map((op) => [op.name, op.code, plain(op.signature), op.arity, op.types]),
    ).toEqual(
      ops.map((op, code) => [op.name, code, plain(op.signature), op.arity, bits(op.types)]),
    );
  });

  it("are interpreted, every op of them", () => {
    const apart = "Reduce ReduceIndex Scan ScanIndex ScanBinary Matrix Selection Gather".split(" ");
    const maps = ops.filter(({ signature }) => !apart.includes(signature));
    expect(maps.map(({ name }) => name).filter((name) => !mapOps.has(name))).toEqual([]);
  });

  it("do what a plain interpreter does, or are refused as a whole", () => {
    const tally = fuzz(20240229, 3000);
    expect(tally.valid).toBeGreaterThan(tally.lists / 2);
    expect(tally.invalid).toBeGreaterThan(tally.lists / 10);
    expect(tally.outOfRange).toBeGreaterThan(0);
  });

  it("are refused where a result would depend on how they are cut into tiles", () => {
    const words = new Float64Array(64);
    rawAddon.attach(words);
    const buffer = new ArrayBuffer(64);
    const handle = rawAddon.register(buffer, false);
    const [neg, sum] = ["neg", "sum"].map((name) => ops.findIndex((op) => op.name === name));
    // Five numbers, and two places for what they are reduced to; registers from 3 on.
    const run = (...steps: [op: number, to: number, from: number][]): void => {
      const operands = [1, handle, 0, 1, 1, handle, 40, 0, 1, handle, 48, 0];
      const body = [0, 1, 3, steps.length, 5, ...operands];
      for (const [op, to, from] of steps) body.push(op, 1, to, from, -1, -1);
      words.set([body.length + 3, 0, body.length + 2, ...body]);
      rawAddon.run();
    };
    expect(() => run([sum, 1, 0], [sum, 2, 1])).toThrow(
      "operand 1 is read in the walk that reduces into it",
    );
    expect(() => run([neg, 3, 0], [sum, 1, 3], [neg, 4, 0], [sum, 3, 4])).toThrow(
      "register 0 is written already",
    );
    expect(() => run([sum, 1, 0], [neg, 3, 0], [sum, 2, 1])).not.toThrow();
    expect(buffer.byteLength).toBe(64);
  });

  it("reduce no, one or few elements of any source as it does", () => {
    const tally = fuzzReductions(20240302);
    expect(tally.valid).toBeGreaterThan(tally.lists / 2);
  });

  it("do so when small tensors are cut into tiles and shared among threads as large ones are", async () => {
    const script = fileURLToPath(new URL("../fuzz/tiny.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", script, "20240301", "4000"],
      { env: { ...process.env, NABLA_TINY_TILES: "1", NABLA_NUM_THREADS: "3" } },
    );
    expect(JSON.parse(stdout).lists).toBe(4000);
  });
});
