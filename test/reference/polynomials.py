"""Writes polynomials.json: what SymPy makes of polynomials. Polynomials are lists of terms, or of coefficients from the
constant up where there is one variable; integers are strings."""

import json
import random
from pathlib import Path

from sympy import (
    Poly,
    QQ,
    ZZ,
    cofactors,
    discriminant,
    expand,
    gcdex,
    lcm,
    linsolve,
    symbols,
    sympify,
)
from sympy.abc import x, y, z
from sympy.polys.subresultants_qq_zz import sylvester

random.seed(1)
t, u = symbols("t u")
cases = []


def terms(p):
    return [[list(exponents), str(c)] for exponents, c in p.terms() if c != 0]


def dense(p):
    return [str(c) for c in reversed(p.all_coeffs())] if not p.is_zero else []


def ratio(p):
    """Integer coefficients over a denominator."""
    denominator, numerator = Poly(p, x, domain=QQ).clear_denoms(convert=True)
    return {"numerator": dense(numerator), "denominator": str(denominator)}


def randomly(gens, degree, count, size):
    """A polynomial of so many random terms."""
    p = 0
    for _ in range(count):
        term = random.randint(-size, size) or 1
        for g in gens:
            term *= g ** random.randint(0, degree)
        p += term
    return p


# Factors, and square-free ones.
univariate = """
0; 1; -6; x; -4*x**3; 2*x - 4; x**2 - 1; x**2 + 1; -x**2 + 1; 6*x**2 - 5*x - 6; x**4 + 4; x**4 + 1; x**4 + x**2 + 1
x**3 - x; x**6 - 1; x**12 - 1; x**15 + 1; x**8 - 256; x**24 - 1; x**10 - x**5 - 6; 4*x**4 + 81; x**9 + x**8 - x - 1
(x - 1)**3*(x + 2)**2*(2*x + 1); (x**2 + x + 1)**2*(x - 5)**4; 36*(x**3 - 2)*(2*x**2 - 3)**2; x**5 - x - 1
x**5 + x + 1; x**16 - 136*x**14 + 6476*x**12 - 141912*x**10 + 1513334*x**8 - 7453176*x**6 + 13950764*x**4 - 5596840*x**2 + 46225
x**8 - 40*x**6 + 352*x**4 - 960*x**2 + 576; x**10 + 2*x**5 + 1; (x**7 - 3*x + 1)*(x**7 + 3*x**2 - 11); 12*x**2 + 36*x + 27
(x - 1)*(x - 2)*(x - 3)*(x - 4)*(x - 5)*(x - 6)*(x - 7)*(x - 8); 1000000007*x**2 - 1000000007; x**3 + 10**40*x**2 - x - 10**40
(x**2 + 1)*(x**2 - 2)*(x**2 + x + 3)**3; x**18 + 9*x**17 + 45*x**16 + 126*x**15 + 189*x**14 + 27*x**13 - 540*x**12 - 1215*x**11 + 1377*x**10 + 15444*x**9 + 46899*x**8 + 90153*x**7 + 133893*x**6 + 125388*x**5 + 29160*x**4 - 32076*x**3 + 26244*x**2 - 8748*x + 2916
"""
multivariate = """
x**2 - y**2; x**3 + y**3 + z**3 - 3*x*y*z; (x + y + z)**3*(x - 2*y)**2; x**8 - y**8; x*y - y; x**2*y + x*y**2
4*x**2 - 9*y**2; x**3 - y**3; x**6 - y**6; x**4 + x**2*y**2 + y**4; x**4 + 4*y**4; (x*y + 1)*(x - y)*(x + z**2)
(x + y)**2 - z**2; x*y*z + x*y + x*z + y*z + x + y + z + 1; 6*x**2 + 13*x*y + 6*y**2; -x**2 - 2*x*y - y**2
(2*x + y*(y + 1))*(2*x - y*(y + 1)); (x**2 + y**2 - 1)*(x**2 - y**2 + z); (x**2*y + z)**2*(x - y*z**2)**2*(x + 1); x**2 + y**2
x**2*y**2 - 1; x**4 - 2*x**2*y + y**2; (y**2 + 1)*(z - 2)*x**2 + 0*y; (3*x*y - 2*z)*(5*x + 7*y**2*z)*(x + 11); y**2 - z**2; y**4 - 1
(x**2 - 2*y**2)*(x**2 - 3*y**2); (x + y**2 + z**3 + 1)*(x**3 + y**2 + z + 2); x**5 - y**5; z**3 - 8; x**2 - x*y + 6*x - 3*y + 9
(y*x**2 + z*x + 1)*(z*x**2 - y*x + 2); (x**2 + (y + z)**2)*(x*y - z)**2; x**2 - y**3; (x**2 - y**3)*(x**2 + y**3)
"""


def factored(p, gens):
    poly = Poly(p, *gens, domain=ZZ)
    content, factors = poly.factor_list()
    shown = [[terms(g), k] for g, k in factors]
    cases.append({"op": "factor", "variables": len(gens), "f": terms(poly), "content": str(content), "factors": shown})


