import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { FloatArray, IntegerArray } from "../../src/random/generator.js";
import { defaultGenerator, Generator } from "../../src/random/generator.js";

interface Call {
  op: "uniform" | "normal" | "randint" | "randperm" | "manualSeed";
  dtype: keyof typeof arrays;
  n: number;
  args: (number | string)[];
  /** Every `step`-th value, 1 where there is none. */
  values: (number | string)[];
  step?: number;
  /** Digest of all values as bytes. */
  sha256?: string;
}

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
};

const path = new URL("../reference/generator.json", import.meta.url);
const reference = JSON.parse(readFileSync(path, "utf8")) as {
  defaultSeed: string;
  defaultUniform: number[];
  sequences: { name: string; seed: string; initialSeed: string; calls: Call[] }[];
};

function run(generator: Generator, { op, dtype, n, args }: Call): FloatArray | IntegerArray {
  const out = new arrays[dtype](n);
  const [a, b] = args;
  if (op === "randperm") return generator.randperm(n);
  if (op === "manualSeed") generator.manualSeed(BigInt(a!));
  if (op === "randint") generator.fillRandint(out, BigInt(a!), BigInt(b!));
  if (out instanceof Float32Array || out instanceof Float64Array) {
    if (op === "uniform") generator.fillUniform(out, Number(a), Number(b));
    if (op === "normal") generator.fillNormal(out, Number(a), Number(b));
  }
  return out;
}

function check(out: FloatArray | IntegerArray, call: Call): void {
  const { step = 1 } = call;
  const got = Array.from(out as ArrayLike<number | bigint>).filter((_, i) => i % step === 0);
  if (out instanceof BigInt64Array) {
    expect(got).toEqual(call.values.map(BigInt));
  } else if (call.op !== "normal") {
    expect(got).toEqual(call.values);
  } else {
    // The logarithm, sine and cosine of a double may differ in the last place between libraries.
    // The sum with the mean can cancel, so the tolerance is relative to its terms.
    const tolerance = call.dtype === "float32" ? 1e-6 : 1e-14;
    const mean = Math.abs(Number(call.args[0]));
    expect(got.length).toBe(call.values.length);
    call.values.map(Number).forEach((expected, i) => {
      const error = Math.abs(Number(got[i]) - expected);
      expect(error).toBeLessThanOrEqual(tolerance * (Math.abs(expected) + 2 * mean));
    });
  }
  // Long normal samples in float32 do not depend on any library and match in every bit.
  if (call.sha256 !== undefined && !(call.op === "normal" && call.dtype === "float64")) {
    const bytes = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(call.sha256);
  }
}

