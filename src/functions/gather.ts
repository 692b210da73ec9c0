/** Elements taken from, and added to, the places that indices name. */
import { finish, recordStructural } from "../autograd/tape.js";
import { dtypeInfo } from "../core/dtype.js";
import { DTypeError, ShapeError } from "../core/errors.js";
import { checkOptions } from "../core/options.js";
import type { Shape } from "../core/shape.js";
import { contiguousLayout, showShape, wrapDim } from "../core/shape.js";
import { nativeOp } from "../native/door.js";
import { structural } from "../ops/structural.js";
import type { TensorLike } from "../tensor/create.js";
import { asTensor, dense, fresh } from "../tensor/create.js";
import * as execute from "../tensor/execute.js";
import type { Tensor } from "../tensor/tensor.js";
import type { OutOptions } from "./dispatch.js";
import { into } from "./dispatch.js";

const gatherOp = nativeOp("gather");
const scatterAddOp = nativeOp("scatter_add");

const lined = (shape: Shape): Shape => (shape.length === 0 ? [1] : shape);

/** Throws unless an index fits the shapes that it is used with; one of no elements fits any. */
function checkIndex(
  index: Tensor,
  shape: Shape,
  dim: number,
  source: Shape | null,
  where: string,
): void {
  if (index.dtype !== "int64") {
    throw new DTypeError(`${where}: the index is int64, not ${index.dtype}`);
  }
  if (index.layout.numel === 0) return;
  const own = lined(index.layout.shape);
  const fits =
    own.length === lined(shape).length &&
    own.every((size, d) => d === dim || size <= lined(shape)[d]) &&
    (source === null ||
      (own.length === lined(source).length && own.every((size, d) => size <= lined(source)[d])));
  if (!fits) {
    const others = source === null ? "" : ` and ${showShape(source)}`;
    throw new ShapeError(
      `${where}: an index of shape ${showShape(index.layout.shape)} does not fit ${showShape(shape)}${others}`,
    );
  }
}

/**
 * The elements of x that an index names along a dim; the result has the shape of the index.
 *
 * @throws IndexError for an index out of range, negative ones too.
 * @example
 * gather([[1, 2], [3, 4]], 1, [[1n], [0n]]).toArray() // [[2], [3]]
 */
export function gather(
  x: TensorLike,
  dim: number,
  index: TensorLike,
  options?: OutOptions,
): Tensor {
  checkOptions(options, ["out"], "gather");
  const tensor = asTensor(x, "gather");
  const at = asTensor(index, "gather");
  const { shape } = tensor.layout;
  const d = wrapDim(dim, shape.length, "gather");
  checkIndex(at, shape, d, null, "gather");
  const out = fresh(tensor.type, contiguousLayout(at.layout.shape));
  execute.gather(gatherOp.code, out, tensor, at, d, lined(shape)[d]);
  const result = finish(recordStructural(structural.gather, [tensor, at], { dim: d }), out);
  return into(result, options, "gather");
}

/**
 * x with the elements of a source added to the places that an index names along a dim.
 *
 * @throws IndexError for an index out of range, negative ones too.
 * @example
 * scatterAdd([0, 0, 0], 0, [2n, 0n, 2n], [1, 2, 3]).toArray() // [2, 0, 4]
 */
export function scatterAdd(
  x: TensorLike,
  dim: number,
  index: TensorLike,
  source: TensorLike,
  options?: OutOptions,
): Tensor {
  checkOptions(options, ["out"], "scatterAdd");
  const tensor = asTensor(x, "scatterAdd");
  const at = asTensor(index, "scatterAdd");
  const from = asTensor(source, "scatterAdd");
  const { shape } = tensor.layout;
  const d = wrapDim(dim, shape.length, "scatterAdd");
  if (tensor.dtype !== from.dtype) {
    throw new DTypeError(`scatterAdd: the source is ${from.dtype}, and x ${tensor.dtype}`);
  }
  checkIndex(at, shape, d, from.layout.shape, "scatterAdd");
  const out = dense(tensor, dtypeInfo[tensor.dtype]);
  execute.gather(scatterAddOp.code, out, from, at, d, lined(shape)[d]);
  const recording = recordStructural(structural.scatterAdd, [tensor, at, from], { dim: d });
  return into(finish(recording, out), options, "scatterAdd");
}
