// Random numbers with the streams of PyTorch's CPU generator: the same seed and the same calls give
// the same values.

import { randomBytes } from "node:crypto";

export type FloatArray = Float32Array | Float64Array;
export type IntegerArray = BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array;

const stateSize = 624;
const middle = 397;
const twoTo32 = 2 ** 32;
const largestFloat32 = (2 - 2 ** -23) * 2 ** 127;

/** The seed a generator starts from when it is given none. */
const defaultSeed = 67280421310721n;

/** Where in a 64-bit integer its low 32 bits are: first on little-endian machines. */
const lowHalf = new Uint32Array(new BigInt64Array([1n]).buffer)[0] === 1 ? 0 : 1;

/** Arrays from this length on are filled with normal samples a block at a time. */
const normalBlock = 16;

/** A Mersenne Twister (MT19937). */
export class Generator {
  readonly #state = new Int32Array(stateSize);
  /** The state as random words. */
  readonly #words = new Uint32Array(stateSize);
  /** Index of the next word. */
  #next = stateSize;
  #initialSeed = defaultSeed;
  /** Normal samples come in pairs; the second waits here for the next call. */
  #spareNormal: number | null = null;

  constructor(seed: bigint | number = defaultSeed) {
    this.manualSeed(seed);
  }

  /** Restarts the stream from an integer in [-2^63, 2^64); a negative seed means seed + 2^64. */
  manualSeed(seed: bigint | number): this {
    const value = toInteger(seed, "seed");
    if (value < -(2n ** 63n) || value >= 2n ** 64n) {
      throw new RangeError(`seed must be in [-2^63, 2^64), got ${value}`);
    }
    this.#initialSeed = BigInt.asUintN(64, value);
    this.#spareNormal = null;

    // Only the low half reaches the state: the twister is seeded with 32 bits.
    const state = this.#state;
    let word = Number(BigInt.asIntN(32, value));
    state[0] = word;
    for (let i = 1; i < stateSize; i++) {
      word = (Math.imul(1812433253, word ^ (word >>> 30)) + i) | 0;
      state[i] = word;
    }
    this.#next = stateSize;
    return this;
  }

  /** Restarts the stream from a seed that cannot be foreseen, and returns that seed. */
  seed(): bigint {
    this.manualSeed(randomBytes(8).readBigUInt64LE());
    return this.#initialSeed;
  }

  /** The seed the current stream started from. */
  initialSeed(): bigint {
    return this.#initialSeed;
  }

