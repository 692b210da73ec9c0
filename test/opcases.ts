/**
 * Runs the cases of reference/ops.json in every memory layout and compares with PyTorch's results. As a script it prints
 * a summary as JSON, for the instruction set that NABLA_ISA names: tsx test/opcases.ts
 */
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { DType } from "../src/core/dtype.js";
import { dtypeInfo } from "../src/core/dtype.js";
import { numelOf } from "../src/core/shape.js";
import * as nabla from "../src/index.js";
import { elementwise } from "../src/ops/elementwise.js";
import type { Laid, LayoutName, Value } from "./layouts.js";
import { layouts, makeLaid, read } from "./layouts.js";

type Coded = number | string;
type Contents =
  | Coded[]
  | string
  | { ramp: [number, number, number] }
  | { step: number; shown: Coded[] | string; sum: number };
type Entry = [dtype: DType, shape: number[], contents: Contents];

type Argument =
  | number
  | string
  | boolean
  | null
  | Argument[]
  | { x: number; layout?: LayoutName }
  | { number: string }
  | { big: string }
  | { options: Record<string, Argument> };

/** The place of a tensor, the places of several, the name of a dtype, or −1 where PyTorch raises. */
type Result = number | string | Result[];
type Case = [args: Argument[], result: Result, scale?: number];

const table = JSON.parse(
  readFileSync(new URL("./reference/ops.json", import.meta.url), "utf8"),
) as { tensors: Entry[]; cases: Record<string, Case[]> };

export const opNames: readonly string[] = Object.keys(table.cases);

interface Allowance {
  readonly op: RegExp;
  readonly when: (dtypes: DType[], args: Argument[]) => boolean;
  readonly why: string;
}

const isWhole = (dtype: DType): boolean => dtypeInfo[dtype].category < 2;
const isNumber = (x: Argument): boolean =>
  typeof x === "number" ||
  typeof x === "boolean" ||
  (typeof x === "object" && !!x && "number" in x);

/** What PyTorch 1.13 refuses and nabla need not. */
export const allowed: readonly Allowance[] = [
  {
    op: /^arg(max|min)$/,
    when: ([dtype]) => dtype === "bool",
    why: "bools are ordered, and max and min along a dim find the same index",
  },
  {
    op: /^hypot_?$/,
    when: (dtypes) => dtypes.every(isWhole),
    why: "integers become float32, as they do for atan2",
  },
  {
    op: /^(atan2|hypot)_$/,
    when: (_, [, other]) => isNumber(other),
    why: "a number may stand wherever a tensor is expected",
  },
  {
    op: /^sub_?$/,
    when: (dtypes, args) =>
      (dtypes.includes("bool") || args.includes(true)) &&
      (dtypes.some((d) => d !== "bool") || args.some((x) => isNumber(x) && x !== true)),
    why: "a bool counts as 0 or 1 among numbers, as it does for add; only bool − bool has no result",
  },
  {
    op: /^(add|sub)$/,
    when: (dtypes) => dtypes.every(isWhole),
    why: "alpha · y promotes as mul does",
  },
  { op: /^trace$/, when: ([dtype]) => dtype === "bool", why: "it is the sum of the diagonal" },
  {
    op: /^diag$/,
    when: (_, [, offset]) => Math.abs(Number(offset)) > 1,
    why: "a diagonal beyond the matrix is empty, as diagonal gives it",
  },
];

/** Floating-point results that libraries round differently; of all others every bit is compared. */
const rounded = new Set(
  `rsqrt exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sigmoid erf
  erfc pow atan2 hypot cbrt silu gelu softplus lgamma digamma polygamma`.split(/\s+/),
);

const special: Record<string, number> = { nan: Number.NaN, inf: Infinity, "-inf": -Infinity };

function decode(coded: Coded[] | string, dtype: DType): Value[] {
  if (typeof coded === "string") return Array.from(coded, Number);
  if (dtype === "int64") return coded.map(BigInt);
  const numbers = coded.map((x) => (typeof x === "number" ? x : special[x]));
  // The table holds the shortest text that a float32 is the nearest to.
  return dtype === "float32" ? numbers.map(Math.fround) : numbers;
}

function rampValues(numel: number, dtype: DType, [a, m, s]: [number, number, number]): Value[] {
  return Array.from({ length: numel }, (_, i) => {
    const value = ((a * i) % m) - s;
    return dtype === "int64" ? BigInt(value) : dtype === "bool" ? Number(value !== 0) : value;
  });
}

