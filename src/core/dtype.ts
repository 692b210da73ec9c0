import { DTypeError } from "./errors.js";

/** The element types, in the order that instruction words number them. */
export const dtypes = [
  "float32",
  "float64",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint8",
  "bool",
] as const;

/** An element type. */
export type DType = (typeof dtypes)[number];

/** The typed array that holds elements of a dtype. */
export type ArrayOf<D extends DType> = [D] extends ["float32"]
  ? Float32Array
  : [D] extends ["float64"]
    ? Float64Array
    : [D] extends ["int64"]
      ? BigInt64Array
      : [D] extends ["int32"]
        ? Int32Array
        : [D] extends ["int16"]
          ? Int16Array
          : [D] extends ["int8"]
            ? Int8Array
            : [D] extends ["uint8" | "bool"]
              ? Uint8Array
              : TypedArray;

/** The typed arrays that dtypes live in. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array;

interface ElementsConstructor {
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): TypedArray;
  new (length: number): TypedArray;
}

/** What is known of an element type. */
export interface DTypeInfo {
  readonly name: DType;
  readonly code: number;
  readonly size: number;
  readonly elements: ElementsConstructor;
  /** 0 bool, 1 integer, 2 floating point: a type of a higher category wins a promotion outright. */
  readonly category: 0 | 1 | 2;
  readonly low: bigint;
  readonly high: bigint;
}

function info(
  name: DType,
  code: number,
  size: number,
  elements: ElementsConstructor,
  category: 0 | 1 | 2,
  signed = true,
): DTypeInfo {
  const bits = BigInt(8 * size);
  const high = (1n << (signed ? bits - 1n : bits)) - 1n;
  return { name, code, size, elements, category, low: signed ? -high - 1n : 0n, high };
}

export const dtypeInfo: { readonly [D in DType]: DTypeInfo } = {
  float32: info("float32", 0, 4, Float32Array, 2),
  float64: info("float64", 1, 8, Float64Array, 2),
  int64: info("int64", 2, 8, BigInt64Array, 1),
  int32: info("int32", 3, 4, Int32Array, 1),
  int16: info("int16", 4, 2, Int16Array, 1),
  int8: info("int8", 5, 1, Int8Array, 1),
  uint8: info("uint8", 6, 1, Uint8Array, 1, false),
  bool: info("bool", 7, 1, Uint8Array, 0, false),
};

export const isFloat = (dtype: DType): boolean => dtypeInfo[dtype].category === 2;
export const isInteger = (dtype: DType): boolean => dtypeInfo[dtype].category === 1;

/** The dtype itself, or a DTypeError naming the caller and what it got. */
export function checkDType(dtype: unknown, where: string): DType {
  if (typeof dtype === "string" && Object.hasOwn(dtypeInfo, dtype)) return dtype as DType;
  throw new DTypeError(
    `${where}: unknown dtype ${typeof dtype === "string" ? `"${dtype}"` : String(dtype)}; the dtypes are ${dtypes.join(", ")}`,
  );
}

/** The dtype of a typed array, or null for one that no dtype holds. */
export function dtypeOfArray(array: unknown): DType | null {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Float64Array) return "float64";
  if (array instanceof BigInt64Array) return "int64";
  if (array instanceof Int32Array) return "int32";
  if (array instanceof Int16Array) return "int16";
  if (array instanceof Int8Array) return "int8";
  if (array instanceof Uint8Array || array instanceof Uint8ClampedArray) return "uint8";
  return null;
}

function computePromotion(a: DType, b: DType): DType {
  const x = dtypeInfo[a];
  const y = dtypeInfo[b];
  if (x.category !== y.category) return x.category > y.category ? a : b;
  if (a === b) return a;
  // Of two integer types the wider wins; uint8 and int8 meet in int16, which holds both.
  if (x.size === y.size) return "int16";
  return x.size > y.size ? a : b;
}

const promotions: readonly DType[] = dtypes.flatMap((a) =>
  dtypes.map((b) => computePromotion(a, b)),
);

/** The type that two element types meet in, by PyTorch's table. */
export function promoteTypes(a: DType, b: DType): DType {
  return promotions[dtypeInfo[a].code * dtypes.length + dtypeInfo[b].code] as DType;
}
