/** Complex arithmetic and elementary functions with decimals of so many digits. Branch cuts are SymPy's. */
import type { Decimal } from "decimal.js";
import { decimals } from "../core/numbers.js";
import { UnsupportedError } from "../errors.js";

export interface Complex {
  readonly re: Decimal;
  readonly im: Decimal;
}

export const isRealValue = (z: Complex): boolean => z.im.isZero();
export const isZeroValue = (z: Complex): boolean => z.re.isZero() && z.im.isZero();

/** Integer powers up to this are taken by multiplication where the base is complex. */
const smallPower = 256;

export class ComplexDecimals {
  readonly D: typeof Decimal;
  readonly digits: number;
  readonly zero: Complex;
  readonly one: Complex;
  readonly i: Complex;

  constructor(digits: number) {
    this.digits = digits;
    this.D = decimals(digits);
    this.zero = this.real(0);
    this.one = this.real(1);
    this.i = { re: this.zero.re, im: this.one.re };
  }

  real(x: Decimal | number | string): Complex {
    return { re: new this.D(x), im: new this.D(0) };
  }
  get pi(): Decimal {
    return this.D.acos(-1);
  }

  add(a: Complex, b: Complex): Complex {
    return { re: a.re.plus(b.re), im: a.im.plus(b.im) };
  }
  sub(a: Complex, b: Complex): Complex {
    return { re: a.re.minus(b.re), im: a.im.minus(b.im) };
  }
  neg(a: Complex): Complex {
    return { re: a.re.neg(), im: isRealValue(a) ? a.im : a.im.neg() };
  }
  mul(a: Complex, b: Complex): Complex {
    if (isRealValue(a)) return this.scale(b, a.re);
    if (isRealValue(b)) return this.scale(a, b.re);
    return {
      re: a.re.times(b.re).minus(a.im.times(b.im)),
      im: a.re.times(b.im).plus(a.im.times(b.re)),
    };
  }
  scale(a: Complex, x: Decimal | number): Complex {
    return { re: a.re.times(x), im: isRealValue(a) ? a.im : a.im.times(x) };
  }
  /** i a */
  turned(a: Complex): Complex {
    return { re: isRealValue(a) ? a.im : a.im.neg(), im: a.re };
  }
  inv(a: Complex): Complex {
    if (isRealValue(a)) return { re: this.one.re.div(a.re), im: a.im };
    const square = a.re.times(a.re).plus(a.im.times(a.im));
    return { re: a.re.div(square), im: a.im.neg().div(square) };
  }
  div(a: Complex, b: Complex): Complex {
    return isRealValue(b) ? { re: a.re.div(b.re), im: a.im.div(b.re) } : this.mul(a, this.inv(b));
  }

  abs({ re, im }: Complex): Decimal {
    if (im.isZero()) return re.abs();
    return re.isZero() ? im.abs() : re.times(re).plus(im.times(im)).sqrt();
  }
  arg({ re, im }: Complex): Decimal {
    if (im.isZero()) return re.isNegative() && !re.isZero() ? this.pi : this.zero.re;
    return this.D.atan2(im, re);
  }

  /** decimal.js has π to 1025 digits, and is left in disorder where it needs more. */
  private checkTurn(x: Decimal): Decimal {
    if (this.digits + Math.max(x.e, x.sd()) > 1000)
      throw new UnsupportedError("evalf: an angle is too large or has too many digits");
    return x;
  }
  private realSin(x: Decimal): Decimal {
    return this.D.sin(this.checkTurn(x));
  }
  private realCos(x: Decimal): Decimal {
    return this.D.cos(this.checkTurn(x));
  }
  // The methods of decimal.js for these take very long where the argument is large.
  private realSinh(x: Decimal): Decimal {
    if (x.abs().lte(1)) return this.D.sinh(x);
    const power = this.D.exp(x);
    return power.minus(this.one.re.div(power)).div(2);
  }
  private realCosh(x: Decimal): Decimal {
    const power = this.D.exp(x);
    return power.plus(this.one.re.div(power)).div(2);
  }
  private realAsinh(x: Decimal): Decimal {
    const size = x.abs();
    if (size.e < -this.digits) return x;
    if (size.lte(1)) return this.D.asinh(x);
    const value = this.D.ln(size.plus(size.times(size).plus(1).sqrt()));
    return x.isNegative() ? value.neg() : value;
  }
  private realAcosh(x: Decimal): Decimal {
    if (x.lte(2)) return this.D.acosh(x);
    return this.D.ln(x.plus(x.times(x).minus(1).sqrt()));
  }