  /** The next 32 bits, as an unsigned integer. */
  random(): number {
    if (this.#next === stateSize) this.#renew();
    return this.#words[this.#next++]!;
  }

  /** The next 64 bits, the high half first. */
  random64(): bigint {
    const high = BigInt(this.random());
    return (high << 32n) | BigInt(this.random());
  }

  /** Uniform samples from [from, to). */
  fillUniform(out: FloatArray, from = 0, to = 1): void {
    const single = out instanceof Float32Array;
    const largest = single ? largestFloat32 : Number.MAX_VALUE;
    if (!(Math.abs(from) <= largest && Math.abs(to) <= largest)) {
      throw new RangeError(`uniform: the range [${from}, ${to}) is out of bounds`);
    }
    if (from > to) throw new RangeError(`uniform: expected from <= to, got [${from}, ${to})`);
    if (to - from > largest) throw new RangeError(`uniform: [${from}, ${to}) is too wide`);

    // Two loops, each of which stores to one type of array.
    if (single) {
      for (let i = 0; i < out.length; i++) out[i] = uniform32(this.random());
    } else {
      for (let i = 0; i < out.length; i++) out[i] = uniform64(this.random(), this.random());
    }
    if (from !== 0 || to !== 1) {
      const scale = single ? Math.fround(Math.fround(to) - Math.fround(from)) : to - from;
      scaleAndShift(out, scale, from);
    }
  }

  /** Samples from the normal distribution with the given mean and standard deviation. */
  fillNormal(out: FloatArray, mean = 0, std = 1): void {
    if (!(std >= 0)) throw new RangeError(`normal: expected std >= 0, got ${std}`);
    if (out.length < normalBlock) {
      for (let i = 0; i < out.length; i++) out[i] = fma(this.#normal(), std, mean);
      return;
    }
    const boxMuller = out instanceof Float32Array ? boxMuller32 : boxMuller64;
    this.fillUniform(out);
    for (let start = 0; start + normalBlock <= out.length; start += normalBlock) {
      boxMuller(out, start);
    }
    if (out.length % normalBlock !== 0) {
      // What is left over gets a block drawn anew, which overlaps the one before.
      const tail = out.subarray(out.length - normalBlock);
      this.fillUniform(tail);
      boxMuller(tail, 0);
    }
    scaleAndShift(out, std, mean);
  }

  /** Uniform integers from [low, high). */
  fillRandint(out: FloatArray | IntegerArray, low: bigint | number, high: bigint | number): void {
    let from = toInteger(low, "low");
    let to = toInteger(high, "high");
    if (from >= to) throw new RangeError(`randint: expected low < high, got [${low}, ${high})`);
    const [min, max] = integerLimits(out);
    if (from < min || to - 1n > max) {
      const type = out.constructor.name;
      throw new RangeError(`randint: [${low}, ${high}) is out of bounds for ${type}`);
    }
    if (out instanceof Float32Array || out instanceof Float64Array) {
      [from, to] = shrinkToFloats(from, to, out instanceof Float32Array);
      if (from >= to) {
        throw new RangeError(`randint: [${low}, ${high}) has no number of the output's type`);
      }
    }
    const range = to - from;
    // An int32 takes 32 random bits even for its full range of 2^32.
    const wide = range >= 2n ** 32n && !(out instanceof Int32Array);
    if (!wide && from >= Number.MIN_SAFE_INTEGER && to <= Number.MAX_SAFE_INTEGER) {
      this.#fillNarrow(out, Number(from), Number(range));
      return;
    }
    for (let i = 0; i < out.length; i++) {
      const bits = wide ? this.random64() : BigInt(this.random());
      const value = from + (bits % range);
      if (out instanceof BigInt64Array) out[i] = value;
      else out[i] = toFloat(value, out instanceof Float32Array);
    }
  }

  /** A random permutation of 0 .. n - 1. */
  randperm(n: number): BigInt64Array {
    if (!Number.isInteger(n) || n < 0) {
      throw new RangeError(`randperm: expected a non-negative integer, got ${n}`);
    }
    // All items fit the low halves, and swapping those takes no bigint.
    const items = new BigInt64Array(n);
    const halves = new Uint32Array(items.buffer);
    for (let i = 0; i < n; i++) halves[2 * i + lowHalf] = i;
    for (let i = 0; i < n - 1; i++) {
      const j = i + modulo(this.random(), n - i);
      const item = halves[2 * i + lowHalf]!;
      halves[2 * i + lowHalf] = halves[2 * j + lowHalf]!;
      halves[2 * j + lowHalf] = item;
    }
    return items;
  }

  /** Integers base + (0 .. range - 1) for a range of at most 32 bits; all are safe integers. */
  #fillNarrow(out: FloatArray | IntegerArray, base: number, range: number): void {
    // A chunk of doubles in between keeps the loop to one type of array.
    const values = new Float64Array(Math.min(out.length, 1024));
    for (let start = 0; start < out.length; start += values.length) {
      const count = Math.min(values.length, out.length - start);
      for (let i = 0; i < count; i++) values[i] = base + modulo(this.random(), range);
      const drawn = values.subarray(0, count);
      if (out instanceof BigInt64Array) setIntegers(out, start, drawn);
      else out.set(drawn, start);
    }
  }

  #renew(): void {
    const state = this.#state;
    for (let i = 0; i < stateSize - middle; i++) {
      state[i] = state[i + middle]! ^ twistWords(state[i]!, state[i + 1]!);
    }
    for (let i = stateSize - middle; i < stateSize - 1; i++) {
      state[i] = state[i + middle - stateSize]! ^ twistWords(state[i]!, state[i + 1]!);
    }
    state[stateSize - 1] = state[middle - 1]! ^ twistWords(state[stateSize - 1]!, state[0]!);
    const words = this.#words;
    for (let i = 0; i < stateSize; i++) words[i] = temper(state[i]!);
    this.#next = 0;
  }

  /** One standard normal sample. */
  #normal(): number {
    if (this.#spareNormal !== null) {
      const spare = this.#spareNormal;
      this.#spareNormal = null;
      return spare;
    }
    const theta = 2 * Math.PI * uniform64(this.random(), this.random());
    const radius = Math.sqrt(-2 * Math.log(1 - uniform64(this.random(), this.random())));
    this.#spareNormal = radius * Math.sin(theta);
    return radius * Math.cos(theta);
  }
}

/** The generator that is used where no other is given. It starts from an unpredictable seed. */
export const defaultGenerator = new Generator();
defaultGenerator.seed();

function twistWords(word: number, following: number): number {
  const mixed = (word & 0x80000000) | (following & 0x7fffffff);
  return (mixed >>> 1) ^ (-(mixed & 1) & 0x9908b0df);
}

function temper(word: number): number {
  word ^= word >>> 11;
  word ^= (word << 7) & 0x9d2c5680;
  word ^= (word << 15) & 0xefc60000;
  return word ^ (word >>> 18);
}

/** A float32 in [0, 1), all of whose 24 bits are random. */
function uniform32(word: number): number {
  return (word & 0xffffff) * 2 ** -24;
}