const valuesOf = new Map<number, Value[]>();
function contents(place: number): Value[] {
  let found = valuesOf.get(place);
  if (found === undefined) {
    const [dtype, shape, given] = table.tensors[place];
    found =
      typeof given === "string" || Array.isArray(given)
        ? decode(given, dtype)
        : "ramp" in given
          ? rampValues(numelOf(shape), dtype, given.ramp)
          : [];
    valuesOf.set(place, found);
  }
  return found;
}

const laidInputs = new Map<string, Laid | null>();
function laidInput(place: number, layout: LayoutName): Laid | null {
  const key = `${place} ${layout}`;
  let found = laidInputs.get(key);
  if (found === undefined) {
    const [dtype, shape] = table.tensors[place];
    found = makeLaid(contents(place), shape, dtype, layout);
    laidInputs.set(key, found);
  }
  return found;
}

/** The tensor arguments of a case, in order. */
function tensorsIn(args: Argument[]): { x: number; layout?: LayoutName }[] {
  return args.flatMap((arg) => {
    if (Array.isArray(arg)) return tensorsIn(arg);
    if (typeof arg !== "object" || arg === null) return [];
    if ("options" in arg) return tensorsIn(Object.values(arg.options));
    return "x" in arg ? [arg] : [];
  });
}

/** Arguments as a call takes them; `lay` gives the tensors, in order. */
function materialise(arg: Argument, lay: (place: number) => nabla.Tensor): unknown {
  if (Array.isArray(arg)) return arg.map((x) => materialise(x, lay));
  if (typeof arg !== "object" || arg === null) return arg;
  if ("x" in arg) return lay(arg.x);
  if ("number" in arg) return special[arg.number];
  if ("big" in arg) return BigInt(arg.big);
  return Object.fromEntries(
    Object.entries(arg.options).map(([key, value]) => [key, materialise(value, lay)]),
  );
}

/** The layouts to try for each tensor argument: all alike, and two mixtures. */
function variantsOf(inputs: { x: number; layout?: LayoutName }[]): LayoutName[][] {
  const plain = inputs.map(({ layout }) => layout ?? "contiguous");
  if (inputs.length === 0 || inputs.every(({ layout }) => layout !== undefined)) return [plain];
  const variants = [plain];
  const tried = new Set([plain.join()]);
  for (let k = 0; k < (inputs.length > 1 ? 7 : 4); k++) {
    const variant = inputs.map(({ x, layout }, i): LayoutName => {
      if (layout !== undefined) return layout;
      const wanted = layouts[(k < 4 ? k : k + i) % 4];
      return laidInput(x, wanted) === null ? "contiguous" : wanted;
    });
    if (!tried.has(variant.join())) variants.push(variant);
    tried.add(variant.join());
  }
  return variants;
}

const show = (x: unknown): string =>
  JSON.stringify(x, (_, v) =>
    typeof v === "bigint" ? `${v}n` : typeof v === "number" && !Number.isFinite(v) ? String(v) : v,
  );

/** Whether an element differs from what it should be by more than rounding. */
function wrong(
  got: Value,
  expected: Value,
  dtype: DType,
  exact: boolean,
  scale: number | null,
): boolean {
  if (Object.is(got, expected)) return false;
  if (typeof got === "bigint" || typeof expected === "bigint" || !dtype.startsWith("float")) {
    return true;
  }
  if (!Number.isFinite(expected) || !Number.isFinite(got)) return true;
  if (exact && scale === null) return true;
  // The sign of an exact zero counts.
  if (scale === null && expected === 0) return true;
  const single = dtype === "float32";
  const least = single ? 2 ** -149 : 2 ** -1074;
  const unit = single ? 1e-6 : 1e-14;
  return !(Math.abs(got - expected) <= unit * (scale ?? Math.abs(expected)) + 4 * least);
}

