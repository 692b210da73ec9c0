/** Gives every operation to Tensor as a method: the functions with the tensor as first argument. */

import { nodeOf } from "./autograd/tape.js";
import type { DType } from "./core/dtype.js";
import { ArgumentError, GradError, ShapeError } from "./core/errors.js";
import { sameShape, showShape } from "./core/shape.js";
import * as affine from "./functions/affine.js";
import * as autograd from "./functions/autograd.js";
import { connectTensor } from "./functions/connect.js";
import { inner, kron, tensordot } from "./functions/contract.js";
import * as convert from "./functions/convert.js";
import { wantGrad } from "./functions/creation.js";
import type { OutOptions } from "./functions/dispatch.js";
import { cdist } from "./functions/distance.js";
import * as elementwise from "./functions/elementwise.js";
import * as gather from "./functions/gather.js";
import * as inplace from "./functions/inplace.js";
import { choleskyInverse, choleskySolve } from "./functions/linalg/cholesky.js";
import { inverse } from "./functions/linalg/lu.js";
import { vecdot } from "./functions/linalg/tensors.js";
import { tril, triu } from "./functions/linalg/triangular.js";
import type { ChoiceOptions, ValuesIndices } from "./functions/plan.js";
import * as products from "./functions/products.js";
import * as reductions from "./functions/reductions.js";
import * as scans from "./functions/scans.js";
import * as statistics from "./functions/statistics.js";
import * as views from "./functions/views.js";
import type { TensorLike } from "./tensor/create.js";
import type { GradNode } from "./tensor/tensor.js";
import { Tensor } from "./tensor/tensor.js";

/** Exports of the modules below that are no methods: of lists of tensors, or for other modules. */
const helpers = [
  "sizesOf",
  "reversed",
  "diagonalWindow",
  "windowOn",
  "expandTo",
  "embed",
  "linearRecurrence",
  "cat",
  "stack",
] as const;
type Helper = (typeof helpers)[number];

/** The functions of linear algebra that are methods; the others are in the namespace linalg alone. */
const linear = {
  ...affine,
  cdist,
  choleskyInverse,
  choleskySolve,
  inner,
  inverse,
  kron,
  tensordot,
  tril,
  triu,
  vecdot,
};

/** What a function takes after the tensor. */
type Rest<F> = F extends (...all: infer A) => unknown
  ? A extends [unknown, ...infer R]
    ? R
    : never
  : never;
type Method<F> = F extends (...all: never) => infer T ? (...rest: Rest<F>) => T : never;
/** The same for a function that keeps the dtype. */
type Keeping<F, D extends DType> = F extends (...all: never) => infer T
  ? (...rest: Rest<F>) => T extends Tensor[] ? Tensor<D>[] : T extends Tensor ? Tensor<D> : T
  : never;
type KeepingMethods<M, D extends DType, Leave extends string = never> = {
  [K in Exclude<keyof M, Leave | Helper>]: Keeping<M[K], D>;
};
type Methods<M, Leave extends string = never> = {
  [K in Exclude<keyof M, Leave | Helper>]: Method<M[K]>;
};

type Plain = Methods<typeof elementwise, "polygamma"> &
  Methods<typeof reductions, "max" | "min"> &
  Methods<typeof scans> &
  Methods<typeof statistics, "median" | "nanmedian"> &
  Methods<typeof gather> &
  Methods<typeof products> &
  Methods<typeof linear>;
/** Views and copies. */
type Same<D extends DType> = KeepingMethods<typeof views, D> &
  KeepingMethods<typeof convert, D, "to">;
type InPlace<D extends DType> = {
  [K in keyof typeof inplace]: (...rest: Rest<(typeof inplace)[K]>) => Tensor<D>;
};

interface TensorMethods<D extends DType> extends Plain, Same<D>, InPlace<D> {}

declare module "./tensor/tensor.js" {
  interface Tensor<D extends DType = DType> extends TensorMethods<D> {
    max(): Tensor<D>;
    max(dim: number, options?: ChoiceOptions): ValuesIndices;
    max(other: Exclude<TensorLike, number>, options?: OutOptions): Tensor;
    min(): Tensor<D>;
    min(dim: number, options?: ChoiceOptions): ValuesIndices;
    min(other: Exclude<TensorLike, number>, options?: OutOptions): Tensor;
    median(): Tensor<D>;
    median(dim: number, options?: ChoiceOptions): ValuesIndices;
    nanmedian(): Tensor<D>;
    nanmedian(dim: number, options?: ChoiceOptions): ValuesIndices;

    /** The n-th derivative of digamma. */
    polygamma(n: number): Tensor;

