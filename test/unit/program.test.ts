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
    const apart =
      "Reduce ReduceIndex Scan ScanIndex ScanBinary Matmul Inverse Selection Gather".split(" ");
    const maps = ops.filter(({ signature }) => !apart.includes(signature));
    expect(maps.map(({ name }) => name).filter((name) => !mapOps.has(name))).toEqual([]);
  });

  it("do what a plain interpreter does, or are refused as a whole", () => {
    const tally = fuzz(20240229, 3000);
    expect(tally.valid).toBeGreaterThan(tally.lists / 2);
    expect(tally.invalid).toBeGreaterThan(tally.lists / 10);
    expect(tally.outOfRange).toBeGreaterThan(0);
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
