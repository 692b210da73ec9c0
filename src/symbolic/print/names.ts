/** Names of symbols and functions taken apart for display: accents, superscripts, subscripts, Greek letters. */

export interface NameParts {
  readonly name: string;
  readonly above: readonly string[];
  readonly below: readonly string[];
}

/** x_1 and x1 have a subscript; x__2 and x^2 have a superscript. */
export function splitName(text: string): NameParts {
  const [, first, rest] = /^(.[^_^]*)(.*)$/su.exec(text) ?? ["", text, ""];
  const above: string[] = [];
  const below: string[] = [];
  for (const [, mark, part] of rest.matchAll(/(__|\^|_)((?:(?<=__|\^|_)[_^])?[^_^]*)/gsu)) {
    (mark === "_" ? below : above).push(part);
  }
  const digits = /^([^\W\d_]+|[\p{L}]+)(\d+)$/u.exec(first);
  if (digits === null) return { name: first, above, below };
  return { name: digits[1], above, below: [digits[2], ...below] };
}

/** Greek letters by the names of the small ones. */
export const greek: Readonly<Record<string, string>> = {
  alpha: "α",
  beta: "β",
  gamma: "γ",
  delta: "δ",
  epsilon: "ε",
  zeta: "ζ",
  eta: "η",
  theta: "θ",
  iota: "ι",
  kappa: "κ",
  lambda: "λ",
  lamda: "λ",
  mu: "μ",
  nu: "ν",
  xi: "ξ",
  omicron: "ο",
  pi: "π",
  rho: "ρ",
  sigma: "σ",
  varsigma: "ς",
  tau: "τ",
  upsilon: "υ",
  phi: "φ",
  chi: "χ",
  psi: "ψ",
  omega: "ω",
};

/** A Greek letter by its name, which is capitalized for a capital letter; else null. */
export function greekLetter(name: string): string | null {
  if (Object.hasOwn(greek, name)) return greek[name];
  const small = name.charAt(0).toLowerCase() + name.slice(1);
  return name !== small && name !== "Varsigma" && Object.hasOwn(greek, small)
    ? greek[small].toUpperCase()
    : null;
}

/**
 * A name through `letter`, which knows whole names, and through the modifiers that it ends with: xhat is x with a hat.
 * The longest modifier counts.
 */
export function modified(
  name: string,
  letter: (name: string) => string | null,
  modifiers: Readonly<Record<string, (inner: string) => string>>,
): string {
  const known = letter(name);
  if (known !== null) return known;
  const lower = name.toLowerCase();
  let ending = "";
  for (const key of Object.keys(modifiers)) {
    if (key.length > ending.length && key.length < name.length && lower.endsWith(key)) ending = key;
  }
  if (ending === "") return name;
  return modifiers[ending](modified(name.slice(0, -ending.length), letter, modifiers));
}
