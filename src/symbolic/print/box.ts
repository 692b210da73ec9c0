/** Text in two dimensions: lines of equal width, one of which is the baseline, put next to and on top of each other. */

/** How tightly the outermost operation of a box binds, from the tightest. */
export const bindings = {
  atom: 0,
  call: 1,
  quotient: 2,
  power: 3,
  product: 4,
  sum: 5,
  negative: 6,
  open: 7,
} as const;
export type Binding = (typeof bindings)[keyof typeof bindings];

export interface Box {
  readonly lines: readonly string[];
  readonly width: number;
  /** The line that other boxes stand beside. */
  readonly baseline: number;
  readonly binding: Binding;
  /** Of a function that is applied: its name and its arguments, so that an exponent can stand between them. */
  readonly parts?: readonly [name: Box, args: Box];
}

/** The columns of a text: accents have none of their own. */
function columns(text: string): number {
  // Text of one byte a character needs no look at each.
  if (/^[ -~]*$/.test(text)) return text.length;
  return [...text.replace(/\p{Mn}/gu, "")].length;
}

const spaces = (n: number): string => " ".repeat(Math.max(0, n));

/** In the middle; of an odd remainder more is on the left where the width is odd too, as Python has it. */
function centered(text: string, own: number, width: number): string {
  const margin = width - own;
  const left = (margin >> 1) + (margin & width & 1);
  return spaces(left) + text + spaces(margin - left);
}

/** Lines of text as a box. */
export function box(
  text: string | readonly string[],
  baseline = 0,
  binding: Binding = bindings.atom,
): Box {
  const lines = typeof text === "string" ? [text] : text;
  const width = Math.max(0, ...lines.map(columns));
  return {
    lines: lines.map((line) => centered(line, columns(line), width)),
    width,
    baseline,
    binding,
  };
}

export const heightOf = ({ lines }: Box): number => lines.length;

/** The same lines with another binding or baseline. */
export const bound = (of: Box, binding: Binding, baseline = of.baseline): Box => ({
  lines: of.lines,
  width: of.width,
  baseline,
  binding,
});

const boxOf = (x: Box | string): Box => (typeof x === "string" ? box(x) : x);

/** Boxes from left to right, on one baseline. */
export function beside(...given: readonly (Box | string)[]): Box {
  const boxes = given.map(boxOf);
  const baseline = Math.max(...boxes.map((b) => b.baseline));
  const below = Math.max(...boxes.map((b) => heightOf(b) - b.baseline));
  const lines: string[] = [];
  for (let i = 0; i < baseline + below; i++) {
    lines.push(boxes.map((b) => b.lines[i - baseline + b.baseline] ?? spaces(b.width)).join(""));
  }
  const width = boxes.reduce((sum, b) => sum + b.width, 0);
  return { lines, width, baseline, binding: bindings.atom };
}

/** Boxes from top to bottom, each in the middle. */
function stacked(boxes: readonly Box[], baseline: number): Box {
  const width = Math.max(...boxes.map((b) => b.width));
  const lines = boxes.flatMap((b) => b.lines.map((line) => centered(line, b.width, width)));
  return { lines, width, baseline, binding: bindings.atom };
}

/** `top` over `bottom`, on the baseline of the bottom. */
export const over = (top: Box, bottom: Box): Box =>
  stacked([top, bottom], heightOf(top) + bottom.baseline);

/** `bottom` under `top`, on the baseline of the top. */
export const under = (top: Box, ...bottom: readonly Box[]): Box =>
  stacked([top, ...bottom], top.baseline);

export const ruled = (top: Box, bottom: Box): Box => {
  const line = box("─".repeat(Math.max(top.width, bottom.width)));
  return { ...stacked([top, line, bottom], heightOf(top)), binding: bindings.quotient };
};

/** Of a tall delimiter: what stands alone, and the extension, the top, the bottom and the middle. */
const delimiters = {
  "(": "(⎜⎛⎝⎜",
  ")": ")⎟⎞⎠⎟",
  "{": "{⎪⎧⎩⎨",
  "|": "│││││",
  lfloor: "⌊⎢⎢⎣⎢",
  rfloor: "⌋⎥⎥⎦⎥",
  lceil: "⌈⎢⎡⎢⎢",
  rceil: "⌉⎥⎤⎥⎥",
} as const;
export type Delimiter = keyof typeof delimiters;

