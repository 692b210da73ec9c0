// Lists of instructions, structured and then broken: native code and a plain interpreter have to agree on each.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fuzz } from "./programs.ts";

const count = Number(process.env.NABLA_FUZZ_COUNT ?? 100_000);
const seed = Number(process.env.NABLA_FUZZ_SEED ?? Date.now() % 2 ** 31);

test(`${count} lists, cut into tiles and shared among threads as large tensors are, seed ${seed}`, () => {
  const script = fileURLToPath(new URL("tiny.ts", import.meta.url));
  const env = { ...process.env, NABLA_TINY_TILES: "1", NABLA_NUM_THREADS: "3" };
  const args = ["--import", "tsx", script, String(seed), String(count)];
  console.log(execFileSync(process.execPath, args, { env, encoding: "utf8" }));
});

test(`${count} lists of instructions, seed ${seed}`, () => {
  const tally = fuzz(seed, count);
  console.log(JSON.stringify({ seed, ...tally }));
  expect(tally.valid).toBeGreaterThan(tally.lists / 2);
  expect(tally.invalid).toBeGreaterThan(tally.lists / 10);
});
