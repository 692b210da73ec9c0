/** Products of several matrices, powers, and the exponential. */
import { finish, recordStructural } from "../../autograd/tape.js";
import { ArgumentError, ShapeError } from "../../core/errors.js";
import { showShape } from "../../core/shape.js";
import { structural } from "../../ops/structural.js";
import type { TensorLike } from "../../tensor/create.js";
import { asTensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { clone, contiguous } from "../convert.js";
import { eye, tensor } from "../creation.js";
import { add, gt, mul, sub, where } from "../elementwise.js";
import { unrecorded } from "../internal.js";
import { matmul } from "../products.js";
import { expandTo, reshape, unsqueeze } from "../views.js";
import { inverse, solve } from "./lu.js";
import { matrixNorm } from "./norms.js";
import { batchOf, sizesOf, squares } from "./operands.js";

/**
 * Square matrices multiplied by themselves, n times; for a negative n their inverses.
 *
 * @example
 * linalg.matrixPower([[1, 1], [0, 1]], 5).toArray() // [[1, 5], [0, 1]]
 */
export function matrixPower(x: TensorLike, n: number): Tensor {
  if (!Number.isInteger(n)) {
    throw new ArgumentError(`matrixPower: the power is a whole number, not ${String(n)}`);
  }
  let square = squares(x, "matrixPower");
  if (n === 0) {
    const ones = eye(sizesOf(square)[0], { dtype: square.dtype });
    return contiguous(expandTo(ones, square.layout.shape));
  }
  if (n < 0) square = inverse(square);
  let power: Tensor | null = null;
  for (let left = Math.abs(n); ; square = matmul(square, square)) {
    if (left % 2 === 1) power = power === null ? square : matmul(power, square);
    left = Math.floor(left / 2);
    if (left === 0) return power === x ? clone(x) : (power as Tensor);
  }
}

/**
 * Numerators of Padé approximants of e^x, from x⁰ on; denominators have the signs by turns. With each the norm up to which
 * it is exact to the dtype: Higham (2005), The scaling and squaring method for the matrix exponential revisited, table 2.3,
 * and of single precision its section 3.
 */
const approximants: Record<"float32" | "float64", readonly (readonly [number, number[]])[]> = {
  float32: [
    [4.258730016922831e-1, [120, 60, 12, 1]],
    [1.880152677804762, [30240, 15120, 3360, 420, 30, 1]],
    [3.92572478313866, [17297280, 8648640, 1995840, 277200, 25200, 1512, 56, 1]],
  ],
  float64: [
    [1.495585217958292e-2, [120, 60, 12, 1]],
    [2.53939833006323e-1, [30240, 15120, 3360, 420, 30, 1]],
    [9.504178996162932e-1, [17297280, 8648640, 1995840, 277200, 25200, 1512, 56, 1]],
    [
      2.097847961257068,
      [17643225600, 8821612800, 2075673600, 302702400, 30270240, 2162160, 110880, 3960, 90, 1],
    ],
    [
      5.371920351148152,
      [
        64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000,
        10559470521600, 670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
      ],
    ],
  ],
};

/** The numerator's even and odd terms; of the odd ones x is not yet a factor. */
function terms(x: Tensor, coefficients: readonly number[]): [even: Tensor, odd: Tensor] {
  const one = eye(sizesOf(x)[0], { dtype: x.dtype });
  const squared = matmul(x, x);
  let power: Tensor | null = null;
  let even = mul(one, coefficients[0]);
  let odd = mul(one, coefficients[1]);
  for (let i = 2; i < coefficients.length; i += 2) {
    power = power === null ? squared : matmul(power, squared);
    even = add(even, mul(power, coefficients[i]));
    odd = add(odd, mul(power, coefficients[i + 1]));
  }
  return [even, odd];
}

/** Each matrix is halved until an approximant holds, and the result squared as often. */
function exponential(a: Tensor): Tensor {
  const norms = matrixNorm(a, 1);
  const values = norms.toTypedArray() as Float64Array;
  const largest = values.reduce((x, y) => (y > x ? y : x), 0);
  const table = approximants[a.dtype as "float32" | "float64"];
  const [limit, coefficients] = table.find(([most]) => largest <= most) ?? table[table.length - 1];
  const halvings = Array.from(values, (norm) =>
    norm > limit && norm < Infinity ? Math.ceil(Math.log2(norm / limit)) : 0,
  );
  const most = halvings.reduce((x, y) => Math.max(x, y), 0);
  const perMatrix = (of: (halvings: number) => number): Tensor =>
    reshape(tensor(halvings.map(of), { dtype: a.dtype }), [...batchOf(a), 1, 1]);
  const x =
    most === 0
      ? a
      : mul(
          a,
          perMatrix((s) => 2 ** -s),
        );
  const [even, odd] = terms(x, coefficients);
  const product = matmul(x, odd);
  let result = solve(sub(even, product), add(even, product));
  for (let i = 0; i < most; i++) {
    const squared = matmul(result, result);
    result =
      halvings.length === 1
        ? squared
        : where(
            gt(
              perMatrix((s) => s),
              i,
            ),
            squared,
            result,
          );
  }
  return result;
}

/**
 * The exponentials Σ xᵏ / k! of square matrices, by Padé approximants, halving and squaring.
 *
 * @example
 * linalg.matrixExp([[0, 1], [0, 0]]).toArray() // [[1, 1], [0, 1]]
 */
export function matrixExp(x: TensorLike): Tensor {
  const a = squares(x, "matrixExp");
  const out = unrecorded(() => (a.numel() === 0 ? clone(a) : exponential(a)));
  return finish(recordStructural(structural.matrixExp, [a], null), out);
}

/** Where each part of a product is best cut in two, by the number of multiplications. */
function bestCuts(sizes: readonly number[]): number[][] {
  const n = sizes.length - 1;
  const cost = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  const cut = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let length = 1; length < n; length++) {
    for (let i = 0; i + length < n; i++) {
      const j = i + length;
      cost[i][j] = Infinity;
      for (let k = i; k < j; k++) {
        const total = cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1];
        if (total < cost[i][j]) [cost[i][j], cut[i][j]] = [total, k];
      }
    }
  }
  return cut;
}