/** A float64 in [0, 1), all of whose 53 bits are random: the low 53 of two words. */
function uniform64(high: number, low: number): number {
  return ((high & 0x1fffff) * twoTo32 + low) * 2 ** -53;
}

function toInteger(value: bigint | number, name: string): bigint {
  if (typeof value === "number" && !Number.isInteger(value)) {
    throw new RangeError(`${name} must be an integer, got ${value}`);
  }
  return BigInt(value);
}

/**
 * value % divisor for 32-bit unsigned integers, several times faster than `%` on doubles. The
 * quotient is off an integer by at least 1 / divisor or not at all, so rounding leaves its floor.
 */
function modulo(value: number, divisor: number): number {
  return value - Math.floor(value / divisor) * divisor;
}

/** Stores safe integers, without the cost of making them bigints. */
function setIntegers(out: BigInt64Array, start: number, values: Float64Array): void {
  const halves = new Uint32Array(out.buffer, out.byteOffset + 8 * start, 2 * values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    halves[2 * i + lowHalf] = value;
    halves[2 * i + 1 - lowHalf] = Math.floor(value / twoTo32);
  }
}

/** Smallest and largest integer to draw for an array's type. */
function integerLimits(out: FloatArray | IntegerArray): [bigint, bigint] {
  if (out instanceof Uint8Array) return [0n, 255n];
  if (out instanceof Int8Array || out instanceof Int16Array || out instanceof Int32Array) {
    const half = 1n << BigInt(8 * out.BYTES_PER_ELEMENT - 1);
    return [-half, half - 1n];
  }
  // The bound above the largest integer must be an int64, too.
  return [-(2n ** 63n), 2n ** 63n - 2n];
}

/** The integer as the nearest double or float32. */
function toFloat(value: bigint, single: boolean): number {
  if (!single) return Number(value);
  // Rounding to a double first could make a tie for the second rounding. Where a double does not
  // hold the value, its low bits are merged into one that keeps it off the tie.
  if (BigInt.asIntN(54, value) !== value) {
    const low = value & 1023n;
    value = (value - low) | (low === 0n ? 0n : 1024n);
  }
  return Math.fround(Number(value));
}

/**
 * Bounds for integers that become floats: where rounding would carry the smallest or the largest
 * integer out of the range, the bound moves inwards by a step of the float type.
 */
function shrinkToFloats(from: bigint, to: bigint, single: boolean): [bigint, bigint] {
  const digits = single ? 24 : 53;
  // Rounding up to 2^63 overflows to -2^63, as it does on x86.
  const round = (value: bigint) => BigInt.asIntN(64, BigInt(toFloat(value, single)));
  const step = (value: bigint) => {
    const bits = (value < 0n ? -value : value).toString(2).length;
    return 1n << BigInt(bits - digits);
  };
  const smallest = round(from + 1n);
  const largest = round(to - 1n);
  return [
    smallest < from ? smallest + step(from + 1n) : from,
    largest >= to ? largest - step(to - 1n) : to,
  ];
}

// Normal samples by the method of Box and Muller, in blocks of 16: the first eight uniform samples
// give radii, the last eight angles. Adding 0 makes a negative zero positive, as adding a mean of 0
// does.

function boxMuller64(samples: FloatArray, start: number): void {
  for (let i = start; i < start + 8; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - samples[i]!));
    const theta = 2 * Math.PI * samples[i + 8]!;
    samples[i] = radius * Math.cos(theta) + 0;
    samples[i + 8] = radius * Math.sin(theta) + 0;
  }
}

// In float32 PyTorch evaluates polynomials of the Cephes library with fused multiply-adds. To get
// its values to the last bit, this rounds to float32 (f) where it does. The product of two float32
// is exact in a double, so f(a * b + c) is a fused multiply-add but for one rounding in many
// millions.

const f = Math.fround;
const twoPi = f(2 * Math.PI);
const fourOverPi = f(4 / Math.PI);
const sqrtHalf = f(Math.SQRT1_2);

function boxMuller32(samples: FloatArray, start: number): void {
  for (let i = start; i < start + 8; i++) {
    const radius = f(Math.sqrt(f(-2 * log32(f(1 - samples[i]!)))));
    const theta = f(twoPi * samples[i + 8]!);

    // With the nearest even multiple of pi/4 taken off in three parts, x is in [-pi/4, pi/4].
    const octant = (Math.trunc(f(theta * fourOverPi)) + 1) & ~1;
    let x = f(theta - octant * 0.78515625);
    x = f(x - octant * 2.4187564849853515625e-4);
    x = f(x - octant * 3.77489497744594108e-8);
    const z = f(x * x);

    let cos = f(2.443315711809948e-5);
    cos = f(cos * z - f(1.388731625493765e-3));
    cos = f(cos * z + f(4.166664568298827e-2));
    cos = f(f(cos * z) * z - 0.5 * z);
    cos = f(cos + 1);

    let sin = f(-1.9515295891e-4);
    sin = f(sin * z + f(8.3321608736e-3));
    sin = f(sin * z - f(1.6666654611e-1));
    sin = f(f(sin * z) * x + x);

    const swap = (octant & 2) !== 0;
    const sinTheta = (octant & 4) === 0 ? (swap ? cos : sin) : swap ? -cos : -sin;
    const cosTheta = ((octant - 2) & 4) !== 0 ? (swap ? sin : cos) : swap ? -sin : -cos;
    samples[i] = radius * cosTheta + 0;
    samples[i + 8] = radius * sinTheta + 0;
  }
}