/** A delimiter of so many lines; a brace has an odd number of them. */
export function delimiter(name: Delimiter, height: number, baseline: number): Box {
  const [single, extension, top, bottom, middle] = [...delimiters[name]];
  const count = name === "{" && height % 2 === 0 ? height + 1 : height;
  if (count === 1) return box(single, baseline);
  const half: string[] = new Array(Math.floor((count - 2) / 2)).fill(extension);
  const center = count % 2 === 1 ? [middle] : [];
  return box([top, ...half, ...center, ...half, bottom], baseline);
}

export function enclosed(inner: Box, left: Delimiter, right: Delimiter | null): Box {
  const height = heightOf(inner);
  const opened = beside(delimiter(left, height, inner.baseline), inner);
  return right === null
    ? opened
    : beside(opened, delimiter(right, heightOf(opened), opened.baseline));
}

export const inParens = (inner: Box): Box => enclosed(inner, "(", ")");

/** Boxes with a text between each two. */
export const separated = (boxes: readonly Box[], by: string): Box =>
  boxes.length === 0 ? box("") : beside(...boxes.flatMap((b, i) => (i === 0 ? [b] : [by, b])));

export const added = (terms: readonly Box[]): Box =>
  bound(
    beside(
      ...terms.flatMap((term, i): (Box | string)[] => {
        const own = term.binding > bindings.negative ? inParens(term) : term;
        return i > 0 && term.binding !== bindings.negative ? [" + ", own] : [own];
      }),
    ),
    bindings.sum,
  );

/** Factors with dots between them. */
export const dotted = (factors: readonly Box[]): Box =>
  bound(
    separated(
      factors.map((factor) =>
        factor.binding > bindings.product && factor.binding !== bindings.negative
          ? inParens(factor)
          : factor,
      ),
      "⋅",
    ),
    bindings.product,
  );

/** As dotted, but -1 times something is a minus sign. */
export function multiplied(factors: readonly Box[]): Box {
  if (factors.length === 1) return factors[0];
  const [first, ...others] = factors;
  if (first.lines.length > 1 || first.lines[0] !== "-1") return dotted(factors);
  const rest = dotted(others);
  const sign = rest.lines[rest.baseline].startsWith("-") ? "- " : "-";
  return bound(beside(sign, rest), bindings.negative);
}

export function divided(top: Box, bottom: Box): Box {
  const above = top.binding === bindings.quotient ? inParens(top) : top;
  const below = bottom.binding === bindings.quotient ? inParens(bottom) : bottom;
  return ruled(top.binding === bindings.negative ? beside(above, " ") : above, below);
}

export function powered(base: Box, exponent: Box): Box {
  const above = exponent.binding === bindings.power ? inParens(exponent) : exponent;
  if (base.parts !== undefined && base.binding === bindings.call && heightOf(above) === 1) {
    const [name, args] = base.parts;
    return beside(name, bound(above, bindings.atom, name.baseline + heightOf(above)), args);
  }
  const below = base.binding >= bindings.call ? inParens(base) : base;
  return bound(
    over(beside(spaces(below.width), above), beside(below, spaces(above.width))),
    bindings.power,
  );
}

/** The n-th root: `index` is null for the square root. */
export function rooted(inner: Box, index: string | null): Box {
  const slash = heightOf(inner) - 1;
  const number = index === null ? "" : index.padEnd(2);
  const sign = box([number, `${spaces(number.length - 2)}╲╱`]);
  const diagonal = box(
    slash === 0
      ? ""
      : Array.from({ length: slash }, (_, i) => `${spaces(slash - i - 1)}╱${spaces(i)}`),
    slash - 1,
  );
  const radical = bound(beside(sign, diagonal), bindings.atom, Math.max(1, inner.baseline));
  return beside(radical, over(box("_".repeat(2 + inner.width)), inner));
}
