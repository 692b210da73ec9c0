/** Triangles of matrices, and systems of them. */
import { finish, recordStructural } from "../../autograd/tape.js";
import { ArgumentError, ShapeError } from "../../core/errors.js";
import { checkOptions } from "../../core/options.js";
import { showShape } from "../../core/shape.js";
import { structural } from "../../ops/structural.js";
import type { TensorLike } from "../../tensor/create.js";
import { asTensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { arange } from "../creation.js";
import { ge, le, where } from "../elementwise.js";
import { unrecorded } from "../internal.js";
import { transpose, unsqueeze } from "../views.js";
import {
  batchOfBoth,
  checkRows,
  matrix,
  native,
  room,
  run,
  sizesOf,
  squaresTogether,
} from "./operands.js";

function triangle(which: "triu" | "tril", x: TensorLike, diagonal: number): Tensor {
  const a = asTensor(x, which);
  if (a.ndim < 2) {
    throw new ShapeError(`${which}: expected matrices, got shape ${showShape(a.layout.shape)}`);
  }
  if (!Number.isInteger(diagonal)) {
    throw new ArgumentError(`${which}: the diagonal is a whole number, not ${String(diagonal)}`);
  }
  const [m, n] = sizesOf(a);
  const zero = a.dtype === "bool" ? false : 0;
  const kept = unrecorded(() => {
    const rows = unsqueeze(arange(diagonal, m + diagonal, { dtype: "int64" }), 1);
    const columns = arange(n, { dtype: "int64" });
    return where(which === "triu" ? ge(columns, rows) : le(columns, rows), a, zero);
  });
  return finish(recordStructural(structural[which], [a], { diagonal }), kept);
}

/**
 * Matrices with zeros below a diagonal: the main one, or one above it (positive) or below it (negative).
 *
 * @example
 * triu([[1, 2], [3, 4]]).toArray() // [[1, 2], [0, 4]]
 */
export const triu = (x: TensorLike, diagonal = 0): Tensor => triangle("triu", x, diagonal);

/** Matrices with zeros above a diagonal. @example tril([[1, 2], [3, 4]], -1).toArray() // [[0, 0], [3, 0]] */
export const tril = (x: TensorLike, diagonal = 0): Tensor => triangle("tril", x, diagonal);

/** Options of solveTriangular. */
export interface SolveTriangularOptions {
  /** Whether the upper triangle is meant; the other one is not read. */
  upper: boolean;
  /** Whether a stands on the left of x, as it does unless told. */
  left?: boolean;
  /** Whether the diagonal counts as ones, and is not read. */
  unitriangular?: boolean;
}

/**
 * The solution x of a @ x = b, or (left: false) of x @ a = b, for triangular matrices. A zero on the diagonal gives
 * infinities or nan.
 *
 * @example
 * linalg.solveTriangular([[2, 0], [1, 4]], [[2], [9]], { upper: false }).toArray() // [[1], [2]]
 */
export function solveTriangular(
  a: TensorLike,
  b: TensorLike,
  options: SolveTriangularOptions,
): Tensor {
  const name = "solveTriangular";
  checkOptions(options, ["upper", "left", "unitriangular"], name);
  const { upper, left = true, unitriangular = false } = options ?? {};
  if (typeof upper !== "boolean") {
    throw new ArgumentError(`${name}: say { upper: true } or { upper: false }`);
  }
  const [matrices, right] = squaresTogether(a, b, name);
  if (!left) {
    if (right.ndim < 2) checkRows(matrices, right, name);
    const rows = solve(
      transpose(matrices, -2, -1),
      transpose(right, -2, -1),
      !upper,
      unitriangular,
    );
    return transpose(rows, -2, -1);
  }
  return solve(matrices, right, upper, unitriangular);
}

function solve(a: Tensor, b: Tensor, upper: boolean, unitriangular: boolean): Tensor {
  checkRows(a, b, "solveTriangular");
  const batch = batchOfBoth(a, b, "solveTriangular");
  const sizes = sizesOf(b);
  const out = room(a, [...batch, ...sizes]);
  const operands = [matrix(out), matrix(a), matrix(b)];
  run(native.solveTriangular, batch, sizes, operands, [upper ? 1 : 0, unitriangular ? 1 : 0]);
  return finish(
    recordStructural(structural.solveTriangular, [a, b], { upper, unitriangular }),
    out,
  );
}