/**
 * The product of two or more matrices, multiplied in the order that takes the fewest multiplications. The first may be a
 * vector, as a row, and the last one, as a column.
 *
 * @example
 * linalg.multiDot([[1, 2], [[1, 0], [0, 2]], [3, 4]]).item() // 19
 */
export function multiDot(tensors: readonly TensorLike[]): Tensor {
  if (!Array.isArray(tensors) || tensors.length < 2) {
    throw new ArgumentError("multiDot: expected an array of at least two tensors");
  }
  const all = tensors.map((x) => asTensor(x, "multiDot"));
  const last = all.length - 1;
  all.forEach((x, i) => {
    if (x.ndim === 2 || (x.ndim === 1 && (i === 0 || i === last))) return;
    throw new ShapeError(
      `multiDot: tensor ${i} has shape ${showShape(x.layout.shape)}; expected a matrix${i === 0 || i === last ? " or a vector" : ""}`,
    );
  });
  const [row, column] = [all[0].ndim === 1, all[last].ndim === 1];
  const parts = [...all];
  if (row) parts[0] = unsqueeze(parts[0], 0);
  if (column) parts[last] = unsqueeze(parts[last], 1);
  for (let i = 0; i < last; i++) {
    const [a, b] = [parts[i].layout.shape, parts[i + 1].layout.shape];
    if (a[1] !== b[0]) {
      throw new ShapeError(
        `multiDot: tensors ${i} and ${i + 1} do not fit: ${showShape(a)} @ ${showShape(b)} (${a[1]} vs ${b[0]})`,
      );
    }
  }
  const sizes = [parts[0].layout.shape[0], ...parts.map((x) => x.layout.shape[1])];
  const cut = bestCuts(sizes);
  const multiply = (i: number, j: number): Tensor =>
    i === j ? parts[i] : matmul(multiply(i, cut[i][j]), multiply(cut[i][j] + 1, j));
  const out = multiply(0, last);
  const shape = out.layout.shape.filter((_, d) => !(d === 0 ? row : column));
  return row || column ? reshape(out, shape) : out;
}
