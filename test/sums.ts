/**
 * Sums and products of one set of numbers that lie in memory in several ways, alone, after another step and in several
 * walks, as bits:
 * tsx test/sums.ts prints them as JSON, for the instruction set and the sizes that the environment names.
 */
import { fileURLToPath } from "node:url";
import { dtypeInfo } from "../src/core/dtype.ts";
import type { Tensor } from "../src/index.ts";
import * as nabla from "../src/index.ts";
import * as door from "../src/native/door.ts";
import { Rng } from "./fuzz/numbers.ts";

const shapes: readonly (readonly number[])[] = [
  [7, 3],
  [5, 300],
  [300, 5],
  [131, 257],
  [3, 2, 1000],
  [20, 30, 40],
  [100, 3, 701],
  [5, 70_000],
  [70_000, 5],
  [200_001],
];

/** The same values in other places: dims in another order, with gaps, in the other direction of memory. */
function layouts(x: Tensor): Tensor[] {
  const last = x.ndim - 1;
  const out = [x, nabla.transpose(nabla.clone(nabla.transpose(x, 0, last).contiguous()), 0, last)];
  const wide = nabla.stack([x, nabla.zerosLike(x)], x.ndim);
  out.push(nabla.select(wide, x.ndim, 0));
  const tall = nabla.cat([x, x], 0);
  out.push(nabla.narrow(tall, 0, x.shape[0], x.shape[0]));
  const padded = nabla.cat([x, x], last);
  out.push(nabla.narrow(padded, last, 0, x.shape[last]));
  return out;
}

/**
 * op over dims of x in one pass with ones that lie in the other order: after their product, or beside another reduction
 * of them.
 */
function fused(op: string, x: Tensor, dims: readonly number[], way: "after" | "beside"): Tensor {
  const kept = x.shape.map((_, d) => d).filter((d) => !dims.includes(d));
  const order = [...kept, ...dims];
  const type = dtypeInfo[x.dtype];
  const ones = nabla
    .ones([...x.shape].reverse(), { dtype: x.dtype })
    .permute(x.shape.map((_, d) => x.ndim - 1 - d));
  const result = () =>
    nabla.zeros(
      kept.map((d) => x.shape[d]),
      { dtype: x.dtype },
    );
  const [out, other] = [result(), result()];
  door.begin(door.form.pass);
  for (const word of [kept.length, dims.length, 4, 2]) door.word(word);
  for (const d of order) door.word(x.shape[d]);
  for (const to of [out, other]) {
    door.operand(to.storage, type, to.offset);
    order.forEach((_, i) => {
      door.word(to.layout.strides[i] ?? 0);
    });
  }
  for (const from of [x, ones]) {
    door.operand(from.storage, type, from.offset);
    for (const d of order) door.word(from.layout.strides[d]);
  }
  const code = door.nativeOp(op).code;
  if (way === "after") {
    door.step(door.nativeOp("mul").code, type, 4, 2, 3, -1);
    door.step(code, type, 0, 4, -1, -1);
  } else {
    door.step(code, type, 0, 2, -1, -1);
    door.step(door.nativeOp("amax").code, type, 1, 3, -1, -1);
  }
  door.end();
  door.run();
  return out;
}

function bits(x: Tensor): string {
  const size = (x.numel() * dtypeInfo[x.dtype].size) / 4;
  const words = new Uint32Array(nabla.clone(x).contiguous().data.buffer, 0, size);
  let [low, high] = [1, 2];
  for (const word of words) {
    low = Math.imul(low ^ word, 0x01000193);
    high = Math.imul(high ^ word, 0x85ebca6b) ^ (high >>> 15);
  }
  return `${low}, ${high}`;
}

const eager = {
  sum: (x: Tensor, dims: readonly number[]) => nabla.sum(x, dims),
  mean: (x: Tensor, dims: readonly number[]) => nabla.mean(x, dims),
  prod: (x: Tensor, [dim]: readonly number[]) => nabla.prod(x, dim),
};

const { add, amax, div, exp, log, mean, square, sub, sum } = nabla;

/** What walks over dims several times: as one function, and as single operations. */
const walks = {
  var: [
    (x: Tensor, dims: readonly number[]) => nabla.var(x, dims, { correction: 0 }),
    (x: Tensor, dims: readonly number[]) => {
      const count = dims.reduce((n, d) => n * x.shape[d], 1);
      return div(sum(square(sub(x, mean(x, dims, { keepdim: true }))), dims), count);
    },
  ],
  logsumexp: [
    (x: Tensor, dims: readonly number[]) => nabla.logsumexp(x, dims),
    (x: Tensor, dims: readonly number[]) => {
      const top = amax(x, dims, { keepdim: true });
      return add(log(sum(exp(sub(x, top)), dims)), amax(x, dims));
    },
  ],
  softmax: [
    (x: Tensor, [dim]: readonly number[]) => nabla.softmax(x, dim),
    (x: Tensor, [dim]: readonly number[]) => {
      const powers = exp(sub(x, amax(x, dim, { keepdim: true })));
      return div(powers, sum(powers, dim, { keepdim: true }));
    },
  ],
  logSoftmax: [
    (x: Tensor, [dim]: readonly number[]) => nabla.logSoftmax(x, dim),
    (x: Tensor, [dim]: readonly number[]) => {
      const below = sub(x, amax(x, dim, { keepdim: true }));
      return sub(below, log(sum(exp(below), dim, { keepdim: true })));
    },
  ],
} as const;

/** By what is summed, the bits of each way to sum it. */
export function sums(): Record<string, string[]> {
  const rng = new Rng(11);
  const out: Record<string, string[]> = {};
  nabla.noGrad(() => {
    for (const shape of shapes) {
      for (const dtype of ["float32", "float64", "int64"] as const) {
        const count = shape.reduce((a, b) => a * b, 1);
        const draw = dtype === "int64" ? () => rng.int(1, 99) : () => 1 + (rng.next() - 0.5) / 8;
        const values = Float64Array.from({ length: count }, draw);
        const x = nabla.reshape(nabla.tensor(values, { dtype }), shape);
        const every = shape.map((_, d) => d);
        const outer = shape.length > 2 ? [[0, shape.length - 1]] : [];
        for (const dims of [...every.map((d) => [d]), ...outer, every]) {
          for (const op of ["sum", "mean", "prod"] as const) {
            if ((op === "prod" && dims.length > 1) || (op === "mean" && dtype === "int64"))
              continue;
            const name = `${op} of ${dtype} [${shape.join(", ")}] over ${dims.join(", ")}`;
            out[name] = layouts(x).flatMap((laid) => [
              bits(eager[op](laid, dims)),
              bits(fused(op, laid, dims, "after")),
              bits(fused(op, laid, dims, "beside")),
            ]);
          }
          for (const [op, ways] of Object.entries(walks)) {
            if (dtype === "int64" || (op.endsWith("oftmax") && dims.length > 1)) continue;
            const name = `${op} of ${dtype} [${shape.join(", ")}] over ${dims.join(", ")}`;
            const pending = nabla.mul(x, 1);
            out[name] = [...layouts(x), pending].flatMap((laid) =>
              ways.map((way) => bits(way(laid, dims))),
            );
          }
        }
      }
    }
  });
  return out;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify({ isa: door.isa, sums: sums() }));
}