/** What differs between a result and the table's, or null. */
function difference(
  op: string,
  got: unknown,
  expected: Result,
  scale: number | undefined,
): string | null {
  if (typeof expected === "string") {
    return got === expected ? null : `got ${String(got)}, not ${expected}`;
  }
  if (Array.isArray(expected)) {
    const list = Array.isArray(got) ? got : Object.values(got as object);
    if (list.length !== expected.length)
      return `got ${list.length} results, not ${expected.length}`;
    for (let i = 0; i < list.length; i++) {
      const found = difference(op, list[i], expected[i], scale);
      if (found !== null) return `result ${i}: ${found}`;
    }
    return null;
  }
  const [dtype, shape, stored] = table.tensors[expected];
  if (!(got instanceof nabla.Tensor)) return `got ${String(got)}, not a tensor`;
  if (got.dtype !== dtype) return `dtype ${got.dtype}, not ${dtype}`;
  if (got.shape.join() !== shape.join()) return `shape [${got.shape}], not [${shape}]`;
  const values = read(got);
  if (typeof stored === "object" && !Array.isArray(stored) && "step" in stored) {
    const shown = decode(stored.shown, dtype);
    for (let i = 0; i < shown.length; i++) {
      const at = i * stored.step;
      if (Number(values[at]) !== Number(shown[i])) {
        return `element ${at} is ${values[at]}, not ${shown[i]}`;
      }
    }
    let total = 0;
    for (let i = 0; i < values.length; i++) total += Number(values[i]) * ((i % 1009) + 1);
    return total === stored.sum ? null : `the weighted sum is ${total}, not ${stored.sum}`;
  }
  const wanted = contents(expected);
  const scales = scale === undefined ? null : contents(scale);
  const exact = !rounded.has(op.replace(/_$/, ""));
  // PyTorch's e⁻ˣ overflows before the result is too small, and gives 0.
  const maySink = /^(sigmoid|silu)_?$/.test(op);
  const eitherZero = /^(a?m(ax|in)|aminmax|maximum|minimum)$/.test(op);
  for (let i = 0; i < wanted.length; i++) {
    const relative = scales === null ? null : Number(scales[i]);
    // Of 0 and −0 PyTorch takes now one, now the other.
    if (eitherZero && values[i] === wanted[i]) continue;
    if (maySink && wanted[i] === 0 && Math.abs(Number(values[i])) < 2 ** -126) continue;
    if (wrong(values[i], wanted[i], dtype, exact, relative)) {
      return `element ${i} is ${show(values[i])}, not ${show(wanted[i])}`;
    }
  }
  return null;
}

type Callable = (...args: unknown[]) => unknown;
const functions: Record<string, Callable | undefined> = {
  ...(nabla as unknown as Record<string, Callable>),
  ...Object.fromEntries(
    Object.entries(nabla.linalg).map(([name, fn]) => [`linalg.${name}`, fn as Callable]),
  ),
};

/** Calls an op: as a method where `asMethod` and there is one, else as a function. */
function invoke(op: string, args: unknown[], asMethod: boolean): unknown {
  const [first, ...rest] = args;
  if (first instanceof nabla.Tensor && (asMethod || functions[op] === undefined)) {
    const member = (first as unknown as Record<string, Callable | nabla.Tensor | undefined>)[op];
    if (member instanceof nabla.Tensor) return member; // T and mT
    if (member !== undefined) return member.apply(first, rest);
  }
  return (functions[op] as Callable)(...args);
}

/** Views share the memory of what they are taken from. */
const views = new Set(
  `view squeeze unsqueeze permute transpose t T mT movedim expand expandAs narrow select slice diagonal unbind split
  detach`.split(/\s+/),
);

function runVariant(
  op: string,
  [args, result, scale]: Case,
  variant: LayoutName[],
  asMethod: boolean,
) {
  const inPlace = op.endsWith("_");
  const used: Laid[] = [];
  const given = args.map((arg) =>
    materialise(arg, (place) => {
      const layout = variant[used.length];
      const [dtype, shape] = table.tensors[place];
      const laid =
        inPlace && used.length === 0
          ? makeLaid(contents(place), shape, dtype, layout)
          : laidInput(place, layout);
      used.push(laid as Laid);
      return (laid as Laid).tensor;
    }),
  );
  let got: unknown;
  try {
    got = invoke(op, given, asMethod);
  } catch (error) {
    if (result !== -1) return `threw ${String(error)}`;
    if (!(error instanceof nabla.NablaError)) return `threw no NablaError: ${String(error)}`;
    return used.every((laid) => laid.unchanged()) ? null : "threw after writing";
  }
  if (result === -1)
    return `gave ${show(got instanceof nabla.Tensor ? [got.dtype, read(got)] : got)} where PyTorch raises`;
  const found = difference(op, got, result, scale);
  if (found !== null) return found;
  if (inPlace) {
    if (got !== given[0]) return "did not return the tensor";
    if (!used[0].surroundingsUnchanged()) return "wrote outside of the tensor";
    if (!used.slice(1).every((laid) => laid.unchanged())) return "wrote to an operand";
  } else if (!used.every((laid) => laid.unchanged())) return "wrote to an operand";
  if (views.has(op)) {
    const list = Array.isArray(got) ? got : [got];
    if (!list.every((x) => (x as nabla.Tensor).storage === used[0].tensor.storage))
      return "is no view";
  }
  return null;
}

