"""Prints the coefficients and tables of native/simd/math_f64.h that come from no publication.

Each polynomial interpolates its function at the Chebyshev nodes of the interval, which is within a few bits of the
best there is. Coefficients are those of 1, x, x^2, ... Needs mpmath: python3 scripts/fit-polynomials.py [table]
`table` writes native/simd/erf_table.h to the standard output.
"""
import sys
from mpmath import mp, mpf, asin, atan, cos, erf, erfc, exp, expm1, log, loggamma, lu_solve, matrix, pi, sin, sqrt

mp.dps = 80


def fit(name, f, low, high, degree):
    low, high = mpf(low), mpf(high)
    middle, half = (low + high) / 2, (high - low) / 2
    nodes = [middle + half * cos(pi * (2 * i + 1) / (2 * degree + 2)) for i in range(degree + 1)]
    powers = matrix([[x**j for j in range(degree + 1)] for x in nodes])
    coefficients = list(lu_solve(powers, matrix([f(x) for x in nodes])))
    worst = 0
    for i in range(400):
        x = middle + half * cos(pi * (i + mpf(1) / 3) / 400)
        worst = max(worst, abs(sum(c * x**j for j, c in enumerate(coefficients)) / f(x) - 1))
    print(f"{name}: worst relative error 2^{float(log(worst, 2)):.1f}")
    print("    " + ", ".join(repr(float(c)) for c in coefficients))


def parts(name, x, bits=None):
    """A constant as a sum of doubles: the first ones of `bits` bits each, so that products with integers are exact."""
    out = []
    for count in [*(bits or []), 53, 53]:
        scale = mpf(2) ** (count - 1 - int(mp.floor(log(abs(x), 2))))
        head = mp.nint(x * scale) / scale
        out.append(repr(float(head)))
        x -= head
    print(f"{name}: {', '.join(out)}")


def erf_table():
    print("// erf at k / 64 as a sum of two numbers, and its slope there, by scripts/fit-polynomials.py.")
    print("#pragma once\n\nnamespace nabla::NABLA_ISA {\nnamespace {\nnamespace simd {\nnamespace math_f64 {\n")
    centres = [mpf(k) / 64 for k in range(6 * 64 + 1)]
    head = [float(erf(c)) for c in centres]
    columns = {
        "kErfHead": head,
        "kErfTail": [float(erf(c) - mpf(h)) for c, h in zip(centres, head)],
        "kErfSlope": [float(2 / sqrt(pi) * exp(-c * c)) for c in centres],
    }
    print("// clang-format off")
    for name, values in columns.items():
        print(f"constexpr double {name}[{len(values)}] = {{")
        for i in range(0, len(values), 5):
            print("    " + " ".join(repr(v) + "," for v in values[i : i + 5]))
        print("};")
    print("// clang-format on\n\n}  // namespace math_f64\n}  // namespace simd\n}  // namespace\n}  // namespace nabla::NABLA_ISA")


def two_over_pi():
    print("2/pi in words of 64 bits after the point:")
    x, words = 2 / pi, []
    for _ in range(20):
        x *= mpf(2) ** 64
        words.append(int(mp.floor(x)))
        x -= words[-1]
    print("    " + ", ".join(f"0x{w:016x}" for w in words))


def without_zero(f, at_zero):
    return lambda x: f(x) if x else mpf(at_zero)


if sys.argv[1:] == ["table"]:
    mp.dps = 40
    erf_table()
else:
    mp.dps = 420
    two_over_pi()
    mp.dps = 80
    parts("pi/2, with fma", pi / 2, [53])
    parts("pi/2, without", pi / 2, [33, 33, 33])
    parts("pi/4", pi / 4)
    parts("atan(1/2)", atan(mpf(1) / 2))
    parts("pi", pi)
    parts("log(pi)", log(pi))
    parts("(log(2 pi) - 1)/2", (log(2 * pi) - 1) / 2)
    parts("1/ln 2", 1 / log(2))
    parts("1/ln 10", 1 / log(10))
    parts("ln 2, with exact multiples", log(2), [33])
    parts("ln 2", log(2))
    parts("2/3", mpf(2) / 3)
    parts("2/5", mpf(2) / 5)
    parts("2 sqrt(2/pi)", 2 * sqrt(2 / pi))
    parts("2 sqrt(2/pi) 0.044715", 2 * sqrt(2 / pi) * mpf("0.044715"))
    parts("1/sqrt 2", 1 / sqrt(2))
    fit("(e^r - 1 - r) / r^2", lambda r: (expm1(r) - r) / r**2, -0.3466, 0.3467, 10)
    # log((1 + s) / (1 - s)) = 2 s + s^3 (2/3 + z (2/5 + z T(z))), z = s^2
    series = lambda n: lambda z: sum(2 * z**j / (2 * j + n) for j in range(60))
    fit("log, T(z)", series(7), 0, 0.02945, 7)
    fit("log, R(z) / z", series(3), 0, 0.02945, 6)
    fit("(sin(r) / r - 1) / z, z = r^2", without_zero(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, -1 / mpf(6)), 0, 0.6169, 5)
    fit("(cos(r) - 1 + z / 2) / z^2, z = r^2", lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, 0, 0.6169, 5)
    fit("(1 - atan(t) / t) / z, z = t^2", lambda z: (1 - atan(sqrt(z)) / sqrt(z)) / z, 0, 0.1915, 10)
    fit("(asin(x) / x - 1) / z, z = x^2", without_zero(lambda z: (asin(sqrt(z)) / sqrt(z) - 1) / z, 1 / mpf(6)), 0, 0.25, 12)
    fit("erf(x) / x - 1, z = x^2", lambda z: erf(sqrt(z)) / sqrt(z) - 1, 0, 0.19, 8)
    shifted = lambda t: 4 * (1 + t) / (1 - t)
    fit("(1 + 9/8 x) e^(x^2) erfc(x), t = (x - 4) / (x + 4)",
        lambda t: (1 + shifted(t) * 9 / 8) * exp(shifted(t) ** 2) * erfc(shifted(t)), -1, 0.76, 22)
    fit("lgamma(x) / ((x - 1) (x - 2)), w = x - 1.5",
        lambda w: loggamma(w + mpf(3) / 2) / ((w + mpf(1) / 2) * (w - mpf(1) / 2)), -0.75, 0.75, 26)