    /** The tensor in another dtype; itself where it has that dtype already. */
    to<E extends DType>(dtype: E): Tensor<E>;
    /** As to("float32"). */
    float(): Tensor<"float32">;
    /** As to("float64"). */
    double(): Tensor<"float64">;
    /** As to("int64"). */
    long(): Tensor<"int64">;
    /** As to("int32"). */
    int(): Tensor<"int32">;
    /** As to("int16"). */
    short(): Tensor<"int16">;
    /** As to("int8"). */
    char(): Tensor<"int8">;
    /** As to("uint8"). */
    byte(): Tensor<"uint8">;
    /** As to("bool"). */
    bool(): Tensor<"bool">;

    /** A view with all dims in reverse order; of a matrix, its transpose. */
    readonly T: Tensor<D>;
    /** A view with the last two dims swapped. */
    readonly mT: Tensor<D>;

    /** Whether derivatives are wanted of what is computed from this tensor. */
    requiresGrad: boolean;
    /** Sets requiresGrad, and returns the tensor. */
    requiresGrad_(wanted?: boolean): this;
    /** The gradient that backward() gathered; null before, and for tensors that are not leaves. */
    grad: Tensor<D> | null;
    /** Whether the tensor was made by the caller, not computed from tensors that require grad. */
    readonly isLeaf: boolean;
    /** The operation that computed the tensor, for display; null for a leaf. */
    readonly gradFn: { readonly name: string } | null;
    /** Adds the gradient of this tensor to the grad of every leaf that it depends on. */
    backward(gradient?: TensorLike | null, options?: autograd.BackwardOptions): void;
  }
}

function install(name: string, fn: (x: Tensor, ...rest: never[]) => unknown): void {
  const call = fn as unknown as (...args: unknown[]) => unknown;
  const method =
    fn.length > 3 || /^(reshape|view|expand|permute|slice)$/.test(name)
      ? function (this: Tensor, ...rest: unknown[]): unknown {
          return call(this, ...rest);
        }
      : function (this: Tensor, a: unknown, b: unknown, c: unknown): unknown {
          return call(this, a, b, c);
        };
  Object.defineProperty(method, "name", { value: name });
  Object.defineProperty(Tensor.prototype, name, {
    value: method,
    writable: true,
    configurable: true,
  });
}

const groups = [
  elementwise,
  views,
  reductions,
  scans,
  statistics,
  gather,
  products,
  linear,
  convert,
  inplace,
];
for (const group of groups) {
  for (const [name, fn] of Object.entries(group)) {
    if (typeof fn === "function" && !(helpers as readonly string[]).includes(name))
      install(name, fn as never);
  }
}
install("polygamma", (x: Tensor, n: number) => elementwise.polygamma(n, x));
install("backward", autograd.backward);
install("requiresGrad_", (x: Tensor, wanted: boolean = true) =>
  wantGrad(x, wanted, "requiresGrad_"),
);
for (const [name, dtype] of Object.entries({
  float: "float32",
  double: "float64",
  long: "int64",
  int: "int32",
  short: "int16",
  char: "int8",
  byte: "uint8",
  bool: "bool",
} as const)) {
  install(name, (x: Tensor) => convert.to(x, dtype));
}

function property<T>(
  name: string,
  get: (x: Tensor) => T,
  set?: (x: Tensor, value: T) => void,
): void {
  Object.defineProperty(Tensor.prototype, name, {
    get(this: Tensor) {
      return get(this);
    },
    set:
      set === undefined
        ? undefined
        : function (this: Tensor, value: T) {
            set(this, value);
          },
    configurable: true,
  });
}

property("T", views.reversed);
property("mT", (x) => {
  if (x.ndim < 2) throw new ShapeError(`mT: expected at least 2 dims, got ${x.ndim}`);
  return views.transpose(x, -2, -1);
});
property(
  "requiresGrad",
  (x) => nodeOf(x) !== null,
  (x, wanted) => {
    wantGrad(x, wanted, "requiresGrad");
  },
);
property<Tensor | null>(
  "grad",
  (x) => x.gradient,
  (x, value) => {
    if (value !== null && !(value instanceof Tensor))
      throw new ArgumentError("grad: expected a tensor or null");
    if (
      value !== null &&
      (!sameShape(value.layout.shape, x.layout.shape) || value.dtype !== x.dtype)
    ) {
      throw new GradError(
        `grad: expected ${x.dtype} ${showShape(x.layout.shape)}, got ${value.dtype} ${showShape(value.layout.shape)}`,
      );
    }
    x.gradient = value;
  },
);
property("isLeaf", (x) => nodeOf(x)?.leaf ?? true);
property<GradNode | null>("gradFn", (x) => {
  const node = nodeOf(x);
  return node === null || node.leaf ? null : node;
});

connectTensor();