/** Natural logarithm of a multiple of 2^-24 in (0, 1]. */
function log32(value: number): number {
  // value = mantissa * 2^exponent with the mantissa in [sqrt(1/2), sqrt(2)).
  let exponent = 8 - Math.clz32(value * 2 ** 24);
  let mantissa = value * 2 ** -exponent;
  if (mantissa < sqrtHalf) {
    mantissa *= 2;
    exponent--;
  }
  const x = mantissa - 1;
  const z = f(x * x);
  let y = f(7.0376836292e-2);
  y = f(y * x - f(1.151461031e-1));
  y = f(y * x + f(1.167699874e-1));
  y = f(y * x - f(1.2420140846e-1));
  y = f(y * x + f(1.4249322787e-1));
  y = f(y * x - f(1.6668057665e-1));
  y = f(y * x + f(2.0000714765e-1));
  y = f(y * x - f(2.4999993993e-1));
  y = f(y * x + f(3.3333331174e-1));
  y = f(y * x);
  y = f(y * z + f(exponent * f(-2.1219444e-4)));
  y = f(y - 0.5 * z);
  return f(f(x + y) + exponent * 0.693359375);
}

/** Replaces each x by x * scale + shift, rounded once, as PyTorch computes it. */
function scaleAndShift(samples: FloatArray, scale: number, shift: number): void {
  if (scale === 1 && shift === 0) return;
  if (samples instanceof Float32Array) {
    const scale32 = f(scale);
    const shift32 = f(shift);
    // The product is exact in a double.
    for (let i = 0; i < samples.length; i++) {
      samples[i] = addToOdd(samples[i]! * scale32, shift32);
    }
  } else {
    for (let i = 0; i < samples.length; i++) samples[i] = fma(samples[i]!, scale, shift);
  }
}

// Exactly rounded sums after Boldo and Melquiond, "Emulation of FMA and correctly rounded sums:
// proved algorithms using rounding to odd".

/** x * y + z with a single rounding. */
function fma(x: number, y: number, z: number): number {
  if (Math.abs(y) > 2 ** 900 && Number.isFinite(y)) {
    // Taking such a factor apart would overflow.
    return fma(x, y * 2 ** -200, z * 2 ** -200) * 2 ** 200;
  }
  const product = x * y;
  const productLow = productError(x, y, product);
  const low = z + productLow;
  const high = product + low;
  const rest = addToOdd(sumError(product, low, high), sumError(z, productLow, low));
  const result = high + rest;
  // The errors of infinities are nan.
  return Number.isFinite(result) ? result : product + z;
}

/** x * y - product, where product is x * y rounded. */
function productError(x: number, y: number, product: number): number {
  const xHigh = upperHalf(x);
  const yHigh = upperHalf(y);
  const xLow = x - xHigh;
  const yLow = y - yHigh;
  return xLow * yLow - (product - xHigh * yHigh - xLow * yHigh - xHigh * yLow);
}

/** The upper 26 bits of a double's 53. */
function upperHalf(x: number): number {
  const scaled = x * (2 ** 27 + 1);
  return scaled - (scaled - x);
}

/** a + b - sum, where sum is a + b rounded. */
function sumError(a: number, b: number, sum: number): number {
  const bRounded = sum - a;
  return a - (sum - bRounded) + (b - bRounded);
}

const bits = new DataView(new ArrayBuffer(8));

/**
 * a + b, where a sum that no double holds becomes the one of its two neighbors with an odd last
 * bit. Rounding that to fewer bits gives what rounding the exact sum would.
 */
function addToOdd(a: number, b: number): number {
  const sum = a + b;
  const error = sumError(a, b, sum);
  if (error === 0 || !Number.isFinite(sum)) return sum;
  bits.setFloat64(0, sum);
  const low = bits.getUint32(4);
  if (low % 2 === 1) return sum;
  // The other neighbor is next in the direction of the error.
  if (error > 0 === sum > 0) {
    bits.setUint32(4, low + 1);
  } else {
    if (low === 0) bits.setUint32(0, bits.getUint32(0) - 1);
    bits.setUint32(4, low - 1);
  }
  return bits.getFloat64(0);
}
