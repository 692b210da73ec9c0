/** Powers of numbers a + b I. */
import { add, gaussian, mul } from "../core/arithmetic.js";
import type { Expr } from "../core/expr.js";
import { fromRatio, I } from "../core/expr.js";
import { bitLength, lcm } from "../core/integers.js";
import { ratio } from "../core/rational.js";
import { tooLarge } from "./polynomials.js";

/** (a + b I)^n for rational a and b, by squaring; null for other bases. */
export function gaussianPower(base: Expr, n: bigint): Expr | null {
  const parts = gaussian(base);
  if (parts === null) return null;
  const [re, im] = parts;
  const q = lcm(re.q, im.q);
  let [a, b] = [re.p * (q / re.q), im.p * (q / im.q)];
  if (BigInt(bitLength(a) + bitLength(b) + bitLength(q)) * n > 1n << 24n) throw tooLarge();
  let [c, d] = [1n, 0n];
  for (let k = n; k > 0n; k >>= 1n) {
    if (k & 1n) [c, d] = [a * c - b * d, b * c + a * d];
    [a, b] = [a * a - b * b, 2n * a * b];
  }
  const scale = q ** n;
  return add(fromRatio(ratio(c, scale)), mul(fromRatio(ratio(d, scale)), I));
}
