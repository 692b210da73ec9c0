/** Loops that must not use more memory the longer they run; how long they run is the caller's choice. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Compiled } from "./compiled.ts";
import { compile } from "./compiled.ts";

const child = fileURLToPath(new URL("child.mjs", import.meta.url));
// Sanitizers hold on to what is freed: then the loops run for what else may go wrong.
const bounded = !process.env.LD_PRELOAD?.includes("san");

interface Used {
  /** MB. */
  peak: number;
  growth?: number;
  slots?: number;
}

const ways: readonly { way: string; what: string; peak?: number }[] = [
  { way: "churn", what: "GB of tensors of all sizes" },
  { way: "chain", what: "additions to a running sum of a million elements" },
  { way: "small", what: "small results" },
  { way: "errors", what: "calls that throw" },
  { way: "training", what: "steps of training in place" },
  { way: "threads", what: "threads, one after another" },
];

export function leakCases(amounts: Readonly<Record<string, number>>): void {
  describe("memory stays bounded over", () => {
    let compiled: Compiled;
    beforeAll(() => {
      compiled = compile();
    });
    afterAll(() => compiled?.remove());

    for (const { way, what } of ways) {
      const amount = amounts[way];
      it(`${amount} ${what}`, () => {
        const { stdout, stderr, status, signal } = spawnSync(
          process.execPath,
          [child, compiled.url, way, String(amount)],
          { encoding: "utf8" },
        );
        expect({ status, signal, stderr: stderr.slice(-2000) }).toMatchObject({
          status: 0,
          signal: null,
        });
        const used = JSON.parse(stdout) as Used;
        console.log(`${way} ${amount}: ${stdout.trim()}`);
        if (!bounded) return;
        expect(used.peak).toBeLessThan(400);
        if (used.growth !== undefined) expect(used.growth).toBeLessThan(60);
        if (used.slots !== undefined) expect(used.slots).toBeLessThan(16_384);
      });
    }
  });
}
