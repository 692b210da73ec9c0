// Neither layout nor fusion, instruction set, threads or the sizes that work is cut to change a bit of a sum.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { isa, isas } from "../../src/native/door.js";
import { sums } from "../sums.js";

const script = fileURLToPath(new URL("../sums.ts", import.meta.url));
const here = sums();
// What test/sums.ts printed on another processor (npm run test:isa).
const elsewhere = process.env.NABLA_TEST_SUMS ?? "";
// exp and log are as far apart as libm's are.
const exact = ([name]: [string, unknown]) => !/log|soft/i.test(name);

describe("sums", () => {
  it("are the same for every layout, alone and in a pass with other steps", () => {
    const different = Object.entries(here).filter(([, bits]) => new Set(bits).size > 1);
    expect(different).toEqual([]);
  });

  // An emulated process takes minutes for it.
  it
    .skipIf(elsewhere)
    .each([
      ...isas.filter((name) => name !== isa).map((name) => ({ NABLA_ISA: name })),
      { NABLA_TINY_TILES: "1" },
      { NABLA_NUM_THREADS: "1" },
      { NABLA_NUM_THREADS: "3" },
    ])("are the same with %j", async (settings) => {
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script], {
      env: { ...process.env, ...settings },
      maxBuffer: 2 ** 28,
    });
    const there = JSON.parse(stdout).sums;
    const same = "NABLA_ISA" in settings ? exact : () => true;
    expect(Object.entries(there).filter(same)).toEqual(Object.entries(here).filter(same));
  });

  it.runIf(elsewhere)("are the same on another processor", () => {
    const there: typeof here = JSON.parse(readFileSync(elsewhere, "utf8")).sums;
    expect(Object.entries(here).filter(exact)).toEqual(Object.entries(there).filter(exact));
  });

  it("take little memory for their parts", async () => {
    const index = JSON.stringify(new URL("../../src/index.ts", import.meta.url).href);
    const program = `
      import { noGrad, ones, sum } from ${index};
      const before = process.resourceUsage().maxRSS;
      noGrad(() => sum(ones(1, 64512).expand(16384, 64512), 0));
      console.log(process.resourceUsage().maxRSS - before);`;
    const args = ["--import", "tsx", "--input-type=module", "--eval", program];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(Number(stdout)).toBeLessThan(150_000);
  });
});