def texts(table):
    return [sympify(text) for line in table.strip().splitlines() for text in line.split(";")]


for p in texts(univariate):
    factored(p, [x])
    factored(p.subs(x, y), [x, y, z])
for p in texts(multivariate):
    factored(p, [x, y, z])
for _ in range(15):
    factored(randomly([x], 5, 4, 9) * randomly([x], 6, 4, 99) * randomly([x], 2, 2, 5) ** 2, [x])
for _ in range(15):
    factored(randomly([x, y], 3, 4, 9) * randomly([x, y], 2, 3, 9), [x, y])
for _ in range(10):
    factored(randomly([x, y, z], 2, 3, 9) * randomly([x, y, z], 2, 3, 9) * randomly([x, z], 1, 2, 5), [x, y, z])
factored((x + y + z + t + u) ** 2 - 1, [x, y, z, t, u])
factored((x * y - z * t + u) * (x ** 2 + y * z - t * u + 3), [x, y, z, t, u])

for p, gens in [
    (x ** 3 * (x - 1) ** 3 * (x + 2) ** 3 * (x + 3), [x]),
    (-4 * (x ** 2 + 1) ** 2 * (x ** 2 - 1) ** 2 * (x + 5), [x]),
    (x ** 5 - x - 1, [x]),
    ((x + y) ** 2 * (x - y) ** 2 * (x + z), [x, y, z]),
    ((x * y + 1) ** 2 * (x + 1) ** 2 * (z + x) ** 3, [x, y, z]),
    (12 * x ** 2 * (x * y - 1) ** 3, [x, y]),
]:
    poly = Poly(p, *gens, domain=ZZ)
    content, factors = poly.sqf_list()
    shown = [[terms(g), k] for g, k in factors]
    cases.append({"op": "squareFree", "variables": len(gens), "f": terms(poly), "content": str(content), "factors": shown})

# Greatest common divisors.
for gens, degree, count in [([x], 6, 4)] * 6 + [([x, y], 3, 4)] * 6 + [([x, y, z], 2, 4)] * 6 + [([x, y, z, t, u], 1, 5)] * 4:
    common = randomly(gens, degree, count, 9) * random.randint(1, 9)
    f = Poly(expand(common * randomly(gens, degree, count, 9)), *gens, domain=ZZ)
    g = Poly(expand(common * randomly(gens, degree, count, 9)), *gens, domain=ZZ)
    h, left, right = cofactors(f, g)
    cases.append({"op": "gcd", "variables": len(gens), "f": terms(f), "g": terms(g), "gcd": terms(h), "left": terms(left), "right": terms(right), "lcm": terms(lcm(f, g))})

# Powers.
for p, n, gens in [(x + 1, 12, [x]), (2 * x - 3 * y, 7, [x, y]), (x + y + z + 1, 5, [x, y, z]), (x ** 2 - y * z + 3, 4, [x, y, z]), (-x * y, 3, [x, y])]:
    cases.append({"op": "power", "variables": len(gens), "f": terms(Poly(p, *gens)), "n": n, "power": terms(Poly(p ** n, *gens))})

# Resultants and discriminants in the first variable.
for f, g, gens in [
    (4 * x ** 3 + 3 * x ** 2 + 2 * x + 1, 7 * x ** 2 + 6 * x + 5, [x]),
    (7 * x ** 2 + 6 * x + 5, 4 * x ** 3 + 3 * x ** 2 + 2 * x + 1, [x]),
    (x ** 3 - 2, x ** 5 - x - 1, [x]),
    (x ** 2 - 1, x - 1, [x]),
    (sympify(3), x ** 3 + 1, [x]),
    (x ** 3 + 1, sympify(-3), [x]),
    (2 * x ** 4 + x, 3 * x ** 9 - x ** 2 + 5, [x]),
    (x ** 2 + y ** 2 - 1, x * y - 2, [x, y]),
    (x ** 3 * y + z, x ** 2 - y * z, [x, y, z]),
    (x ** 3 + y * x + z, 3 * x ** 2 + y, [x, y, z]),
]:
    # By the determinant: the remainder sequence of SymPy 1.11 has a wrong sign at times.
    m, n = Poly(f, x).degree(), Poly(g, x).degree()
    r = Poly(expand(sylvester(f, g, x).det()) if m * n > 0 else f ** n * g ** m, *gens)
    cases.append({"op": "resultant", "variables": len(gens), "f": terms(Poly(f, *gens)), "g": terms(Poly(g, *gens)), "result": terms(r)})
for f, gens in [(y * x ** 2 + z * x + 1, [x, y, z]), (x ** 3 + y * x + z, [x, y, z]), (x ** 5 - x - 1, [x]), (3 * x - 1, [x]), (4 * x ** 4 - 7 * x + 2, [x]), ((x - 1) ** 2 * (x + 3), [x])]:
    d = Poly(discriminant(f, x), *gens)
    cases.append({"op": "discriminant", "variables": len(gens), "f": terms(Poly(f, *gens)), "result": terms(d)})

