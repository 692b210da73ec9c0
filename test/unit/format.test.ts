import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { Printable, PrintOptions, PrintProfile } from "../../src/tensor/format.js";
import { formatTensor, getPrintoptions, setPrintoptions } from "../../src/tensor/format.js";

type Options = { profile?: PrintProfile } & Partial<PrintOptions>;

interface Case {
  name: string;
  dtype: Printable["dtype"];
  shape: number[];
  /** The values in row-major order, or the formula i * scale + offset for them. */
  values: (number | string | boolean)[] | { arange: number; scale: number; offset: number };
  requiresGrad: boolean;
  gradFn: string | null;
  printed: string;
}

const path = new URL("../reference/print.json", import.meta.url);
const reference = JSON.parse(readFileSync(path, "utf8")) as {
  cases: Case[];
  options: (Case & { options: Options })[];
};

function parse(value: number | string | boolean, dtype: Printable["dtype"]) {
  if (dtype === "int64" && typeof value !== "boolean") return BigInt(value);
  if (typeof value !== "string") return value;
  if (value === "inf") return Infinity;
  if (value === "-inf") return -Infinity;
  return Number(value);
}

function cast(value: number, dtype: Printable["dtype"]) {
  if (dtype === "float64") return value;
  if (dtype === "float32") return Math.fround(value);
  if (dtype === "bool") return value !== 0;
  return Math.trunc(value);
}

function printable({ shape, dtype, values, requiresGrad, gradFn }: Case): Printable {
  const at = Array.isArray(values)
    ? (i: number) => parse(values[i]!, dtype)
    : (i: number) => parse(cast(i * values.scale + values.offset, dtype), dtype);
  return { shape, dtype, at, requiresGrad, gradFn };
}

afterEach(() => setPrintoptions({ profile: "default" }));

describe("formatTensor", () => {
  it("has a large reference", () => {
    expect(reference.cases.length).toBeGreaterThan(600);
    expect(reference.options.length).toBeGreaterThan(100);
  });

  it.each(reference.cases)("prints $name as PyTorch does", (c) => {
    expect(formatTensor(printable(c))).toBe(c.printed);
  });

  it.each(reference.options)("prints $name as PyTorch does with $options", (c) => {
    setPrintoptions(c.options);
    expect(formatTensor(printable(c))).toBe(c.printed);
  });

  it.each([{ shape: [10_000_000] }, { shape: [1000, 10_000] }, { shape: [2, 5, 1000, 1000] }])(
    "reads only the shown elements of $shape",
    ({ shape }) => {
      const size = shape.reduce((product, n) => product * n);
      const reads: number[] = [];
      const at = (i: number) => {
        reads.push(i);
        return i;
      };
      const text = formatTensor({ shape, dtype: "int64", at, requiresGrad: false, gradFn: null });
      const shown = shape.reduce((product, n) => product * Math.min(n, 6), 1);
      expect(reads.length).toBe(shown);
      expect(text).toContain(String(size - 1));
    },
  );

  it("rounds exact ties to even for any precision", () => {
    const print = (value: number, precision: number, sciMode: boolean) => {
      setPrintoptions({ precision, sciMode });
      const values = [0.5, value];
      const at = (i: number) => values[i]!;
      return formatTensor({ shape: [2], dtype: "float32", at, requiresGrad: false, gradFn: null });
    };
    expect(print(2.5, 0, false)).toBe("tensor([0, 2])");
    expect(print(-3.5, 0, false)).toBe("tensor([ 0, -4])");
    expect(print(0.125, 2, false)).toBe("tensor([0.50, 0.12])");
    expect(print(0.375, 2, false)).toBe("tensor([0.50, 0.38])");
    expect(print(25, 0, true)).toBe("tensor([5e-01, 2e+01])");
    expect(print(0.0625, 3, true)).toBe("tensor([5.000e-01, 6.250e-02])");
  });
});

describe("setPrintoptions", () => {
  const defaults = { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80, sciMode: null };

  it("starts from the default profile", () => {
    expect(getPrintoptions()).toEqual(defaults);
  });

  it("keeps the options it is not given, but for sciMode", () => {
    setPrintoptions({ precision: 7, sciMode: true });
    expect(getPrintoptions()).toEqual({ ...defaults, precision: 7, sciMode: true });
    setPrintoptions({ edgeitems: 2 });
    expect(getPrintoptions()).toEqual({ ...defaults, precision: 7, edgeitems: 2 });
  });

  it("lets options override the profile", () => {
    setPrintoptions({ profile: "full", linewidth: 100 });
    expect(getPrintoptions()).toEqual({ ...defaults, threshold: Infinity, linewidth: 100 });
    setPrintoptions({ profile: "short" });
    expect(getPrintoptions()).toEqual({ ...defaults, precision: 2, edgeitems: 2 });
  });

  it("hands out a copy", () => {
    getPrintoptions().precision = 9;
    expect(getPrintoptions()).toEqual(defaults);
  });

  it.each([
    { precision: -1 },
    { precision: 1.5 },
    { precision: 101 },
    { threshold: -1 },
    { threshold: NaN },
    { edgeitems: 0 },
    { edgeitems: 2.5 },
    { linewidth: 0 },
    { linewidth: Infinity },
    { profile: "tiny" as PrintProfile },
    { profile: "toString" as PrintProfile },
    { sciMode: 1 as unknown as boolean },
    { precision: 6, linewidth: -1 },
  ] satisfies Options[])("rejects %o and changes nothing", (options) => {
    expect(() => setPrintoptions(options)).toThrow(RangeError);
    expect(getPrintoptions()).toEqual(defaults);
  });
});
