// Tensors as text, laid out exactly as PyTorch lays them out.

/** What the printer needs to know of a tensor. */
export interface Printable {
  shape: readonly number[];
  dtype: "float32" | "float64" | "int64" | "int32" | "int16" | "int8" | "uint8" | "bool";
  /** The value at row-major position `i`. */
  at(i: number): number | bigint | boolean;
  /** Whether this is a leaf that requires grad. */
  requiresGrad: boolean;
  /** Name of the backward function, as in "MulBackward0". */
  gradFn: string | null;
}

export interface PrintOptions {
  /** Digits after the decimal point. */
  precision: number;
  /** Tensors with more elements than this are summarized. */
  threshold: number;
  /** Items a summary shows at each end of a dimension. */
  edgeitems: number;
  /** Characters to a line. */
  linewidth: number;
  /** Whether to use scientific notation; null decides by the values. */
  sciMode: boolean | null;
}

export type PrintProfile = "default" | "short" | "full";

const profiles: Record<PrintProfile, Omit<PrintOptions, "sciMode">> = {
  default: { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 },
  short: { precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80 },
  full: { precision: 4, threshold: Infinity, edgeitems: 3, linewidth: 80 },
};

let current: PrintOptions = { ...profiles.default, sciMode: null };

/**
 * Changes how tensors print. A profile sets everything but `sciMode`, and the other options
 * override it. Options left out keep their value, except `sciMode`, which falls back to null.
 */
export function setPrintoptions(
  options: { profile?: PrintProfile } & Partial<PrintOptions> = {},
): void {
  const { profile, sciMode = null } = options;
  if (profile !== undefined && !Object.hasOwn(profiles, profile)) {
    throw new RangeError(`profile must be "default", "short" or "full", got "${String(profile)}"`);
  }
  const base = profile === undefined ? current : profiles[profile];
  const {
    precision = base.precision,
    threshold = base.threshold,
    edgeitems = base.edgeitems,
    linewidth = base.linewidth,
  } = options;
  // The upper limit is that of Number.prototype.toFixed.
  if (!Number.isInteger(precision) || precision < 0 || precision > 100) {
    throw new RangeError(`precision must be an integer from 0 to 100, got ${precision}`);
  }
  if (typeof threshold !== "number" || !(threshold >= 0)) {
    throw new RangeError(`threshold must be a number >= 0, got ${threshold}`);
  }
  if (!Number.isInteger(edgeitems) || edgeitems < 1) {
    throw new RangeError(`edgeitems must be a positive integer, got ${edgeitems}`);
  }
  if (!Number.isInteger(linewidth) || linewidth < 1) {
    throw new RangeError(`linewidth must be a positive integer, got ${linewidth}`);
  }
  if (sciMode !== null && typeof sciMode !== "boolean") {
    throw new RangeError(`sciMode must be a boolean or null, got ${String(sciMode)}`);
  }
  current = { precision, threshold, edgeitems, linewidth, sciMode };
}

export function getPrintoptions(): PrintOptions {
  return { ...current };
}

export function formatTensor(t: Printable): string {
  const prefix = "tensor(";
  const size = t.shape.reduce((product, n) => product * n, 1);
  const suffixes: string[] = [];
  if (size === 0 && t.shape.length !== 1) {
    suffixes.push(`size=(${t.shape.join(", ")})`);
  }
  // Without elements nothing shows that a tensor holds integers or booleans.
  const impliedDtypes = size === 0 ? ["float32"] : ["float32", "int64", "bool"];
  if (!impliedDtypes.includes(t.dtype)) suffixes.push(`dtype=${t.dtype}`);
  if (t.gradFn !== null) suffixes.push(`grad_fn=<${t.gradFn}>`);
  else if (t.requiresGrad) suffixes.push("requires_grad=True");

  let text = prefix + (size === 0 ? "[]" : formatElements(t, size, prefix.length));
  // Two characters more than the last line has: PyTorch counts so, and wraps that much earlier.
  let lineLength = text.length - text.lastIndexOf("\n") + 1;
  for (const suffix of suffixes) {
    // Lines break where PyTorch's do, so a dtype takes the room of its longer name there.
    const length = suffix.startsWith("dtype=") ? suffix.length + "torch.".length : suffix.length;
    if (lineLength + length + 2 > current.linewidth) {
      text += ",\n" + " ".repeat(prefix.length) + suffix;
      lineLength = prefix.length + length;
    } else {
      text += ", " + suffix;
      lineLength += length + 2;
    }
  }
  return text + ")";
}

