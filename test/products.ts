/**
 * Checks matmul as native code has it, with alpha and beta, over sizes, strides and element types. Values are small whole
 * numbers, so that results are exact in whatever order they are summed. As a script it prints a summary as JSON, for the
 * instruction set that NABLA_ISA names: tsx test/products.ts
 */
import { pathToFileURL } from "node:url";
import type { DType, DTypeInfo } from "../src/core/dtype.js";
import { dtypeInfo } from "../src/core/dtype.js";
import { Layout } from "../src/core/shape.js";
import * as nabla from "../src/index.js";
import { nativeOp } from "../src/native/door.js";
import type { Elements } from "../src/tensor/execute.js";
import { matrices } from "../src/tensor/execute.js";

const op = nativeOp("matmul").code;

type Numbers = Float32Array | Float64Array | Int32Array | Int16Array | Int8Array | Uint8Array;

/** Memory of one element type. */
export class Memory {
  readonly data: Numbers;
  readonly #tensor: nabla.Tensor;
  readonly type: DTypeInfo;

  constructor(dtype: DType, length: number) {
    this.#tensor = nabla.zeros(length, { dtype });
    this.data = this.#tensor.data as Numbers;
    this.type = dtypeInfo[dtype];
  }

  view(shape: readonly number[], strides: readonly number[], offset: number): Elements {
    const layout = new Layout(shape, strides);
    return { type: this.type, storage: this.#tensor.storage, layout, offset };
  }
}

export function multiply(
  [m, n, k]: readonly [number, number, number],
  out: Elements,
  a: Elements,
  b: Elements,
  [alpha, beta]: readonly [number, number] = [1, 0],
): void {
  const batch = out.layout.shape.slice(0, -2);
  matrices(
    op,
    batch,
    [m, n, k],
    [[out, 2] as const, [a, 2] as const, [b, 2] as const],
    [alpha, beta],
  );
}

/** How the elements of a matrix lie: of row i and column j, for matrices of up to `most` rows and columns. */
interface Plan {
  readonly rs: number;
  readonly cs: number;
  readonly first: number;
}
const plans = {
  rows: (most) => ({ rs: most + 3, cs: 1, first: 3 }),
  columns: (most) => ({ rs: 1, cs: most + 3, first: 3 }),
  both: (most) => ({ rs: 2 * most + 1, cs: 2, first: 3 }),
  backwards: (most) => ({ rs: -most - 3, cs: -1, first: (most + 3) * most - 1 }),
  upwards: (most) => ({ rs: -1, cs: most + 3, first: most + 3 }),
  "one row": () => ({ rs: 0, cs: 1, first: 3 }),
  "one column": () => ({ rs: 1, cs: 0, first: 3 }),
  "one value": () => ({ rs: 0, cs: 0, first: 3 }),
} satisfies Record<string, (most: number) => Plan>;
export type PlanName = keyof typeof plans;
export const planNames = Object.keys(plans) as PlanName[];

const poisonOf = (type: DTypeInfo): number => (type.name.startsWith("float") ? Number.NaN : -91);

/** A matrix with values that a small generator draws from `low` to `high`, and poison around them. */
class Operand {
  readonly memory: Memory;
  readonly plan: Plan;

  constructor(dtype: DType, most: number, name: PlanName, seed: number, low = -4, high = 4) {
    this.plan = plans[name](most);
    this.memory = new Memory(dtype, (name === "both" ? 2 : 1) * (most + 3) ** 2 + 6);
    const { data } = this.memory;
    data.fill(poisonOf(this.memory.type));
    let state = seed;
    for (let i = 0; i < most; i++) {
      for (let j = 0; j < most; j++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        data[this.place(i, j)] = low + ((state >>> 8) % (high - low + 1));
      }
    }
  }

