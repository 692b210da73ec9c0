"""Writes assumptions.json: what SymPy makes of input whose symbols have assumptions, and knows of the result.

is_* is true, false or null where SymPy cannot tell.
"""

from common import alone, parse, write

# Symbols and their assumptions, then expressions over them.
CASES = """
x: ; sqrt(x**2) | (x**2)**(1/2) | sqrt(x)**2 | (x**a)**b | sqrt(x*y) | Abs(x) | sign(x) | log(exp(x)) | exp(log(x))
x: ; log(x**2) | Abs(x)**2 | Abs(-x) | sqrt(-x) | x**0 | 0*x | x - x | x/x | 0**x | 1**x | Max(x, x) | (-x)**2
x: positive ; sqrt(x**2) | Abs(x) | sign(x) | exp(log(x)) | log(exp(x)) | (x**a)**b | sqrt(4*x) | sqrt(x**3)
x: positive ; Abs(-2*x) | sign(-x) | Max(x, 0) | Min(x, 0) | Max(-x, 0) | Heaviside(x) | Heaviside(-x) | log(1/x)
x: positive ; sqrt(1/x) | (1/x)**(1/2) | (2*x)**(1/2) | arg(x) | re(x) | im(x) | conjugate(x) | 0**x | oo*x | -oo*x
x: positive ; x > 0 | x >= 0 | x < 0 | Ne(x, 0) | Eq(x, 0) | x + 1 > 0 | Piecewise((x, x > 0), (0, True))
x: positive ; sqrt(x**2) + x
x: positive, y: positive ; sqrt(x*y) | (x*y)**a | sqrt(x)*sqrt(y) | sqrt(x**2*y) | sqrt(x**2*y**2) | (x/y)**a
x: positive, y: positive ; Abs(x*y)
x: positive, y: positive ; sign(x*y) | Abs(x + y) | log(x*y) | log(x/y) | log(x**y) | exp(x*log(y)) | (x**2*y)**(1/3)
x: positive, y: positive ; x*y > 0
x: negative ; sqrt(x**2) | Abs(x) | sign(x) | Max(x, 0) | Heaviside(x) | sqrt(x) | Abs(2*x) | Abs(x**3) | log(-x)
x: negative ; sign(-x)
x: nonnegative ; sqrt(x**2) | Abs(x) | sign(x) | (x**2)**(3/2) | Max(x, 0) | sqrt(x)**2 | x >= 0 | Heaviside(x)
x: nonpositive ; sqrt(x**2) | Abs(x) | Max(x, 0) | x <= 0
x: nonzero ; Abs(x)/x | Eq(x, 0) | sign(x)**2 | x**0 | sqrt(x**2)
x: zero ; x + 1 | x*y | Abs(x) | sign(x) | exp(x)
x: real ; sqrt(x**2) | Abs(x) | sign(x) | Abs(x)**2 | Abs(x)**3 | log(exp(x)) | exp(log(x)) | (x**4)**(1/4)
x: real ; (x**2)**a
x: real ; re(x) | im(x) | conjugate(x) | Abs(exp(x)) | Abs(x**2) | Abs(x**2 + 1) | sqrt(x**4) | (x**6)**(1/2)
x: real ; x**2 >= 0
x: real ; sign(x)**3 | Abs(I*x) | exp(I*x) | Abs(exp(I*x)) | Heaviside(x) | sqrt(x**2 + 2*x + 1) | sqrt((x + 1)**2)
x: real ; Max(x, oo)
x: real, y: real ; Abs(x + I*y) | sqrt(x**2*y**2) | Abs(x*y) | sqrt((x - y)**2) | conjugate(x + I*y) | re(x + I*y)
x: real, y: real ; im(x*y)
x: real, y: positive ; Abs(x*y) | (x*y)**(1/2) | y**x | Abs(y**x) | log(y**x) | (y**x)**a | exp(x*log(y))
x: real, y: positive ; sqrt(y**(2*x))
n: integer ; (-1)**(2*n) | (-1)**(2*n + 1) | (-1)**n | sin(n*pi) | cos(n*pi) | tan(n*pi) | cos(2*n*pi) | exp(2*pi*I*n)
n: integer ; exp(I*pi*n)
n: integer ; floor(n) | ceiling(n) | floor(n + 1/2) | ceiling(n + 1/2) | floor(x + n) | (x**y)**n | (x*y)**n
n: integer ; (x**n)**2 | 2**n*2**n
n: integer ; (-1)**(n + 1)*(-1)**n | log(x**n) | sqrt(x**(2*n)) | Abs(n) | sin(n*pi/2) | sin(x + n*pi)
n: integer ; sin(x + 2*n*pi) | sin(n)
n: even ; (-1)**n | (-x)**n | (-1)**(n + 1) | cos(n*pi) | (-2)**n | Abs(x)**n | n/2
n: odd ; (-1)**n | (-x)**n | cos(n*pi) | sin(n*pi) | (-2)**n
n: integer positive ; (-1)**(2*n) | 0**n | gamma(n) | factorial(n) | Abs(n) | n > 0 | sqrt(n**2) | Max(n, 0) | n >= 1
n: integer nonnegative ; 0**n | Abs(n) | factorial(n)
x: positive, n: integer ; (x**n)**y | sqrt(x**(2*n)) | log(x**n) | (x*y)**n | sqrt(x)**n | x**n*x**(-n)
x: positive, n: integer ; exp(n*log(x))
x: imaginary ; Abs(x) | conjugate(x) | re(x) | im(x) | x**2 | sqrt(x**2)
x: complex ; sqrt(x**2) | Abs(x)**2 | conjugate(conjugate(x)) | re(x)
x: positive integer ; sqrt(x**2) | floor(x/2) | sin(pi*x) | (-1)**(2*x) | log(exp(x))
x: finite ; x - x | 0*x | x + oo
"""

PROPERTIES = ["real", "positive", "negative", "nonnegative", "zero", "integer", "even", "finite", "commutative"]


def assumptions_of(text):
    """{"x": ["positive"], "n": ["integer"]} of "x: positive, n: integer"."""
    pairs = (part.split(":") for part in text.split(", "))
    return {name: words.split() for name, words in pairs if words.split()}


cases = []
for line in CASES.strip().splitlines():
    declared, expressions = line.split(" ; ")
    symbols = assumptions_of(declared)
    for text in expressions.split(" | "):
        with alone(line):
            expr = parse(text, symbols)
            known = {f"is_{name}": getattr(expr, f"is_{name}", None) for name in PROPERTIES}
            cases.append({"input": text, "symbols": symbols, "str": str(expr), **known})
write(__file__, cases)
