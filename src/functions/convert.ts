/** Copies, casts and tensors joined from others. */
import { finish, recordStructural } from "../autograd/tape.js";
import type { DType } from "../core/dtype.js";
import { checkDType, dtypeInfo } from "../core/dtype.js";
import { ArgumentError, ShapeError } from "../core/errors.js";
import {
  contiguousLayout,
  Layout,
  maxDims,
  sameShape,
  showShape,
  wrapDim,
  wrapDims,
} from "../core/shape.js";
import { structural } from "../ops/structural.js";
import type { TensorLike } from "../tensor/create.js";
import { asTensor, dense, fresh } from "../tensor/create.js";
import { castTo } from "../tensor/deferred.js";
import * as execute from "../tensor/execute.js";
import { Tensor } from "../tensor/tensor.js";
import { evaluate, promote } from "./dispatch.js";

/** The tensor in another dtype; itself where it has that dtype already. @example to([1.7, -1.7], "int32").toArray() // [1, -1] */
export function to<D extends DType>(x: TensorLike, dtype: D): Tensor<D> {
  const tensor = asTensor(x, "to");
  const type = checkDType(dtype, "to") as D;
  if (tensor.dtype === type) return tensor as Tensor<D>;
  const { layout } = tensor;
  const dense = layout.contiguous ? layout : contiguousLayout(layout.shape);
  const out = evaluate<D>(castTo(dtypeInfo[type]), dense, [tensor]);
  // Only floating-point values carry a derivative on.
  return dtypeInfo[type].category === 2
    ? finish(recordStructural(structural.to, [tensor], null), out)
    : out;
}

/** A copy with memory of its own. @example clone([1, 2]).toArray() // [1, 2] */
export function clone(x: TensorLike): Tensor {
  const tensor = asTensor(x, "clone");
  return finish(recordStructural(structural.clone, [tensor], null), dense(tensor, tensor.type));
}

/** The tensor itself where its elements lie densely in row-major order, else such a copy. @example contiguous(t([[1, 2], [3, 4]])).stride() // [2, 1] */
export function contiguous(x: TensorLike): Tensor {
  const tensor = asTensor(x, "contiguous");
  return tensor.layout.contiguous ? tensor : clone(tensor);
}

/** The same memory, off the tape: a constant to derivatives. @example detach(tensor([1], { requiresGrad: true })).requiresGrad // false */
export function detach(x: TensorLike): Tensor {
  const tensor = asTensor(x, "detach");
  return new Tensor(tensor.type, tensor.storage, tensor.layout, tensor.offset);
}

function list(tensors: readonly TensorLike[], where: string): Tensor[] {
  if (!Array.isArray(tensors)) throw new ArgumentError(`${where}: expected an array of tensors`);
  if (tensors.length === 0) throw new ArgumentError(`${where}: expected at least one tensor`);
  return tensors.map((x) => asTensor(x, where));
}

/** Copies pieces next to each other along a dim of a fresh tensor. */
function join(
  pieces: readonly Tensor[],
  dtype: DType,
  shape: readonly number[],
  dim: number,
): Tensor {
  const type = dtypeInfo[dtype];
  const out = fresh(type, contiguousLayout(shape));
  const { strides } = out.layout;
  let start = 0;
  execute.copyAll(
    pieces.map((piece) => {
      const place = {
        type,
        storage: out.storage,
        layout: new Layout(piece.layout.shape, strides),
        offset: start * strides[dim],
      };
      start += piece.layout.shape[dim];
      return [place, piece] as const;
    }),
  );
  return out;
}

/**
 * Tensors joined along a dim that they have.
 *
 * @throws ShapeError when another size differs.
 * @example
 * cat([[[1, 2]], [[3, 4]]]).toArray() // [[1, 2], [3, 4]]
 */
export function cat(tensors: readonly TensorLike[], dim = 0): Tensor {
  const all = list(tensors, "cat");
  // An empty vector joins with anything, as in PyTorch.
  const solid = all.filter((x) => !(x.ndim === 1 && x.layout.numel === 0));
  const pieces = solid.length > 0 ? solid : all;
  const first = pieces[0].layout.shape;
  if (first.length === 0) throw new ShapeError("cat: 0-d tensors cannot be joined; stack() them");
  const d = wrapDim(dim, first.length, "cat");
  for (const { layout } of pieces) {
    const fits =
      layout.shape.length === first.length &&
      layout.shape.every((size, i) => i === d || size === first[i]);
    if (!fits) {
      throw new ShapeError(
        `cat: shapes differ outside of dim ${d}: ${showShape(first)} and ${showShape(layout.shape)}`,
      );
    }
  }
  const total = pieces.reduce((n, x) => n + x.layout.shape[d], 0);
  const shape = first.map((size, i) => (i === d ? total : size));
  const out = join(pieces, promote(all), shape, d);
  return finish(recordStructural(structural.cat, pieces, { dim: d }), out);
}

/** Tensors of one shape joined along a new dim. @example stack([[1, 2], [3, 4]], 1).toArray() // [[1, 3], [2, 4]] */
export function stack(tensors: readonly TensorLike[], dim = 0): Tensor {
  const all = list(tensors, "stack");
  const { shape } = all[0].layout;
  const d = wrapDim(dim, shape.length + 1, "stack");
  if (shape.length === maxDims) throw new ShapeError(`stack: a tensor has at most ${maxDims} dims`);
  for (const x of all) {
    if (!sameShape(x.layout.shape, shape)) {
      throw new ShapeError(
        `stack: shapes differ: ${showShape(shape)} and ${showShape(x.layout.shape)}`,
      );
    }
  }
  const slabs = all.map(
    (x) =>
      new Tensor(
        x.type,
        x.storage,
        new Layout(
          [...shape.slice(0, d), 1, ...shape.slice(d)],
          [...x.layout.strides.slice(0, d), 1, ...x.layout.strides.slice(d)],
        ),
        x.offset,
      ),
  );
  const out = join(slabs, promote(all), [...shape.slice(0, d), all.length, ...shape.slice(d)], d);
  return finish(recordStructural(structural.stack, all, { dim: d }), out);
}

/** A copy with the order along dims reversed. @example flip([1, 2, 3], [0]).toArray() // [3, 2, 1] */
export function flip(x: TensorLike, dims: number | readonly number[]): Tensor {
  const tensor = asTensor(x, "flip");
  const { shape, strides } = tensor.layout;
  const flipped = wrapDims(typeof dims === "number" ? [dims] : dims, shape.length, "flip").filter(
    () => shape.length > 0,
  );
  let { offset } = tensor;
  const reverse = strides.map((step, d) => {
    if (!flipped.includes(d) || shape[d] === 0) return step;
    offset += step * (shape[d] - 1);
    return -step;
  });
  const out = fresh(tensor.type, contiguousLayout(shape));
  execute.copy(out, {
    type: tensor.type,
    storage: tensor.storage,
    layout: new Layout(shape, reverse),
    offset,
  });
  return finish(recordStructural(structural.flip, [tensor], { dims: flipped }), out);
}