# Bezout's identity and partial fractions.
for f, g in [(x ** 4 - 2 * x ** 3 - 6 * x ** 2 + 12 * x + 15, x ** 3 + x ** 2 - 4 * x - 4), (x ** 5 - x - 1, 3 * x ** 2 + 7), (2 * x + 1, 5 * x ** 3 - x), (x ** 2 - 1, x ** 3 - 1), (6 * x ** 3 + 2, 4 * x ** 2 + 1)]:
    s, t_, h = gcdex(Poly(f, x, domain=QQ), Poly(g, x, domain=QQ))
    cases.append({"op": "gcdex", "f": dense(Poly(f, x)), "g": dense(Poly(g, x)), "s": ratio(s), "t": ratio(t_), "gcd": ratio(h)})
for p, factors in [
    (1 + 0 * x, [(x, 1), (x + 1, 1)]),
    (x ** 4 + 1, [(x - 1, 2), (x ** 2 + 1, 2)]),
    (6 * x ** 5 + 5 * x ** 4 + 4 * x ** 3 + 3 * x ** 2 + 2 * x + 1, [(x - 1, 2), (x ** 2 + 1, 1)]),
    (x, [(2 * x - 3, 3), (3 * x ** 2 + x + 5, 2), (x ** 3 - 2, 1)]),
    (x ** 7, [(5 * x + 2, 4)]),
]:
    denominator = 1
    for base, exponent in factors:
        denominator *= base ** exponent
    # Fractions of the same bases, each over Q, by a system of linear equations.
    unknowns = []
    total = 0
    quotient, remainder = Poly(p, x, domain=QQ).div(Poly(denominator, x, domain=QQ))
    for base, exponent in factors:
        for e in range(1, exponent + 1):
            numerator = 0
            for k in range(Poly(base, x).degree()):
                c = symbols(f"c{len(unknowns)}")
                unknowns.append(c)
                numerator += c * x ** k
            total += expand((denominator / base ** e).cancel() * numerator)
    equations = Poly(total - remainder.as_expr(), x).all_coeffs()
    [solution] = linsolve(equations, unknowns)
    values = iter(solution)
    parts = []
    for i, (base, exponent) in enumerate(factors):
        for e in range(1, exponent + 1):
            numerator = sum(next(values) * x ** k for k in range(Poly(base, x).degree()))
            if numerator != 0:
                parts.append({"factor": i, "exponent": e, "numerator": ratio(numerator)})
    shown = [[dense(Poly(base, x)), exponent] for base, exponent in factors]
    cases.append({"op": "partialFractions", "f": dense(Poly(p, x)), "factors": shown, "polynomial": ratio(quotient), "terms": parts})

# Roots.
wilkinson = 1
for k in range(1, 16):
    wilkinson *= x - k
for p, digits in [
    (x ** 2 - 3, 15),
    (x ** 2 - 3, 40),
    (x ** 2 + 1, 15),
    (x ** 5 - x - 1, 15),
    (x ** 5 - x - 1, 50),
    (x ** 4 + x ** 3 + x ** 2 + x + 1, 20),
    (x ** 3 * (x - 1) ** 2 * (x ** 2 + x + 3), 15),
    (10 ** 20 * x ** 4 + x ** 3 + 10 ** 40, 15),
    (wilkinson, 15),
    (x ** 8 - 40 * x ** 6 + 352 * x ** 4 - 960 * x ** 2 + 576, 25),
    (x ** 20 - 2 * (100 * x - 1) ** 2, 15),
    (x ** 6 + 3 * x ** 4 + x ** 3 - 7, 15),
    ((x ** 2 + 2) * (x ** 4 - 5) * (x - 7), 15),
    (x ** 31 - 5 * x ** 7 + 11 * x - 3, 15),
    (3 * x - 1, 15),
]:
    poly = Poly(p, x)
    # The multiple roots of SymPy's are less exact: it takes those of the factors here.
    roots = []
    for g, k in poly.sqf_list()[1]:
        for r in g.nroots(n=digits + 10, maxsteps=500):
            re, im = r.as_real_imag()
            roots += [[str(re.n(digits + 5)), str(im.n(digits + 5))]] * k
    intervals = poly.intervals()
    counts = [[a, b, int(poly.sqf_part().count_roots(a, b))] for a, b in [(-1, 1), (0, 5), (-100, 0), (3, 8)]]
    cases.append({
        "op": "roots",
        "f": dense(poly),
        "digits": digits,
        "roots": roots,
        "real": int(poly.sqf_part().count_roots()),
        "counts": counts,
        "multiplicities": [int(k) for _, k in intervals],
    })

text = ",\n".join(json.dumps(case) for case in cases)
Path(__file__).with_suffix(".json").write_text(f"[\n{text}\n]\n")
print(len(cases), "cases")