/** A case with each tensor repeated along a new first dim until it fills several tiles of a kernel. */
function runTiled(op: string, [args, result, scale]: Case, layout: LayoutName): string | null {
  const [outType, shape] = table.tensors[result as number];
  const copies = Math.ceil(1600 / numelOf(shape));
  const repeat = (values: Value[]): Value[] => Array.from({ length: copies }, () => values).flat();
  const given = args.map((arg) =>
    materialise(arg, (place) => {
      const [dtype] = table.tensors[place];
      const laid = makeLaid(repeat(contents(place)), [copies, ...shape], dtype, layout);
      return (laid as Laid).tensor;
    }),
  );
  let values: Value[];
  try {
    values = read(invoke(op, given, false) as nabla.Tensor);
  } catch (error) {
    return `tiled: threw ${String(error)}`;
  }
  const wanted = repeat(contents(result as number));
  const exact = !rounded.has(op.replace(/_$/, ""));
  const scales = scale === undefined ? null : repeat(contents(scale));
  const i = wanted.findIndex((value, k) =>
    wrong(values[k], value, outType, exact, scales === null ? null : Number(scales[k])),
  );
  return i < 0 ? null : `tiled: element ${i} is ${show(values[i])}, not ${show(wanted[i])}`;
}

const canTile = (op: string, [args, result]: Case): boolean => {
  if (
    !Object.hasOwn(elementwise, op.replace(/_$/, "")) ||
    typeof result !== "number" ||
    result < 0
  ) {
    return false;
  }
  const [, shape] = table.tensors[result];
  const inputs = tensorsIn(args).map(({ x }) => table.tensors[x]);
  return (
    numelOf(shape) >= 12 &&
    inputs.every(([dtype, own]) => own.join() === shape.join() && dtype === inputs.at(-1)?.[0])
  );
};

export interface Summary {
  isa: string;
  cases: number;
  runs: number;
  allowed: number;
  failures: string[];
}

const describeCase = (op: string, args: Argument[]): string =>
  `${op}(${args
    .map((arg) => {
      const [one] = tensorsIn([arg]);
      if (one === undefined) return show(arg);
      const many = tensorsIn([arg]).map(
        ({ x }) => `${table.tensors[x][0]}[${table.tensors[x][1]}] #${x}`,
      );
      return many.join(" ");
    })
    .join(", ")})`;

/** Runs all cases of some ops, in all layouts. */
export function runCases(ops: readonly string[]): Summary {
  const summary: Summary = { isa: nabla.isa, cases: 0, runs: 0, allowed: 0, failures: [] };
  for (const op of ops) {
    const tiled = new Set<DType>();
    for (const one of table.cases[op]) {
      const [args, result] = one;
      const inputs = tensorsIn(args);
      const dtypes = inputs.map(({ x }) => table.tensors[x][0]);
      summary.cases++;
      if (result === -1 && allowed.some((a) => a.op.test(op) && a.when(dtypes, args))) {
        summary.allowed++;
        continue;
      }
      variantsOf(inputs).forEach((variant, i) => {
        summary.runs++;
        const found = runVariant(op, one, variant, i % 2 === 1);
        if (found !== null) summary.failures.push(`${describeCase(op, args)} ${variant}: ${found}`);
      });
      const type = dtypes.at(-1);
      if (type !== undefined && !tiled.has(type) && canTile(op, one)) {
        tiled.add(type);
        for (const layout of ["contiguous", "transposed", "sliced"] as const) {
          summary.runs++;
          const found = runTiled(op, one, layout);
          if (found !== null)
            summary.failures.push(`${describeCase(op, args)} ${layout}: ${found}`);
        }
      }
    }
  }
  return summary;
}

/** Makes every buffer from now on start full of nan (−1 as an integer), which no result may show. */
export function poisonFreshMemory(): void {
  const original = Buffer.allocUnsafeSlow;
  Buffer.allocUnsafeSlow = (size: number) => original(size).fill(0xff);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  poisonFreshMemory();
  const summary = runCases(process.argv.length > 2 ? process.argv.slice(2) : opNames);
  console.log(JSON.stringify(summary));
}
