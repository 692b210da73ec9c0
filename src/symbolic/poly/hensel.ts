// Lifting of a factorization modulo a prime to one modulo a power of it (von zur Gathen and Gerhard, Modern Computer
// Algebra, section 15.4).

import { inverseMod, mod } from "../core/integers.js";
import type { Dense } from "./dense.js";
import * as dense from "./dense.js";
import * as field from "./primefield.js";

const reduced = (f: Dense, m: bigint): Dense => dense.trim(f.map((c) => mod(c, m)));

/** Quotient and remainder modulo m by a divisor with leading coefficient 1. */
function divideMonic(f: Dense, g: Dense, m: bigint): { quotient: Dense; remainder: Dense } {
  const n = g.length - 1;
  if (f.length <= n) return { quotient: [], remainder: f };
  const r = f.slice();
  const quotient = new Array<bigint>(f.length - n);
  for (let i = f.length - 1 - n; i >= 0; i--) {
    const q = mod(r[i + n], m);
    quotient[i] = q;
    if (q !== 0n) for (let j = 0; j < n; j++) r[i + j] -= q * g[j];
  }
  r.length = n;
  return { quotient: dense.trim(quotient), remainder: reduced(r, m) };
}

/**
 * The factors modulo p to the power of at least `bound`, with leading coefficients 1, of f, which is square-free modulo p
 * and has the given factors there.
 */
export function lift(
  f: Dense,
  factors: readonly field.Residues[],
  p: number,
  bound: bigint,
): { factors: Dense[]; modulus: bigint } {
  let modulus = BigInt(p);
  while (modulus <= bound) modulus *= modulus;
  return { factors: liftAll(f, factors, p, modulus), modulus };
}

function liftAll(
  f: Dense,
  factors: readonly field.Residues[],
  p: number,
  modulus: bigint,
): Dense[] {
  if (factors.length === 1) {
    return [reduced(dense.scale(f, inverseMod(dense.lead(f), modulus)), modulus)];
  }
  const middle = factors.length >> 1;
  const times = (a: field.Residues, b: field.Residues) => field.multiply(a, b, p);
  const top = field.residue(dense.lead(f), p);
  const left = factors.slice(0, middle).reduce(times, [top]);
  const right = factors.slice(middle).reduce(times, [1]);
  const { g, h } = liftPair(f, left, right, p, modulus);
  return [
    ...liftAll(g, factors.slice(0, middle), p, modulus),
    ...liftAll(h, factors.slice(middle), p, modulus),
  ];
}

/** The two factors of f modulo a power of p from those modulo p; the second one has leading coefficient 1. */
function liftPair(
  f: Dense,
  left: field.Residues,
  right: field.Residues,
  p: number,
  modulus: bigint,
): { g: Dense; h: Dense } {
  let g = field.toDense(left);
  let h = field.toDense(right);
  const start = field.bezout(left, right, p);
  let s = field.toDense(start.s);
  let t = field.toDense(start.t);
  for (let m = BigInt(p); m < modulus; ) {
    m *= m;
    const error = reduced(dense.subtract(f, dense.multiply(g, h)), m);
    const step = divideMonic(dense.multiply(s, error), h, m);
    g = reduced(
      dense.add(g, dense.add(dense.multiply(t, error), dense.multiply(step.quotient, g))),
      m,
    );
    h = reduced(dense.add(h, step.remainder), m);
    if (m >= modulus) break;
    const off = dense.subtract(dense.add(dense.multiply(s, g), dense.multiply(t, h)), [1n]);
    const wrong = reduced(off, m);
    const fix = divideMonic(dense.multiply(s, wrong), h, m);
    s = reduced(dense.subtract(s, fix.remainder), m);
    t = reduced(
      dense.subtract(t, dense.add(dense.multiply(t, wrong), dense.multiply(fix.quotient, g))),
      m,
    );
  }
  return { g, h };
}