/** The nested brackets, whose first line starts at column `indent`. */
function formatElements(t: Printable, size: number, indent: number): string {
  const { shape } = t;
  const { edgeitems, linewidth } = current;
  const summarize = size > current.threshold;
  const strides = new Array<number>(shape.length).fill(1);
  for (let dim = shape.length - 2; dim >= 0; dim--) {
    strides[dim] = strides[dim + 1]! * shape[dim + 1]!;
  }

  /** Positions of the shown items of one dimension; null is where the others are left out. */
  const shownItems = (dim: number, offset: number): (number | null)[] => {
    const n = shape[dim]!;
    const items: (number | null)[] = [];
    const elided = summarize && n > 2 * edgeitems;
    for (let i = 0; i < n; i++) {
      if (elided && i === edgeitems) {
        items.push(null);
        i = n - edgeitems;
      }
      items.push(offset + i * strides[dim]!);
    }
    return items;
  };

  // The values that are left out have no say in the width and the number of digits.
  const shown: (number | bigint | boolean)[] = [];
  const collect = (dim: number, offset: number): void => {
    if (dim === shape.length) {
      shown.push(t.at(offset));
      return;
    }
    for (const item of shownItems(dim, offset)) {
      if (item !== null) collect(dim + 1, item);
    }
  };
  collect(0, 0);
  const { width, format } = chooseFormat(shown, t.dtype);

  // Rendering goes through the items in the order in which they were collected.
  let next = 0;
  const render = (dim: number, offset: number): string => {
    if (dim === shape.length) return format(shown[next++]!).padStart(width);
    const innermost = dim === shape.length - 1;
    const parts = shownItems(dim, offset).map((item) => {
      if (item !== null) return render(dim + 1, item);
      return innermost ? " ..." : "...";
    });
    const column = indent + dim;
    const perLine = innermost ? Math.max(1, Math.floor((linewidth - column) / (width + 2))) : 1;
    const lines: string[] = [];
    for (let i = 0; i < parts.length; i += perLine) {
      lines.push(parts.slice(i, i + perLine).join(", "));
    }
    // The higher the dimension, the more blank lines between its items.
    const newlines = "\n".repeat(Math.max(1, shape.length - 1 - dim));
    return "[" + lines.join("," + newlines + " ".repeat(column + 1)) + "]";
  };
  return render(0, 0);
}

interface ElementFormat {
  /** Elements are padded on the left to this width; specials like nan may exceed it. */
  width: number;
  format(value: number | bigint | boolean): string;
}

function chooseFormat(
  values: readonly (number | bigint | boolean)[],
  dtype: Printable["dtype"],
): ElementFormat {
  if (dtype === "float32" || dtype === "float64") return chooseFloatFormat(values.map(Number));
  const format =
    dtype === "bool"
      ? (value: number | bigint | boolean) => (value ? "True" : "False")
      : (value: number | bigint | boolean) => String(value);
  return { width: widest(values, format), format };
}

function chooseFloatFormat(values: readonly number[]): ElementFormat {
  const { precision } = current;
  const fixed = (value: number) => toFixed(value, precision);
  const scientific = (value: number) => toExponential(value, precision);
  // A trailing point tells integral floats from integers.
  const integral = (value: number) => toFixed(value, 0) + (Number.isFinite(value) ? "." : "");

  // Zeros, infinities and nans fit any notation, so the other values decide.
  const deciding = values.filter((value) => Number.isFinite(value) && value !== 0);
  let format = integral;
  let width = 1;
  if (deciding.length > 0) {
    let min = Infinity;
    let max = 0;
    for (const value of deciding) {
      min = Math.min(min, Math.abs(value));
      max = Math.max(max, Math.abs(value));
    }
    const allIntegral = deciding.every(Number.isInteger);
    const plain = allIntegral ? integral : fixed;
    const wideRange = max / min > 1000 || max > 1e8 || (!allIntegral && min < 1e-4);
    // The width is that of the automatic choice even where sciMode overrides the notation.
    width = widest(deciding, wideRange ? scientific : plain);
    format = (current.sciMode ?? wideRange) ? scientific : plain;
  }
  return { width, format: (value) => format(Number(value)) };
}

function widest<T>(values: readonly T[], format: (value: T) => string): number {
  return values.reduce((width, value) => Math.max(width, format(value).length), 1);
}

// JavaScript rounds to the nearest decimal as Python does, but an exact tie away from zero where
// Python rounds it to an even last digit. In a tie that went to an odd digit, one less is that even
// digit, and no other digit changes.

/** Python's f"{value:.{digits}f}". */
function toFixed(value: number, digits: number): string {
  const special = formatSpecial(value);
  if (special !== null) return special;
  // Number.prototype.toFixed turns to exponents from 1e21 on; all those values are integers.
  let text =
    Math.abs(value) < 1e21
      ? Math.abs(value).toFixed(digits)
      : BigInt(Math.abs(value)).toString() + (digits > 0 ? "." + "0".repeat(digits) : "");
  const last = Number(text.at(-1));
  if (last % 2 === 1 && isTie(value, digits)) text = text.slice(0, -1) + (last - 1);
  return sign(value) + text;
}

/** Python's f"{value:.{digits}e}". */
function toExponential(value: number, digits: number): string {
  const special = formatSpecial(value);
  if (special !== null) return special;
  const parts = Math.abs(value).toExponential(digits).split("e");
  const exponent = Number(parts[1]);
  let mantissa = parts[0]!;
  // Rounding up to the next power of ten would leave a last digit of 0, so for an odd one the
  // exponent is also that of the value before rounding.
  const last = Number(mantissa.at(-1));
  if (last % 2 === 1 && isTie(value, digits - exponent)) {
    mantissa = mantissa.slice(0, -1) + (last - 1);
  }
  const exponentText = String(Math.abs(exponent)).padStart(2, "0");
  return `${sign(value)}${mantissa}e${exponent < 0 ? "-" : "+"}${exponentText}`;
}

/** Whether `value` is exactly halfway between two decimals of `digits` digits after the point. */
function isTie(value: number, digits: number): boolean {
  if (digits >= 0) {
    // value * 10^digits is half an odd integer exactly where value * 2^(digits + 1) is an odd
    // integer, and a product with a power of two is not rounded.
    return Math.abs((value * 2 ** (digits + 1)) % 2) === 1;
  }
  if (!Number.isInteger(value)) return false;
  const unit = 10n ** BigInt(-digits);
  const remainder = BigInt(Math.abs(value)) % unit;
  return remainder * 2n === unit;
}

function formatSpecial(value: number): string | null {
  if (Number.isNaN(value)) return "nan";
  if (Number.isFinite(value)) return null;
  return value < 0 ? "-inf" : "inf";
}

function sign(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}
