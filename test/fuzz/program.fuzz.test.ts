// Lists of instructions, structured and then broken: native code and a plain interpreter have to agree on each.
import { expect, test } from "vitest";
import { fuzz } from "./programs.ts";

const count = Number(process.env.NABLA_FUZZ_COUNT ?? 100_000);
const seed = Number(process.env.NABLA_FUZZ_SEED ?? Date.now() % 2 ** 31);

test(`${count} lists of instructions, seed ${seed}`, () => {
  const tally = fuzz(seed, count);
  console.log(JSON.stringify({ seed, ...tally }));
  expect(tally.valid).toBeGreaterThan(tally.lists / 2);
  expect(tally.invalid).toBeGreaterThan(tally.lists / 10);
});