  exp({ re, im }: Complex): Complex {
    const size = this.D.exp(re);
    if (im.isZero()) return { re: size, im };
    return { re: size.times(this.realCos(im)), im: size.times(this.realSin(im)) };
  }
  log(z: Complex): Complex {
    return { re: this.D.ln(this.abs(z)), im: this.arg(z) };
  }
  sqrt(z: Complex): Complex {
    const { re, im } = z;
    if (im.isZero()) {
      const root = re.abs().sqrt();
      return re.isNegative() ? { re: im, im: root } : { re: root, im };
    }
    const size = this.abs(z);
    // The larger part first, so that nothing cancels.
    const large = size.plus(re.abs()).div(2).sqrt();
    const small = im.abs().div(large.times(2));
    const [a, b] = re.isNegative() ? [small, large] : [large, small];
    return { re: a, im: im.isNegative() ? b.neg() : b };
  }
  pow(z: Complex, w: Complex): Complex {
    const { D } = this;
    if (isZeroValue(z)) {
      if (isZeroValue(w)) return this.one;
      return this.real(w.re.isPositive() && !w.re.isZero() ? 0 : NaN);
    }
    if (isRealValue(w)) {
      const whole = w.re.isInteger();
      if (isRealValue(z)) {
        if (whole || z.re.isPositive()) return this.real(D.pow(z.re, w.re));
        const doubled = w.re.times(2);
        if (doubled.isInteger()) {
          const size = D.pow(z.re.abs(), w.re);
          const negative = !doubled.minus(1).div(2).mod(2).isZero();
          return { re: this.zero.re, im: negative ? size.neg() : size };
        }
      } else if (whole && w.re.abs().lte(smallPower)) {
        const power = this.wholePower(z, Math.abs(w.re.toNumber()));
        return w.re.isNegative() ? this.inv(power) : power;
      }
      if (w.re.eq(0.5)) return this.sqrt(z);
    }
    return this.exp(this.mul(w, this.log(z)));
  }
  private wholePower(z: Complex, n: number): Complex {
    let power = this.one;
    let square = z;
    for (let rest = n; rest > 0; rest >>>= 1) {
      if (rest & 1) power = this.mul(power, square);
      if (rest > 1) square = this.mul(square, square);
    }
    return power;
  }

  sin({ re, im }: Complex): Complex {
    if (im.isZero()) return { re: this.realSin(re), im };
    return {
      re: this.realSin(re).times(this.realCosh(im)),
      im: this.realCos(re).times(this.realSinh(im)),
    };
  }
  cos({ re, im }: Complex): Complex {
    if (im.isZero()) return { re: this.realCos(re), im };
    return {
      re: this.realCos(re).times(this.realCosh(im)),
      im: this.realSin(re).times(this.realSinh(im)).neg(),
    };
  }
  tan(z: Complex): Complex {
    return this.div(this.sin(z), this.cos(z));
  }
  sinh({ re, im }: Complex): Complex {
    if (im.isZero()) return { re: this.realSinh(re), im };
    return {
      re: this.realSinh(re).times(this.realCos(im)),
      im: this.realCosh(re).times(this.realSin(im)),
    };
  }
  cosh({ re, im }: Complex): Complex {
    if (im.isZero()) return { re: this.realCosh(re), im };
    return {
      re: this.realCosh(re).times(this.realCos(im)),
      im: this.realSinh(re).times(this.realSin(im)),
    };
  }
  tanh(z: Complex): Complex {
    return this.div(this.sinh(z), this.cosh(z));
  }

  asin(z: Complex): Complex {
    if (isRealValue(z) && z.re.abs().lte(1)) return this.real(this.D.asin(z.re));
    // On the cuts, as SymPy has it: from below for x > 1, and from above for x < −1.
    if (isRealValue(z)) {
      const size = this.realAcosh(z.re.abs());
      const quarter = this.pi.div(2);
      return z.re.isNegative() ? { re: quarter.neg(), im: size } : { re: quarter, im: size.neg() };
    }
    const root = this.sqrt(this.sub(this.one, this.mul(z, z)));
    return this.neg(this.turned(this.log(this.add(this.turned(z), root))));
  }
  acos(z: Complex): Complex {
    if (isRealValue(z) && z.re.abs().lte(1)) return this.real(this.D.acos(z.re));
    return this.sub(this.real(this.pi.div(2)), this.asin(z));
  }
  atan(z: Complex): Complex {
    if (isRealValue(z)) return this.real(this.D.atan(z.re));
    const turned = this.turned(z);
    const difference = this.sub(
      this.log(this.sub(this.one, turned)),
      this.log(this.add(this.one, turned)),
    );
    return this.scale(this.turned(difference), 0.5);
  }
  asinh(z: Complex): Complex {
    if (isRealValue(z)) return this.real(this.realAsinh(z.re));
    return this.neg(this.turned(this.asin(this.turned(z))));
  }
  acosh(z: Complex): Complex {
    if (isRealValue(z) && z.re.gte(1)) return this.real(this.realAcosh(z.re));
    const roots = this.mul(this.sqrt(this.add(z, this.one)), this.sqrt(this.sub(z, this.one)));
    return this.log(this.add(z, roots));
  }
  atanh(z: Complex): Complex {
    if (isRealValue(z) && z.re.abs().lt(1)) return this.real(this.D.atanh(z.re));
    const up = this.log(this.add(this.one, z));
    return this.scale(this.sub(up, this.log(this.sub(this.one, z))), 0.5);
  }
}