  place(i: number, j: number): number {
    return this.plan.first + i * this.plan.rs + j * this.plan.cs;
  }
  at(i: number, j: number): number {
    return this.memory.data[this.place(i, j)];
  }
  part(rows: number, columns: number): Elements {
    const { rs, cs, first } = this.plan;
    return this.memory.view([rows, columns], [rs, cs], first);
  }
}

export interface Summary {
  isa: string;
  cases: number;
  failures: string[];
}

/** Products of all the sizes given, with every operand laid out as named. */
export function checkSizes(
  summary: Summary,
  dtype: DType,
  sizes: { m: readonly number[]; n: readonly number[]; k: readonly number[] },
  [aPlan, bPlan, cPlan]: readonly [PlanName, PlanName, PlanName],
  [alpha, beta]: readonly [number, number] = [1, 0],
): void {
  const all = [...sizes.m, ...sizes.n, ...sizes.k];
  const most = Math.max(...all);
  const [rows, columns] = [Math.max(...sizes.m), Math.max(...sizes.n)];
  const a = new Operand(dtype, most, aPlan, 1);
  const b = new Operand(dtype, most, bPlan, 2);
  const c = new Operand(dtype, most, cPlan, 3);
  const before = c.memory.data.slice();
  // Where beta is 0, c holds poison beforehand.
  if (beta === 0) before.fill(poisonOf(c.memory.type));
  const expected = c.memory.data.slice();
  const sums = new Float64Array(rows * columns);
  let depth = 0;
  for (const k of [...sizes.k].sort((x, y) => x - y)) {
    for (; depth < k; depth++) {
      for (let i = 0; i < rows; i++) {
        const x = a.at(i, depth);
        for (let j = 0; j < columns; j++) sums[i * columns + j] += x * b.at(depth, j);
      }
    }
    for (const m of sizes.m) {
      for (const n of sizes.n) {
        summary.cases++;
        c.memory.data.set(before);
        expected.set(before);
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            const at = c.place(i, j);
            expected[at] = alpha * sums[i * columns + j] + (beta === 0 ? 0 : beta * before[at]);
          }
        }
        multiply([m, n, k], c.part(m, n), a.part(m, k), b.part(k, n), [alpha, beta]);
        const found = c.memory.data;
        for (let i = 0; i < found.length; i++) {
          if (Object.is(found[i] + 0, expected[i] + 0)) {
            continue;
          }
          const where = `${dtype} m ${m} n ${n} k ${k}, ${aPlan} @ ${bPlan} to ${cPlan}`;
          summary.failures.push(
            `${where}, ${alpha}, ${beta}: ${found[i]}, not ${expected[i]} at ${i}`,
          );
          break;
        }
      }
    }
  }
}

const range = (end: number): number[] => Array.from({ length: end }, (_, i) => i);
const some = [0, 1, 2, 3, 5, 8, 9, 16, 17, 24, 31, 33, 40];

export function checkAll(depths: readonly number[] = range(41)): Summary {
  const summary: Summary = { isa: nabla.isa, cases: 0, failures: [] };
  const every = { m: range(41), n: range(41), k: depths };
  const few = { m: some, n: some, k: some };
  for (const dtype of ["float32", "float64"] as const) {
    checkSizes(summary, dtype, every, ["rows", "rows", "rows"]);
    for (const a of planNames) {
      for (const b of planNames) {
        const sizes = { m: [1, 2, 7, 17, 40], n: [1, 3, 8, 33], k: [0, 1, 4, 33] };
        checkSizes(summary, dtype, sizes, [a, b, "rows"]);
        checkSizes(summary, dtype, sizes, [a, b, "columns"], [2, -3]);
        checkSizes(summary, dtype, sizes, [a, b, "both"], [-1, 1]);
      }
    }
    checkSizes(summary, dtype, few, ["columns", "rows", "rows"], [2, 1]);
    checkSizes(summary, dtype, few, ["rows", "columns", "rows"], [1, 3]);
    checkSizes(summary, dtype, few, ["columns", "columns", "columns"]);
    checkSizes(summary, dtype, few, ["backwards", "backwards", "backwards"]);
    // Around the sizes of blocks, of tasks and of what is packed.
    for (const plan of ["rows", "columns"] as const) {
      const k = [255, 256, 257, 383, 384, 385, 520];
      checkSizes(summary, dtype, { m: [63, 65, 119, 121], n: [47, 65, 95, 97], k }, [
        plan,
        plan,
        "rows",
      ]);
      checkSizes(
        summary,
        dtype,
        { m: [239, 241, 257], n: [129, 256, 259], k: [70] },
        [plan, plan, "rows"],
        [1, 1],
      );
    }
  }
  for (const dtype of ["int32", "int16", "int8", "uint8"] as const) {
    checkSizes(
      summary,
      dtype,
      { m: some, n: some, k: [0, 1, 2, 3] },
      ["rows", "rows", "rows"],
      [-1, 0],
    );
    for (const plan of planNames) {
      const sizes = { m: [1, 3, 17, 40], n: [1, 3, 17, 40], k: [0, 1, 2, 3] };
      checkSizes(summary, dtype, sizes, [plan, "columns", "both"], [1, 2]);
    }
  }
  return summary;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  console.log(JSON.stringify(checkAll([1, 2, 7, 40])));
}