describe("Generator", () => {
  it("has a large reference", () => {
    expect(reference.sequences.length).toBeGreaterThan(150);
  });

  it.each(reference.sequences)("gives PyTorch's values: $name", ({ seed, initialSeed, calls }) => {
    const generator = new Generator(BigInt(seed));
    expect(generator.initialSeed()).toBe(BigInt(initialSeed));
    for (const call of calls) check(run(generator, call), call);
  });

  it("starts from PyTorch's default seed", () => {
    const generator = new Generator();
    const out = new Float32Array(4);
    generator.fillUniform(out);
    expect(generator.initialSeed()).toBe(BigInt(reference.defaultSeed));
    expect([...out]).toEqual(reference.defaultUniform);
  });

  it("restarts with manualSeed", () => {
    const generator = new Generator(1);
    const first = generator.random();
    generator.random64();
    expect(generator.manualSeed(1)).toBe(generator);
    expect(generator.random()).toBe(first);
    expect(generator.manualSeed(1n).random()).toBe(first);
  });

  it("is the Mersenne Twister", () => {
    // The first output and, required of every C++ library, the 10000th for the standard seed.
    const generator = new Generator(5489);
    expect(generator.random()).toBe(3499211612);
    for (let i = 2; i < 10000; i++) generator.random();
    expect(generator.random()).toBe(4123659995);
  });

  it("puts the first word into the high half of 64 bits", () => {
    const words = new Generator(3);
    const [high, low] = [BigInt(words.random()), BigInt(words.random())];
    expect(new Generator(3).random64()).toBe(high * 2n ** 32n + low);
  });

  it("reseeds unpredictably", () => {
    const generator = new Generator(1);
    const seeds = new Set([1, 2, 3, 4].map(() => generator.seed()));
    expect(seeds.size).toBe(4);
    expect(seeds).toContain(generator.initialSeed());
    const next = generator.random();
    expect(new Generator(generator.initialSeed()).random()).toBe(next);
    expect(defaultGenerator.initialSeed()).not.toBe(new Generator().initialSeed());
  });

  it("fills part of an array and nothing else", () => {
    const whole = new BigInt64Array(6).fill(-1n);
    new Generator(0).fillRandint(whole.subarray(2, 5), -3, 1000);
    const alone = new BigInt64Array(3);
    new Generator(0).fillRandint(alone, -3, 1000);
    expect([...whole]).toEqual([-1n, -1n, ...alone, -1n]);

    const floats = new Float32Array(24).fill(7);
    new Generator(0).fillNormal(floats.subarray(2, 22));
    const normals = new Float32Array(20);
    new Generator(0).fillNormal(normals);
    expect([...floats]).toEqual([7, 7, ...normals, 7, 7]);
  });

  it("passes on special means and deviations", () => {
    const out = new Float32Array(20);
    new Generator(0).fillNormal(out, NaN, 1);
    expect(out.every(Number.isNaN)).toBe(true);
    new Generator(0).fillNormal(out, 0, Infinity);
    expect(out.every((x) => Math.abs(x) === Infinity)).toBe(true);
    const few = new Float64Array(3);
    new Generator(0).fillNormal(few, Infinity, 1);
    expect([...few]).toEqual([Infinity, Infinity, Infinity]);
  });

  it.each([2n ** 64n, -(2n ** 63n) - 1n, 2 ** 64, 0.5, NaN, Infinity])(
    "rejects the seed %s",
    (seed) => {
      expect(() => new Generator(seed)).toThrow(RangeError);
      const generator = new Generator(4);
      expect(() => generator.manualSeed(seed)).toThrow(RangeError);
      expect(generator.initialSeed()).toBe(4n);
    },
  );

  it("rejects bad arguments", () => {
    const g = new Generator(0);
    const f32 = new Float32Array(2);
    const f64 = new Float64Array(2);
    const i64 = new BigInt64Array(2);
    const bad: (() => unknown)[] = [
      () => g.fillUniform(f32, 1, 0),
      () => g.fillUniform(f32, NaN, 1),
      () => g.fillUniform(f32, 0, 1e39),
      () => g.fillUniform(f32, -3e38, 3e38),
      () => g.fillUniform(f64, 0, Infinity),
      () => g.fillUniform(f64, -1e308, 1e308),
      () => g.fillNormal(f32, 0, -1),
      () => g.fillNormal(f64, 0, NaN),
      () => g.fillRandint(i64, 5, 5),
      () => g.fillRandint(i64, 0.5, 5),
      () => g.fillRandint(i64, 0n, 2n ** 63n),
      () => g.fillRandint(i64, -(2n ** 63n) - 1n, 0),
      () => g.fillRandint(f64, 0, 2 ** 63),
      () => g.fillRandint(new Uint8Array(1), -1, 5),
      () => g.fillRandint(new Uint8Array(1), 0, 257),
      () => g.fillRandint(new Int8Array(1), -129, 5),
      () => g.fillRandint(new Int32Array(1), 0, 2 ** 31 + 1),
      () => g.fillRandint(f32, 2 ** 25 + 1, 2 ** 25 + 3),
      () => g.randperm(-1),
      () => g.randperm(1.5),
    ];
    for (const call of bad) expect(call, call.toString()).toThrow(RangeError);
    // None of them drew anything.
    expect(g.random()).toBe(new Generator(0).random());
  });
});
